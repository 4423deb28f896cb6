"""Who is credited for a won deal, and why a credit is held (rules §5; situations)."""

from datetime import date

import pytest

from domain.commission.credit import reviews_of
from domain.deal_registration.aggregate import ApproveRegistration, ExtendProtection, WithdrawRegistration
from domain.money import Money
from tests.domain.scenario import Scenario, refused, usd

WITHDRAW = WithdrawRegistration(reason="no more")


def queue_of(*partners: str, **settings: object) -> Scenario:
    """The partners register one after another, all on 20 February at noon."""
    story = Scenario(**settings)  # type: ignore[arg-type]  # each test names real settings
    for partner in partners:
        story.register(partner)
    return story


# the holder


def test_the_holder_is_credited_with_the_whole_deal() -> None:
    """Value as registered until the CRM states one; the day of the win, the place of the registration."""
    story = queue_of("A")
    assert story.outcome("A") is None
    story.later(days=3)
    story.won("A")
    credit = story.credit("A")
    assert (credit.partner, credit.lead, credit.value, credit.held_because) == ("A", "A", usd(1_000), ())
    assert (credit.won_on, credit.place) == (date(2026, 2, 23), story.registration("A").place)
    assert credit.evidence == (7, 8, 9)
    outcome = story.outcome("A")
    assert outcome is not None and outcome.partners == ("A",)


def test_every_share_is_a_credit() -> None:
    """As agreed at the win, with the registration's partner as lead."""
    story = Scenario()
    story.register("A", shares={"B": 4_000, "A": 6_000})
    story.won("A")
    outcome = story.outcome("A")
    assert outcome is not None and outcome.partners == ("B", "A")
    assert [(c.partner, c.lead) for c in outcome.credits] == [("B", "A"), ("A", "A")]


def test_the_name_of_a_line_tells_who_registered_the_deal_to_nobody_else() -> None:
    """It is the registration's own to its partner; to others it leads nowhere, and stays the same."""
    story = Scenario()
    story.register("A", shares={"B": 4_000, "A": 6_000})
    story.won("A")
    outcome = story.outcome("A")
    assert outcome is not None
    of_b, of_a = (credit.line for credit in outcome.credits)
    assert of_a == "line_A_A"
    assert of_b.startswith("line_") and of_b.endswith("_B") and "_A_" not in of_b
    assert len(of_b) == len("line_") + 24 + len("_B")


def test_a_win_is_credited_to_the_holder_at_its_instant_though_protection_has_ended_since() -> None:
    """Not by when it arrives: `occurred_at` (§5)."""
    story = queue_of("A")
    story.later(days=31)
    story.won("A", occurred="2026-03-22T11:59:59.999999")
    assert story.credited("A") == ("A",)


def test_a_win_told_after_the_next_one_was_promoted_is_held_for_review() -> None:
    """The holders at `occurred_at` and at `recorded_at` are two partners: the first one's line, held; a case opens."""
    story = queue_of("A", "B")
    story.later(days=31)
    story.won("A", occurred="2026-03-20T12:00")
    assert story.credited("A") == ("A", "HOLDER_CHANGED")
    case = story.review("A")
    assert (case.kind, case.holder, case.because) == ("holder_changed", "B", "HOLDER_CHANGED")


@pytest.mark.parametrize(("outcome", "credited"), [("uphold", ("A",)), ("reassign", ("B",)), ("void", None)])
def test_a_changed_holder_is_decided(outcome: str, credited: tuple[str, ...] | None) -> None:
    """Released to the first, moved to the other with its `won_on`, or credited to nobody."""
    story = queue_of("A", "B")
    story.later(days=31)
    story.won("A", occurred="2026-03-20T12:00")
    story.settle(story.review("A"), outcome)  # type: ignore[arg-type]  # one of its literals
    assert story.credited("A") == credited
    if credited:
        assert story.credit("A").won_on == date(2026, 3, 20)


def test_a_changed_holder_of_the_newcomers_deal_names_the_old_holder() -> None:
    """B's deal was won while A still held: A's line, held; B would be credited by a decision."""
    story = queue_of("A", "B")
    story.later(days=31)
    story.won("B", occurred="2026-03-20T12:00")
    assert story.credited("B") == ("A", "HOLDER_CHANGED")
    case = story.review("B")
    assert (case.challenger, case.holder) == ("B", "A")
    story.settle(case, "reassign")
    assert story.credited("B") == ("B",)


def test_a_backdated_win_from_before_anybody_held_goes_to_the_holder_at_recording() -> None:
    """If nobody held then, the holder at `recorded_at` (§5); and it was won before it was registered."""
    story = queue_of("A")
    story.later(days=1)
    story.won("A", occurred="2026-02-19T12:00")
    assert story.credited("A") == ("A", "WON_BEFORE_REGISTERED")


def test_a_promoted_claim_is_credited() -> None:
    """Its own protection, its own win."""
    story = queue_of("A", "B")
    story.later(days=31)
    story.won("B")
    assert story.credited("B") == ("B",)


def test_a_win_of_a_lapsed_registration_is_the_present_holders() -> None:
    """Credited is the holder, whoever's registration the deal leads to."""
    story = queue_of("A", "B")
    story.later(days=31)
    story.won("A")
    assert story.credited("A") == ("B",)


# a waiting registration's win


def test_the_win_of_a_waiting_registration_makes_a_line_for_the_holder_held_until_the_case_is_decided() -> None:
    """`CONFLICT_OPEN`, whether or not somebody investigates (§5)."""
    story = queue_of("A", "B")
    story.won("B", on="2026-02-20")
    assert story.credited("B") == ("A", "CONFLICT_OPEN")
    assert story.credit("B").place == story.registration("A").place
    assert (story.status("A"), story.status("B")) == ("approved", "won")


@pytest.mark.parametrize(("outcome", "credited"), [("uphold", ("A",)), ("reassign", ("B",)), ("void", None)])
def test_the_case_of_a_waiting_winner_is_decided(outcome: str, credited: tuple[str, ...] | None) -> None:
    """After a win a decision moves or ends the credit (§4)."""
    story = queue_of("A", "B")
    story.won("B")
    story.settle(story.case("B"), outcome)  # type: ignore[arg-type]  # one of its literals
    assert story.credited("B") == credited
    assert story.status("B") == ("rejected" if outcome == "uphold" else "won")


def test_an_upheld_holder_keeps_the_credit_when_the_win_is_said_again() -> None:
    """What a case ended after the win was not taken back by the partner or the vendor."""
    story = queue_of("A", "B")
    story.won("B")
    story.settle(story.case("B"), "uphold")
    story.later(days=1)
    story.won("B", on="2026-02-21")
    assert story.credited("B") == ("A",)
    story.reopened("B")
    story.won("B")
    assert story.credited("B") == ("A",)


def test_a_claim_that_was_rejected_before_its_win_credits_nobody() -> None:
    """Decided first, won then (§5)."""
    story = queue_of("A", "B")
    story.settle(story.case("B"), "uphold")
    story.won("B")
    assert story.credited("B") is None
    assert story.holder() == "A"


def test_a_decision_after_a_win_is_about_every_deal_of_that_sale() -> None:
    """Both deals were won; the challenger goes first in both. The other challenger's case goes on."""
    story = queue_of("A", "B", "C")
    story.won("A")
    story.won("B")
    story.settle(story.case("B"), "reassign")
    assert (story.credited("A"), story.credited("B")) == (("B",), ("B",))
    story.settle(story.case("C"), "reassign")
    assert (story.credited("A"), story.credited("B")) == (("C",), ("C",))


# contested holders


def test_a_holders_win_is_held_once_its_case_is_investigated() -> None:
    """So that nobody can freeze another's pay by registering behind it (§4, `hold_contested`)."""
    story = queue_of("A", "B")
    story.won("A")
    assert story.credited("A") == ("A",)
    story.investigate(story.case("B"))
    assert story.credited("A") == ("A", "CONFLICT_OPEN")
    story.settle(story.case("B"), "uphold")
    assert story.credited("A") == ("A",)


def test_every_win_with_an_open_case_is_held_where_the_terms_say_so() -> None:
    """`hold_contested = open`, by the terms of the win."""
    story = queue_of("A", "B")
    story.publish(hold_contested="open")
    story.won("A")
    assert story.credited("A") == ("A", "CONFLICT_OPEN")
    story.publish(hold_contested="investigated")
    assert story.credited("A") == ("A", "CONFLICT_OPEN")


@pytest.mark.parametrize(("outcome", "credited"), [("uphold", ("A",)), ("reassign", ("B",)), ("void", None)])
def test_a_contested_win_is_decided(outcome: str, credited: tuple[str, ...] | None) -> None:
    """§4."""
    story = queue_of("A", "B")
    story.won("A")
    story.settle(story.case("B"), outcome)  # type: ignore[arg-type]  # one of its literals
    assert story.credited("A") == credited


def test_a_case_about_another_opportunity_holds_nothing() -> None:
    """It is about the next sale."""
    story = queue_of("A")
    story.won("A")
    story.register("C")
    story.register("D")
    story.investigate(story.case("D"))
    assert story.credited("A") == ("A",)


def test_a_reassignment_before_the_win_credits_the_challenger() -> None:
    """It holds when the deal is won."""
    story = queue_of("A", "B")
    story.settle(story.case("B"), "reassign")
    story.won("B")
    assert story.credited("B") == ("B",)
    story.won("A")
    assert story.credited("A") == ("B",)


# several products


def test_several_products_are_credited_whole_when_one_of_them_is_held() -> None:
    """While another partner holds one of the others, the line is held (§5)."""
    story = Scenario()
    story.register("A", "edge")
    story.register("B", "edge", "core")
    story.won("B")
    assert story.credited("B") == ("B", "CONFLICT_OPEN")
    story.settle(story.case("B"), "uphold")
    assert story.credited("B") == ("B",)
    assert story.credit("B").products == ("edge", "core")


def test_a_product_that_has_run_out_and_is_another_partners_holds_the_line() -> None:
    """There is no open case about it, so one is opened with the win."""
    story = Scenario(protection_days=10)
    story.register("C", "core")
    story.later(days=5)
    story.register("A", "edge", "core")
    story.register("B", "edge")
    story.later(days=11)
    story.catch_up()
    assert (story.holder("edge"), story.holder("core")) == ("B", "A")
    story.won("A")
    assert story.credited("A") == ("A", "HOLDER_CHANGED")
    assert story.review("A").holder == "B"
    story.settle(story.review("A"), "uphold")
    assert story.credited("A") == ("A",)


def test_a_product_that_ran_out_and_is_nobodys_holds_nothing() -> None:
    """Or one's own."""
    story = Scenario(protection_days=10)
    story.register("C", "core")
    story.later(days=5)
    story.register("A", "edge", "core")
    story.later(days=11)
    story.won("A")
    assert story.credited("A") == ("A",)


# after protection


def test_an_unclaimed_account_is_credited_to_its_latest_holder_for_ninety_days() -> None:
    """`credit_after_expiry = unclaimed`, `credit_after_expiry_days` (90) after the end; later it is held for review."""
    for days, credited in ((119, ("A",)), (120, ("A",)), (121, ("A", "AFTER_EXPIRY"))):
        story = queue_of("A")
        story.later(days=days)
        story.won("A")
        assert story.credited("A") == credited


def test_the_latest_holder_is_credited_whosever_deal_it_was() -> None:
    """A lapsed, B was promoted and lapsed: B held last."""
    story = queue_of("A", "B")
    story.later(days=70)
    story.won("A")
    assert story.credited("A") == ("B",)


def test_a_claim_that_is_live_without_holding_makes_it_no_longer_unclaimed() -> None:
    """A suspended partner waits: a person decides."""
    story = queue_of("A", "B")
    story.suspend("B")
    story.later(days=40)
    story.won("A")
    assert story.credited("A") == ("A", "AFTER_EXPIRY")


def test_what_was_live_at_the_win_counts_though_it_ended_since() -> None:
    """The win is judged as it was recorded."""
    story = queue_of("A", "B")
    story.suspend("B")
    story.later(days=40)
    story.won("A")
    story.decide("B", WITHDRAW)
    assert story.credited("A") == ("A", "AFTER_EXPIRY")


def test_claims_of_a_queue_that_was_won_before_are_no_live_claims() -> None:
    """Nobody claims the account any more: the winner held last. Another opportunity's claims are not about it."""
    story = queue_of("A", "B", protection_days=10)
    story.later(days=12)
    story.won("B")
    story.later(days=1)
    story.register("C")
    story.later(days=12)
    story.won("A")
    assert story.credited("A") == ("B",)


def test_of_holders_that_ended_together_the_deals_own_registration_is_the_latest() -> None:
    """Its partner is suspended, so that it was not promoted on the other product."""
    story = Scenario()
    story.register("C", "core")
    story.register("A", "core", "edge")
    story.suspend("A")
    story.later(days=40)
    story.won("A")
    assert story.credited("A") == ("A", "CONFLICT_OPEN", "AFTER_EXPIRY")


def test_after_expiry_may_always_be_reviewed_or_never_be_credited() -> None:
    """`credit_after_expiry = review | never`."""
    for setting, credited in (("review", ("A", "AFTER_EXPIRY")), ("never", None)):
        story = queue_of("A", credit_after_expiry=setting)
        story.later(days=31)
        story.won("A")
        assert story.credited("A") == credited


def test_a_win_from_before_a_registration_that_has_lapsed_meanwhile_is_reviewed() -> None:
    """Nobody held then, nobody holds now, nobody had held before."""
    story = queue_of("A")
    story.later(days=40)
    story.won("A", occurred="2026-02-01T12:00")
    assert story.credited("A") == ("A", "WON_BEFORE_REGISTERED", "AFTER_EXPIRY")


@pytest.mark.parametrize(("outcome", "credited"), [("uphold", ("A",)), ("void", None)])
def test_a_review_is_released_or_voided(outcome: str, credited: tuple[str, ...] | None) -> None:
    """`late_registration` cases: `uphold` releases, `void` ends the credit (§5)."""
    story = queue_of("A", credit_after_expiry="review")
    story.later(days=31)
    story.won("A")
    case = story.review("A")
    assert (case.kind, case.because) == ("late_registration", "AFTER_EXPIRY")
    story.settle(case, outcome)  # type: ignore[arg-type]  # one of its literals
    assert story.credited("A") == credited


def test_a_late_registration_cannot_be_reassigned() -> None:
    """There is nobody to reassign it to."""
    story = queue_of("A", credit_after_expiry="review")
    story.later(days=31)
    story.won("A")
    with refused("WRONG_STATE"):
        story.settle(story.review("A"), "reassign")


# late registrations


def test_a_deal_won_on_an_earlier_day_than_it_was_registered_is_held() -> None:
    """`WON_BEFORE_REGISTERED` compares dates in the programme's zone; the same day is in order."""
    story = Scenario(zone="America/New_York", now="2026-02-20T23:30")
    story.register("A")
    story.won("A", on="2026-02-20")
    assert story.credited("A") == ("A",)
    story.later(seconds=60)
    story.won("A", on="2026-02-19")
    assert story.credited("A") == ("A", "WON_BEFORE_REGISTERED")


def test_a_deal_won_too_soon_after_its_registration_is_held_where_the_terms_say_so() -> None:
    """`late_registration_hours`; exactly that long after is in order."""
    for seconds, credited in ((48 * 3600 - 1, ("A", "LATE_REGISTRATION")), (48 * 3600, ("A",))):
        story = queue_of("A", late_registration_hours=48)
        story.later(seconds=seconds)
        story.won("A")
        assert story.credited("A") == credited


def test_a_win_said_again_is_as_soon_after_the_registration_as_it_was() -> None:
    """Only its day is replaced."""
    story = queue_of("A", late_registration_hours=48)
    story.later(days=1)
    story.won("A")
    story.later(days=30)
    story.won("A")
    assert story.credited("A") == ("A", "LATE_REGISTRATION")


def test_a_review_that_is_no_longer_called_for_is_moot() -> None:
    """The deal was reopened; won again on a good day it needs none."""
    story = queue_of("A")
    story.won("A", on="2026-02-19")
    case = story.review("A")
    story.later(days=1)
    story.reopened("A")
    assert story.case_now(case).status == "moot"
    story.won("A")
    assert story.credited("A") == ("A",)
    assert reviews_of(story.account, story.registration("A"), story.programme) == ()


def test_a_decided_review_is_not_opened_again() -> None:
    """The same reason for the same deal has been decided."""
    story = queue_of("A")
    story.won("A", on="2026-02-19")
    story.settle(story.review("A"), "uphold")
    story.reopened("A")
    story.later(days=1)
    story.won("A", on="2026-02-18")
    assert story.credited("A") == ("A",)
    assert len(story.cases()) == 1


# reopened and refunded


def test_a_reopened_deal_credits_nobody_until_it_is_won_again() -> None:
    """Won, reopened, won again next month with another amount: one line, on the second date (situations)."""
    story = queue_of("A")
    story.at("2026-02-24T17:08")
    story.won("A", value=usd(5_000))
    story.at("2026-02-24T18:16")
    story.reopened("A")
    assert story.credited("A") is None
    story.at("2026-03-15T10:00")
    story.won("A", value=usd(8_000))
    credit = story.credit("A")
    assert (credit.won_on, credit.value) == (date(2026, 3, 15), usd(8_000))


def test_a_later_won_replaces_the_day() -> None:
    """`won_on` only picks the period and the rate (§5)."""
    story = queue_of("A")
    story.later(days=5)
    story.won("A", on="2026-02-25")
    story.later(days=40)
    story.won("A", on="2026-03-01")
    assert story.credited("A") == ("A",)
    assert story.credit("A").won_on == date(2026, 3, 1)


def test_a_lapse_between_two_wins_counts_only_when_the_first_was_undone() -> None:
    """Reopened, it is a new sale: nobody held then."""
    story = queue_of("A", credit_after_expiry="review")
    story.later(days=5)
    story.won("A")
    story.later(days=40)
    story.won("A")
    assert story.credited("A") == ("A",)
    story.report("A", story.fact("reopened", occurred="2026-03-20T12:00"))
    assert story.credited("A") == ("A", "AFTER_EXPIRY")


def test_a_credit_is_the_value_less_refunds_and_never_below_zero() -> None:
    """A fully refunded deal keeps a line of 0.00 (§5)."""
    story = queue_of("A")
    story.won("A", value=usd(500))
    story.refunded("A", usd(200), "R1")
    assert story.credit("A").value == usd(300)
    story.refunded("A", usd(400), "R2")
    assert story.credit("A").value == usd(0)


def test_an_amount_that_arrives_after_the_win_but_happened_before_counts() -> None:
    """120k → 90k at 10:05 arrives after the win at 10:10 (situations): 90,000."""
    story = queue_of("A")
    story.at("2026-02-21T10:20")
    story.valued("A", usd(120_000), occurred="2026-02-21T10:00")
    story.won("A", occurred="2026-02-21T10:10")
    story.valued("A", usd(90_000), occurred="2026-02-21T10:05")
    assert story.credit("A").value == usd(90_000)


def test_a_suspended_partners_protected_deal_is_credited() -> None:
    """Accrued; that it is held is the statement's (situations)."""
    story = queue_of("A")
    story.suspend("A")
    story.won("A")
    assert story.credited("A") == ("A",)
    assert story.partners[story.registration("A").partner].lines_are_held


def test_a_terminated_partners_protection_that_runs_out_is_still_credited() -> None:
    """Terminated on day 12, won on day 25 (situations)."""
    story = queue_of("A")
    story.later(days=12)
    story.terminate("A")
    story.later(days=13)
    story.won("A")
    assert story.credited("A") == ("A",)
    assert not story.partners[story.registration("A").partner].lines_are_held


def test_a_win_after_fraud_credits_nobody_and_one_before_is_held_with_the_partner() -> None:
    """Void from the instant of termination (situations)."""
    story = queue_of("A")
    story.terminate("A", cause="fraud")
    story.won("A")
    assert story.credited("A") is None
    other = queue_of("A")
    other.won("A")
    other.terminate("A", cause="fraud")
    assert other.credited("A") == ("A",)
    assert other.partners[other.registration("A").partner].lines_are_held


def test_the_evidence_names_every_event_that_led_to_the_credit() -> None:
    """Registration, approval, extension, win, value, and the case (§9)."""
    story = queue_of("A", "B")
    story.decide("A", ExtendProtection(evidence="a meeting"))
    story.won("A")
    story.settle(story.case("B"), "uphold")
    credit = story.credit("A")
    kinds = [type(r.event).__name__ for r in story.history if r.position in credit.evidence]
    assert kinds == [
        "DealRegistered",
        "RegistrationApproved",
        "CaseIdentified",
        "ProtectionExtended",
        "DealWon",
        "CaseInvestigated",
        "CaseMediated",
        "CaseDecided",
    ]


def test_under_review_is_held_until_approved() -> None:
    """`NOT_APPROVED`, for the holder's part in a rival's win too."""
    story = queue_of("A", "B", approval="manual")
    story.won("B")
    assert story.credited("B") == ("A", "CONFLICT_OPEN", "NOT_APPROVED")
    story.decide("A", ApproveRegistration())
    assert story.credited("B") == ("A", "CONFLICT_OPEN")


def test_what_lasted_without_protection_lasts_through_a_win() -> None:
    """Won under review, said again long after: the holder is as it was."""
    story = queue_of("A", approval="manual")
    story.won("A")
    story.later(days=100)
    story.won("A", value=Money(amount_minor=1, currency="USD"))
    assert story.credited("A") == ("A", "NOT_APPROVED")


def test_a_waiting_registration_with_several_holders_ahead_is_held_until_all_cases_are_decided() -> None:
    """The line is the first product's holder's."""
    story = Scenario()
    story.register("A", "edge")
    story.register("B", "core")
    story.register("C", "edge", "core")
    story.won("C")
    assert story.credited("C") == ("A", "CONFLICT_OPEN")
    story.settle(story.case("C", "edge"), "uphold")
    assert story.credited("C") == ("A", "CONFLICT_OPEN")
    story.settle(story.case("C", "core"), "reassign")
    assert story.credited("C") == ("C",)
    story.decide("B", WITHDRAW)
    assert story.credited("C") == ("C",)
