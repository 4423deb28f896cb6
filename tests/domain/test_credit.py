"""Whom a won deal is credited to while somebody holds, and what its cases hold and move (rules §5; situations)."""

from datetime import date

import pytest

from domain.deal_registration.aggregate import WithdrawRegistration
from tests.domain.scenario import Scenario, queue_of, usd

WITHDRAW = WithdrawRegistration(reason="no more")


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
