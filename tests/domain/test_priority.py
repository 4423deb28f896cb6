"""Who is first, who waits, and who comes next (rules §3; situations)."""

from domain.account.priority import is_live_registration, standing
from domain.conflict_case.events import CaseBecameMoot, CaseIdentified
from domain.deal_registration.aggregate import ApproveRegistration, RejectRegistration, WithdrawRegistration
from domain.deal_registration.events import (
    ClaimEnded,
    DealRegistered,
    ProtectionExpired,
    RegistrationApproved,
    RegistrationPromoted,
)
from domain.ids import RegistrationId
from tests.domain.scenario import Scenario, refused


def test_the_first_registration_holds_and_the_second_waits_with_a_case() -> None:
    """B is accepted and waits, never silently dropped; the case opens in the same transaction (situations)."""
    story = Scenario(approval="manual")
    story.register("A")
    story.later(seconds=1)
    story.register("B")
    assert [type(event) for event in story.happened] == [DealRegistered, CaseIdentified]
    assert story.queue() == ["A", "B"]
    assert (story.status("A"), story.status("B")) == ("under_review", "waiting")
    case = story.case("B")
    assert (case.kind, case.challenger, case.holder, case.status) == ("same_account", "B", "A", "identified")
    with refused("NOT_FIRST"):
        story.decide("B", ApproveRegistration())
    story.decide("A", RejectRegistration(reason="not a lead"))
    assert story.holder() == "B"
    assert (story.status("A"), story.status("B")) == ("rejected", "under_review")
    assert story.case_now(case).status == "moot"


def test_a_first_registration_is_approved_by_itself_and_protected_from_then() -> None:
    """`approval = automatic` (default) when the claim is first and every policy passes."""
    story = Scenario()
    story.register("A")
    assert [type(event) for event in story.happened] == [DealRegistered, RegistrationApproved]
    assert story.status("A") == "approved"
    assert story.protected_until("A") == "2026-03-22T12:00Z"


def test_registrations_of_one_instant_are_ordered_by_position_and_their_case_is_marked() -> None:
    """Within five seconds they are near-simultaneous, for the people who decide (§3.11)."""
    story = Scenario()
    story.register("A")
    story.register("B")
    assert story.queue() == ["A", "B"]
    assert story.case("B").near_simultaneous
    story.later(seconds=5)
    story.register("C")
    assert story.case("C").near_simultaneous
    story.later(microseconds=1)
    story.register("D")
    assert not story.case("D").near_simultaneous


def test_a_rival_at_the_exact_end_of_protection_is_first() -> None:
    """A ends at 16:00:00Z; B registering at exactly 16:00:00Z is first (§3.7)."""
    story = Scenario(zone="America/New_York", now="2026-02-20T12:00")
    story.register("A")
    story.at("2026-03-22T16:00:00Z")
    story.register("B")
    assert [type(event) for event in story.happened] == [ProtectionExpired, DealRegistered, RegistrationApproved]
    assert (story.holder(), story.status("A")) == ("B", "expired")


def test_a_rival_a_microsecond_before_the_end_waits() -> None:
    """C at 15:59:59.999999Z waits, and is the holder at 16:00:00Z (§3.7, §3.6)."""
    story = Scenario(zone="America/New_York", now="2026-02-20T12:00")
    story.register("A")
    story.at("2026-03-22T15:59:59.999999Z")
    story.register("C")
    assert (story.holder(), story.status("C")) == ("A", "waiting")
    story.later(microseconds=1)
    story.catch_up()
    assert (story.holder(), story.status("C")) == ("C", "approved")


def test_expiry_needs_no_timer() -> None:
    """What fell due is true when somebody decides, whether or not it was written (§2)."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.later(days=40)
    story.register("C")
    assert story.queue() == ["B", "C"]
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", "2026-03-22T12:00Z", "expired"),
        ("B", "2026-03-22T12:00Z", None, None),
    ]
    assert story.protected_until("B") == "2026-04-21T12:00Z"


def test_everybody_in_line_is_promoted_at_the_instant_that_made_room() -> None:
    """Protections that ran out one after another unseen are written one after another, each at its instant (§3.6)."""
    story = Scenario(protection_days=10)
    for partner in "ABC":
        story.register(partner)
    story.later(days=25)
    story.catch_up()
    assert [type(event) for event in story.happened] == [
        ProtectionExpired,
        RegistrationPromoted,
        ProtectionExpired,
        RegistrationPromoted,
        CaseBecameMoot,
        CaseBecameMoot,
    ]
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", "2026-03-02T12:00Z", "expired"),
        ("B", "2026-03-02T12:00Z", "2026-03-12T12:00Z", "expired"),
        ("C", "2026-03-12T12:00Z", None, None),
    ]


def test_a_promotion_takes_its_days_from_the_terms_in_force_at_its_instant() -> None:
    """Fresh protection: days of the terms in force then, not of those published since (§3.6)."""
    story = Scenario(protection_days=10)
    story.register("A")
    story.register("B")
    story.later(days=15)
    story.publish(effective_from="2026-02-20", protection_days=60)
    story.catch_up()
    assert story.protected_until("B") == "2026-03-12T12:00Z"
    story.register("C")
    story.decide("B", WithdrawRegistration(reason="no more"))
    assert story.protected_until("C") == "2026-05-06T12:00Z"


def test_a_promotion_under_manual_approval_is_under_review_and_unprotected_until_approved() -> None:
    """It is not tested again for capacity or value; protection starts with its approval (§3.6)."""
    story = Scenario(approval="manual")
    story.register("A")
    story.register("B")
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert (story.status("B"), story.protected_until("B")) == ("under_review", None)
    story.later(days=3)
    story.decide("B", ApproveRegistration())
    assert story.protected_until("B") == "2026-03-25T12:00Z"


def test_a_suspended_partner_is_skipped_and_keeps_its_place() -> None:
    """The first waiting claim whose partner is active becomes the holder (§3.6)."""
    story = Scenario()
    for partner in "ABC":
        story.register(partner)
    story.suspend("B")
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert story.queue() == ["C", "B"]
    assert (story.status("B"), story.status("C")) == ("waiting", "approved")
    assert story.case("B").status == "identified"
    story.reinstate("B")
    assert story.holder() == "C"
    story.decide("C", WithdrawRegistration(reason="no more"))
    assert story.holder() == "B"


def test_a_reinstated_partner_fills_a_vacancy_at_that_instant() -> None:
    """Nobody else waited: the claim that kept its place becomes the holder when its partner is active again."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.suspend("B")
    story.later(days=35)
    story.catch_up()
    assert (story.holder(), story.queue()) == (None, ["B"])
    story.reinstate("B")
    assert story.timeline()[-1] == ("B", "2026-03-27T12:00Z", None, None)


def test_whoever_registers_in_a_vacancy_is_first_while_a_suspended_claim_keeps_its_place() -> None:
    """The newcomer holds, as the first whose partner is active; the skipped claim's case goes on against it."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.suspend("B")
    story.later(days=35)
    story.register("C")
    assert story.queue() == ["C", "B"]
    assert len(story.cases()) == 1 and story.case("B").status == "identified"


def test_a_holder_that_registers_again_after_its_protection_goes_behind_whoever_waited() -> None:
    """§3.8, and against squatting (situations): who waits is promoted before the renewal is considered."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.later(days=30)
    story.register("A")
    assert story.queue() == ["B", "A2"]
    assert story.case("A2").holder == "B"


def test_a_clash_on_one_product_is_a_clash_on_that_product_only() -> None:
    """The rest is granted: approved when first for at least one of them; its standing says which (§3.3)."""
    story = Scenario()
    story.register("A", "edge")
    story.register("B", "edge", "core")
    assert story.status("B") == "approved"
    assert [(s.product, s.rank, s.is_holder) for s in standing(story.account, RegistrationId("B"))] == [
        ("edge", 2, False),
        ("core", 1, True),
    ]
    assert [(case.challenger, case.product) for case in story.cases()] == [("B", "edge")]
    story.register("C", "mesh")
    assert story.status("C") == "approved" and len(story.cases()) == 1


def test_products_with_different_holders_are_promoted_apart() -> None:
    """A queue is about one account and one product."""
    story = Scenario()
    story.register("A", "edge")
    story.register("B", "core")
    story.register("C", "edge", "core")
    assert [case.product for case in story.cases()] == ["edge", "core"]
    story.decide("B", WithdrawRegistration(reason="no more"))
    assert (story.holder("edge"), story.holder("core")) == ("A", "C")
    assert [case.status for case in story.cases()] == ["identified", "moot"]
    assert story.status("C") == "approved"


def test_a_case_is_moot_when_its_challengers_claim_ends() -> None:
    """§3.6; the others' cases go on."""
    story = Scenario()
    for partner in "ABC":
        story.register(partner)
    story.decide("B", WithdrawRegistration(reason="no more"))
    assert [case.status for case in story.cases()] == ["moot", "identified"]
    assert story.queue() == ["A", "C"]


def test_the_case_of_whoever_still_waits_goes_on_against_the_new_holder() -> None:
    """Only the promoted claim's own case is moot (§3.6)."""
    story = Scenario()
    for partner in "ABC":
        story.register(partner)
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert [(case.challenger, case.status) for case in story.cases()] == [("B", "moot"), ("C", "identified")]
    story.settle(story.case("C"), "uphold")
    decision = story.case("C").decision
    assert decision is not None and decision.against == "B"


def test_a_terminated_partners_protection_runs_out_and_its_unprotected_claims_end() -> None:
    """§8: nothing new, and what was protected stays so until its own end."""
    story = Scenario()
    story.register("A", "edge")
    story.register("B", "edge", "core")
    story.register("C", "edge")
    story.terminate("B", last_day="2026-02-25")
    assert story.queue() == ["A", "B", "C"]
    story.later(days=10)
    story.catch_up()
    assert [type(event) for event in story.happened] == [ClaimEnded, CaseBecameMoot]
    assert (story.queue("edge"), story.queue("core")) == (["A", "C"], ["B"])
    assert story.status("B") == "approved"
    story.later(days=20)
    story.catch_up()
    assert (story.holder("core"), story.status("B")) == (None, "expired")


def test_a_terminated_partners_claims_under_review_end_at_once() -> None:
    """Terminated without a last day: the end is now; the status says withdrawn."""
    story = Scenario(approval="manual")
    story.register("A")
    story.register("B")
    story.terminate("A")
    assert (story.status("A"), story.holder()) == ("withdrawn", "B")
    with refused("PARTNER_NOT_ACTIVE"):
        story.register("A")


def test_all_claims_of_a_partner_terminated_for_fraud_end() -> None:
    """§8, situations: void from the instant of termination; whoever waits is promoted then."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.later(days=3)
    story.terminate("A", cause="fraud")
    assert (story.status("A"), story.status("B")) == ("rejected", "approved")
    assert story.timeline()[0] == ("A", "2026-02-20T12:00Z", "2026-02-23T12:00Z", "fraud")


def test_a_termination_never_reaches_back() -> None:
    """A last day in the past ends the claims when the service learns of it, not before."""
    story = Scenario(approval="manual")
    story.register("A")
    story.register("B")
    story.later(days=10)
    story.terminate("A", last_day="2026-02-21")
    assert story.timeline()[0] == ("A", "2026-02-20T12:00Z", "2026-03-02T12:00Z", "partner_terminated")


def test_a_partner_that_has_left_is_not_promoted() -> None:
    """The claims of one that leaves are ended at that instant; one that is still there may be promoted before."""
    story = Scenario()
    for partner in "ABC":
        story.register(partner)
    story.terminate("B", last_day="2026-03-21")
    story.later(days=40)
    story.catch_up()
    assert story.timeline()[1] == ("C", "2026-03-22T12:00Z", None, None)
    assert story.status("B") == "withdrawn"


def test_a_registration_is_live_while_one_of_its_claims_is() -> None:
    """Capacity counts under review, returned, waiting and approved (§3)."""
    story = Scenario()
    story.register("A")
    assert is_live_registration(story.registration("A"))
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert not is_live_registration(story.registration("A"))


def test_what_is_over_has_no_rank_and_no_protection() -> None:
    """Its standing says so, product by product; whoever waited for it is first."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.decide("A", WithdrawRegistration(reason="no more"))
    ended = [
        [(place.rank, place.is_holder, place.protection) for place in standing(story.account, RegistrationId(name))]
        for name in ("A", "B")
    ]
    assert ended[0] == [(None, False, None)]
    assert [place[:2] for place in ended[1]] == [(1, True)]
