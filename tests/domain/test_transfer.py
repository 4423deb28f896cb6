"""What goes over when a partner is bought by another one, and what stays (service/decisions/0009)."""

from datetime import date

from domain.account.notices import notices_of
from domain.account.priority import protection
from domain.conflict_case.events import CaseBecameMoot
from domain.deal_registration.aggregate import (
    ApproveRegistration,
    ReturnRegistration,
    StateRoles,
    WithdrawRegistration,
)
from domain.deal_registration.events import RegistrationPromoted
from domain.deal_registration.involvement import PartnerRole
from domain.deal_registration.transfer_events import (
    PartTransferred,
    RegistrationTransferred,
)
from domain.ids import PartnerId, Product
from domain.partner.events import Agreement
from tests.domain.scenario import Scenario, refused


def partner(story: Scenario, name: str) -> str:
    """Whose a registration is."""
    return story.registration(name).partner


def test_what_is_alive_goes_over_with_its_place_and_protection() -> None:
    """First, waiting, returned: each stands where it stood, and its partner is told (§3.1)."""
    story = Scenario()
    story.register("A")
    story.register("B", "edge", "core")
    story.register("A", "core")
    before, until = story.places(), story.protected_until("A")
    story.later(days=3)
    story.acquire("A", "E")
    assert [type(event) for event in story.happened] == [RegistrationTransferred, RegistrationTransferred]
    assert (story.places(), story.protected_until("A")) == (before, until)
    assert (partner(story, "A"), partner(story, "A2"), partner(story, "B")) == ("E", "E", "B")
    assert story.shares("A") == {"E": 10_000}
    assert story.case("B").is_undecided
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", "2026-02-23T12:00Z", "transferred"),
        ("A", "2026-02-23T12:00Z", None, None),
    ]
    assert [holding.partner for holding in story.account.holdings[Product("edge")]] == ["A", "E"]
    (notice,) = notices_of(story.account, story.history[-2])
    assert (notice.partner, notice.kind, notice.until) == ("E", "transferred", protection(story.registration("A"))[1])  # type: ignore[index]
    with refused("PARTNER_NOT_ACTIVE"):
        story.register("A", "other")
    with refused("ALREADY_REGISTERED"):
        story.register("E")


def test_what_is_under_review_or_returned_goes_on_in_the_buyers_hands() -> None:
    """The buyer is approved, or answers."""
    story = Scenario(approval="manual")
    story.register("A")
    story.register("A", "core")
    story.decide("A2", ReturnRegistration(reason="unclear", fields=("value",)))
    story.acquire("A", "E")
    assert (story.status("A"), story.status("A2")) == ("under_review", "returned")
    story.decide("A", ApproveRegistration())
    assert story.status("A") == "approved"


def test_what_is_over_or_won_stays() -> None:
    """And credits whom it credited."""
    story = Scenario()
    story.register("A")
    story.register("A", "core")
    story.register("A", "data")
    story.won("A")
    story.decide("A2", WithdrawRegistration(reason="no more"))
    story.lost("A3")
    story.acquire("A", "E")
    assert story.happened == ()
    assert [partner(story, name) for name in ("A", "A2", "A3")] == ["A", "A", "A"]
    assert story.credited("A") == ("A",)


def test_what_comes_back_to_life_goes_over_then() -> None:
    """A deal that is open again, or lost no longer, is worked on by the buyer; the next win is the buyer's."""
    story = Scenario()
    story.register("A")
    story.register("B", "core")
    story.register("A", "core")
    story.won("A")
    story.acquire("A", "E")
    story.acquire("E", "D")
    assert partner(story, "A2") == "D"
    story.later(days=1)
    story.reopened("A")
    assert (partner(story, "A"), story.status("A")) == ("D", "approved")
    assert [e.to for e in story.happened if isinstance(e, RegistrationTransferred)] == ["E", "D"]
    story.later(days=1)
    story.won("A")
    assert story.credited("A") == ("D",)


def test_acquisitions_are_caught_up_with_in_the_order_in_which_they_were() -> None:
    """A win between the two credits the one that was bought later, and the buyer of the one that was bought first."""
    story = Scenario()
    story.register("A", shares={"A": 6_000, "B": 4_000}, engagement="co_sell")
    story.won("A")
    story.later(days=1)
    story.acquire("B", "C")
    story.later(days=2)
    story.acquire("A", "E")
    story.later(days=1)
    story.reopened("A", occurred="2026-02-21T18:00")
    assert [type(e) for e in story.happened[1:]] == [PartTransferred, RegistrationTransferred]
    assert story.shares("A") == {"E": 6_000, "C": 4_000}
    story.won("A", occurred="2026-02-22T12:00")
    outcome = story.outcome("A")
    assert outcome is not None
    assert outcome.partners == ("A", "C")


def test_a_deal_taken_away_comes_back_to_life_too() -> None:
    """Staff links a won deal elsewhere: the claim that it had settled is alive again."""
    story = Scenario()
    story.register("A")
    story.register("B", "core")
    story.won("A")
    story.acquire("A", "E")
    story.relink("A", "B")
    assert partner(story, "A") == "E"


def test_a_decision_that_brings_a_claim_back_hands_it_over() -> None:
    """Found to be an opportunity of its own, after a win of another."""
    story = Scenario()
    story.register("B")
    story.register("A")
    story.won("B")
    story.acquire("A", "E")
    assert partner(story, "A") == "A"
    story.settle(story.case("A"), "distinct")
    assert (partner(story, "A"), story.status("A")) == ("E", "approved")


def test_a_win_credits_who_held_when_it_happened() -> None:
    """Of before the transfer, told later: the bought partner; of since then: the buyer. Neither is contested (§5)."""
    story = Scenario()
    story.register("A")
    story.register("A", "core")
    story.later(days=2)
    story.acquire("A", "E")
    story.later(days=1)
    story.won("A", occurred="2026-02-21T12:00")
    story.won("A2")
    assert (story.credited("A"), story.credited("A2")) == (("A",), ("E",))
    assert story.credit("A").line == "line_A_A"
    assert story.cases() == []
    outcome = story.outcome("A")
    assert outcome is not None
    assert [(one.partner, one.how) for one in outcome.attributions] == [("A", "sourced")]


def test_a_win_of_before_anybody_held_is_the_holders_when_it_was_recorded() -> None:
    """As without a transfer (§5)."""
    story = Scenario()
    story.register("A")
    story.later(days=2)
    story.acquire("A", "E")
    story.won("A", occurred="2026-02-19T12:00", on="2026-02-20")
    assert story.credited("A") == ("E",)


def test_shares_and_roles_in_anothers_registration_go_over() -> None:
    """Added to what the buyer has there already; before the transfer they were the bought partner's."""
    story = Scenario()
    story.register("C", shares={"C": 5_000, "A": 3_000, "E": 2_000}, engagement="co_sell")
    roles = (
        PartnerRole(partner=PartnerId("A"), role="delivery"),
        PartnerRole(partner=PartnerId("E"), role="delivery"),
        PartnerRole(partner=PartnerId("B"), role="source"),
    )
    story.decide("C", StateRoles(roles=roles))
    story.later(days=1)
    story.acquire("A", "E")
    assert [type(event) for event in story.happened] == [PartTransferred]
    assert (partner(story, "C"), story.shares("C")) == ("C", {"C": 5_000, "E": 5_000})
    assert [(r.partner, r.role) for r in story.registration("C").roles] == [("E", "delivery"), ("B", "source")]
    assert notices_of(story.account, story.history[-1]) == ()
    story.won("C", occurred="2026-02-20T13:00")
    outcome = story.outcome("C")
    assert outcome is not None
    assert outcome.partners == ("C", "A", "E")
    assert story.timeline() == [("C", "2026-02-20T12:00Z", "2026-02-21T12:00Z", "won")]


def test_the_buyer_never_stands_against_itself() -> None:
    """Both claims stay where they are; the case is moot, and opens anew once somebody else is ahead."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.register("E")
    before = story.places()
    story.acquire("A", "E")
    moot = [event for event in story.happened if isinstance(event, CaseBecameMoot)]
    assert [(event.case, event.because) for event in moot] == [(story.case("E").id, "same_partner")]
    assert (story.places(), story.queue()) == (before, ["A", "B", "E"])
    assert story.case("B").is_undecided
    story.catch_up()
    assert story.happened == ()
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert (story.holder(), story.case("E").is_undecided) == ("B", True)


def test_what_a_win_settled_between_two_of_one_partner_is_no_clash_with_its_buyer() -> None:
    """The won one stays the bought partner's and waits behind what went over: nobody asks whose the win is."""
    story = Scenario()
    story.register("A", "edge", "core")
    story.register("B")
    story.acquire("B", "A")
    story.won("B")
    cases = story.cases()
    story.later(days=1)
    story.acquire("A", "E")
    assert (partner(story, "A"), partner(story, "B")) == ("E", "A")
    story.acquire("E", "D")
    assert story.cases() == cases
    assert story.credited("B") == ("A",)


def test_a_hold_that_changed_between_two_of_the_buyers_registrations_is_no_clash() -> None:
    """The win happened while the one held and is told while the other does."""
    story = Scenario(protection_days=5)
    story.register("A")
    story.register("E")
    story.later(days=6)
    story.catch_up()
    story.acquire("A", "E")
    story.won("E", occurred="2026-02-21T12:00")
    assert story.credited("E") == ("A", "HOLDER_CHANGED")
    story = Scenario(protection_days=5)
    story.register("A")
    story.register("E")
    story.later(days=3)
    story.acquire("A", "E")
    story.later(days=3)
    story.catch_up()
    story.won("E", occurred="2026-02-24T12:00")
    assert story.credited("E") == ("E",)


def test_a_claim_that_was_skipped_with_its_partner_is_first_from_the_transfer_on() -> None:
    """Not from when the place became free: it was suspended then (§3.6)."""
    story = Scenario()
    story.register("B")
    story.register("A")
    story.suspend("A")
    story.decide("B", WithdrawRegistration(reason="no more"))
    story.later(days=2)
    story.acquire("A", "E")
    assert [event.at for event in story.happened if isinstance(event, RegistrationPromoted)] == [story.now]
    assert story.partners[PartnerId("A")].lines_are_held


def test_who_may_buy_whom() -> None:
    """Another active partner with an agreement in force; once."""
    story = Scenario()
    ended = Agreement(products=("*",), territories=("*",), effective_from=date(2020, 1, 1), ends_on=date(2026, 1, 1))
    story.enrol("Z", ended)
    with refused("MALFORMED"):
        story.acquire("A", "A")
    with refused("OUTSIDE_AGREEMENT"):
        story.acquire("A", "Z")
    story.suspend("B")
    with refused("PARTNER_NOT_ACTIVE"):
        story.acquire("A", "B")
    story.terminate("C")
    with refused("WRONG_STATE"):
        story.acquire("C", "D")
    with refused("TOO_MUCH_TO_TRANSFER"):
        story.acquire("A", "D", goes_over=100_001)
    story.acquire("A", "D", goes_over=100_000)
    last = story.position
    story.acquire("A", "D")
    assert story.position == last
    with refused("WRONG_STATE"):
        story.acquire("A", "E")
    assert story.partners[PartnerId("A")].acquired_by == "D"
