"""A clash may end with both credited, or with two opportunities instead of one (rules §4)."""

import pytest

from domain.conflict_case.commands import DecideCase, MediateCase
from domain.conflict_case.events import CaseDecided
from domain.deal_registration.aggregate import ExtendProtection, WithdrawRegistration
from domain.ids import PartnerId, Share
from tests.domain.scenario import Scenario, refused, usd

HALVES = {"A": 5_000, "B": 5_000}


def clash(*others: str, **settings: object) -> Scenario:
    """A holds; B and the others wait."""
    story = Scenario(**settings)  # type: ignore[arg-type]  # each test names real settings
    for partner in ("A", "B", *others):
        story.register(partner)
        story.later(seconds=60)
    return story


def shares(story: Scenario, name: str) -> dict[str, int]:
    """How the win of a registration's deal would be shared."""
    return {share.partner: share.basis_points for share in story.registration(name).shares}


def parts(story: Scenario, name: str) -> dict[str, tuple[str, ...]]:
    """Whom a registration's deal credits, and why that is held."""
    outcome = story.outcome(name)
    return {} if outcome is None else {credit.partner: credit.held_because for credit in outcome.credits}


# split


def test_a_split_lets_both_go_on_as_one_co_sell_opportunity() -> None:
    """The challenger is approved right behind the holder, whose protection covers both; the others keep their order."""
    story = clash("C", "D")
    story.settle(story.case("D"), "split", {"A": 7_000, "D": 3_000})
    assert story.queue() == ["A", "D", "B", "C"]
    assert [story.status(name) for name in "ADBC"] == ["approved", "approved", "waiting", "waiting"]
    assert shares(story, "A") == shares(story, "D") == {"A": 7_000, "D": 3_000}
    assert (story.protected_until("A"), story.protected_until("D")) == ("2026-03-22T12:00Z", None)
    assert [(c.challenger, c.status) for c in story.cases()] == [
        ("B", "identified"),
        ("C", "identified"),
        ("D", "decided"),
    ]
    decision = story.case("D").decision
    assert decision is not None and decision.overrides_priority
    assert story.case("D").registrations == ("D", "A")


@pytest.mark.parametrize("winner", ["A", "B"])
def test_whichever_of_their_deals_is_won_both_are_credited(winner: str) -> None:
    """The opportunity is one; nothing is held, because the clash is decided."""
    story = clash()
    story.settle(story.case("B"), "split", {"A": 6_000, "B": 4_000})
    story.won(winner)
    assert parts(story, winner) == {"A": (), "B": ()}


def test_the_co_seller_is_promoted_when_the_holder_ends() -> None:
    """It stands next in line, with a fresh protection and the shares that were decided."""
    story = clash("C")
    story.settle(story.case("B"), "split", HALVES)
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert (story.queue(), story.status("B")) == (["B", "C"], "approved")
    assert story.protected_until("B") == "2026-03-22T12:03Z"
    story.won("B")
    assert parts(story, "B") == {"A": (), "B": ()}


def test_co_sellers_of_a_holder_that_is_displaced_wait() -> None:
    """Another decision put somebody first; the shares of the two stay as they were decided."""
    story = clash("C")
    story.settle(story.case("B"), "split", HALVES)
    story.settle(story.case("C"), "reassign")
    assert (story.queue(), story.status("A"), story.status("B")) == (["C", "A", "B"], "waiting", "waiting")
    story.decide("C", WithdrawRegistration(reason="no more"))
    assert (story.queue(), story.status("B"), shares(story, "B")) == (["A", "B"], "waiting", HALVES)
    assert [case.status for case in story.cases()] == ["decided", "decided"]


def test_co_sellers_go_on_when_somebody_behind_them_ends() -> None:
    """Nothing about them has changed."""
    story = clash("C")
    story.settle(story.case("B"), "split", HALVES)
    before = [story.claim(name) for name in "AB"]
    story.decide("C", WithdrawRegistration(reason="no more"))
    assert (story.queue(), [story.claim(name) for name in "AB"]) == (["A", "B"], before)


def test_a_third_partner_joins_those_that_co_sell_already() -> None:
    """All three carry the new shares, and none of them may be left out."""
    story = clash("C")
    story.settle(story.case("B"), "split", HALVES)
    with refused("MALFORMED"):
        story.settle(story.case("C"), "split", {"A": 5_000, "C": 5_000})
    story.step(story.case("C"), decision(story, {"A": 5_000, "B": 3_000, "C": 2_000}))
    assert story.queue() == ["A", "B", "C"]
    assert shares(story, "A") == shares(story, "B") == shares(story, "C") == {"A": 5_000, "B": 3_000, "C": 2_000}
    assert story.case("C").registrations == ("C", "A", "B")


def decision(story: Scenario, parted: dict[str, int]) -> DecideCase:
    """A decision to split."""
    return DecideCase(
        outcome="split",
        rule="§4",
        reason="both worked on it",
        shares=tuple(Share(partner=PartnerId(partner), basis_points=points) for partner, points in parted.items()),
        sharing=tuple(story.partners[PartnerId(partner)] for partner in parted),
    )


def test_a_split_approves_a_holder_that_is_under_review() -> None:
    """A person has decided that it is credited; nobody has to approve it once more."""
    story = clash(approval="manual")
    assert story.status("A") == "under_review"
    story.settle(story.case("B"), "split", HALVES)
    assert (story.status("A"), story.protected_until("A")) == ("approved", "2026-03-22T12:02Z")


def test_a_skipped_claim_that_co_sells_keeps_its_place_before_the_holder() -> None:
    """It registered earlier, and is next as soon as the holder ends."""
    story = clash("C")
    story.suspend("B")
    story.decide("A", WithdrawRegistration(reason="no more"))
    story.reinstate("B")
    story.settle(story.case("B"), "split", {"C": 9_000, "B": 1_000})
    assert (story.queue(), story.status("B")) == (["C", "B"], "approved")
    story.decide("C", WithdrawRegistration(reason="no more"))
    assert story.queue() == ["B"]


@pytest.mark.parametrize(
    ("parted", "code"),
    [
        ({"B": 10_000}, "MALFORMED"),
        ({"A": 10_000}, "MALFORMED"),
        ({"A": 5_000, "B": 4_999}, "MALFORMED"),
        ({"A": 5_000, "B": 4_000, "C": 1_000}, "PARTNER_NOT_ACTIVE"),
    ],
)
def test_the_shares_of_a_split_name_both_and_are_whole(parted: dict[str, int], code: str) -> None:
    """The lead is in the list, the challenger too, the sum is 10,000, and everybody is active."""
    story = clash()
    story.suspend("C")
    with refused(code):
        story.settle(story.case("B"), "split", parted)
    assert story.case("B").status == "mediating"
    assert shares(story, "A") == {"A": 10_000}


@pytest.mark.parametrize("outcome", ["split", "distinct"])
def test_against_nobody_there_is_nothing_to_split_or_to_tell_apart(outcome: str) -> None:
    """The holder is gone, and the challenger's partner is suspended."""
    story = clash()
    story.suspend("B")
    story.decide("A", WithdrawRegistration(reason="no more"))
    with refused("WRONG_STATE"):
        story.settle(story.case("B"), outcome, HALVES if outcome == "split" else None)  # type: ignore[arg-type]


def test_a_split_after_a_win_shares_the_credit_at_the_facts_of_the_win() -> None:
    """Nobody's place is in question any more."""
    story = clash()
    story.won("A", value=usd(500))
    story.settle(story.case("B"), "split", {"A": 6_000, "B": 4_000})
    outcome = story.outcome("A")
    assert outcome is not None
    assert [(c.partner, c.lead, c.won_on.isoformat(), c.value) for c in outcome.credits] == [
        ("A", "A", "2026-02-20", usd(500)),
        ("B", "A", "2026-02-20", usd(500)),
    ]
    assert shares(story, "A") == {"A": 10_000}
    decided = next(event for event in story.happened if isinstance(event, CaseDecided))
    assert (decided.sharing, decided.protected_from) == ((), None)


def test_what_is_decided_last_about_a_credit_counts() -> None:
    """A split after the credit was moved, and the other way round."""
    story = clash("C")
    story.won("A")
    story.settle(story.case("C"), "reassign")
    assert parts(story, "A") == {"C": ()}
    story.settle(story.case("B"), "split", HALVES)
    assert parts(story, "A") == {"A": (), "B": ()}
    other = clash("C")
    other.won("A")
    other.settle(other.case("B"), "split", HALVES)
    other.settle(other.case("C"), "reassign")
    assert parts(other, "A") == {"C": ()}


def test_a_win_that_changed_hands_is_split_between_the_two() -> None:
    """`holder_changed`: who held at the win leads, who held when it was told has a share."""
    story = clash()
    story.later(days=40)
    story.catch_up()
    story.won("A", occurred="2026-03-01T12:00")
    with refused("MALFORMED"):
        story.settle(story.review("A"), "split", {"A": 10_000})
    story.step(story.review("A"), decision(story, {"A": 8_000, "B": 2_000}))
    assert parts(story, "A") == {"A": (), "B": ()}
    assert shares(story, "B") == {"B": 10_000}


def test_decided_shares_that_do_not_name_who_is_credited_do_not_apply() -> None:
    """A later fact showed that it was somebody else's: the decision was about the two."""
    story = clash()
    story.later(days=31)
    story.catch_up()
    story.register("C")
    story.won("C")
    assert parts(story, "C") == {"B": ("CONFLICT_OPEN",)}
    story.settle(story.case("C"), "split", {"B": 5_000, "C": 5_000})
    assert parts(story, "C") == {"B": (), "C": ()}
    story.won("C", occurred="2026-03-01T12:00")
    assert parts(story, "C") == {"A": ("HOLDER_CHANGED",)}


# distinct


def test_a_distinct_challenger_is_approved_in_an_opportunity_of_its_own() -> None:
    """With its own original time; the others keep their order and their cases."""
    story = clash("C")
    story.later(days=1)
    story.settle(story.case("B"), "distinct")
    assert story.queues() == [["A", "C"], ["B"]]
    assert (story.status("A"), story.status("B"), story.status("C")) == ("approved", "approved", "waiting")
    assert story.protected_until("B") == "2026-03-23T12:03Z"
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", None, None),
        ("B", "2026-02-20T12:01Z", None, None),
    ]
    assert [(c.challenger, c.status) for c in story.cases()] == [("B", "decided"), ("C", "identified")]
    decided = story.case("B").decision
    assert decided is not None and not decided.overrides_priority


def test_a_distinct_opportunity_is_protected_as_the_terms_say() -> None:
    """From its registration, where protection starts with that."""
    story = clash(protection_starts="registration")
    story.later(days=1)
    story.settle(story.case("B"), "distinct")
    assert story.protected_until("B") == "2026-03-22T12:01Z"


def test_each_of_two_distinct_opportunities_is_won_for_itself() -> None:
    """Neither win ends the other's queue or holds the other's credit."""
    story = clash()
    story.settle(story.case("B"), "distinct")
    story.won("B")
    assert (story.queues(), parts(story, "B")) == ([["A"]], {"B": ()})
    story.won("A")
    assert (parts(story, "A"), parts(story, "B")) == ({"A": ()}, {"B": ()})


def test_each_of_two_distinct_opportunities_ends_for_itself() -> None:
    """Who waits is promoted in its own queue only."""
    story = clash("C")
    story.settle(story.case("B"), "distinct")
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert story.queues() == [["C"], ["B"]]
    story.decide("B", ExtendProtection(evidence="a meeting"))
    story.later(days=35)
    story.catch_up()
    assert story.queues() == [["B"]]


def test_a_newcomer_waits_in_the_earliest_opportunity_that_is_alive() -> None:
    """It waits behind whoever holds that; told apart again, it is a third."""
    story = clash()
    story.settle(story.case("B"), "distinct")
    story.register("C")
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert story.queues() == [["C"], ["B"]]
    story.decide("C", WithdrawRegistration(reason="no more"))
    story.register("D")
    assert story.queues() == [["B", "D"]]
    story.settle(story.case("D"), "distinct")
    assert story.queues() == [["B"], ["D"]]


def test_when_no_opportunity_is_alive_the_next_registration_goes_on_with_the_common_one() -> None:
    """What was told apart stays its own."""
    story = clash()
    story.settle(story.case("B"), "distinct")
    story.later(days=31)
    story.register("C")
    assert [story.claim(name).opportunity for name in "ABC"] == [1, 2, 1]
    story.won("C")
    story.register("D")
    assert story.claim("D").opportunity == 3


def test_a_distinct_opportunity_that_comes_back_is_ahead_of_what_began_after_it() -> None:
    """Reopened, as any other (§3.9); the earlier one stays apart."""
    story = clash()
    story.settle(story.case("B"), "distinct")
    story.won("A")
    story.won("B")
    story.later(seconds=60)
    story.register("C")
    story.later(seconds=60)
    story.reopened("B")
    assert story.queues() == [["B", "C"]]
    assert story.case("C").status == "identified"
    story.reopened("A")
    assert story.queues() == [["A"], ["B", "C"]]


def test_after_the_challengers_win_a_distinct_decision_gives_it_its_own_credit() -> None:
    """The win has ended no queue but its own: the holder and the others are back at their places."""
    story = clash("C")
    story.won("B")
    assert parts(story, "B") == {"A": ("CONFLICT_OPEN",)}
    assert story.queues() == []
    story.settle(story.case("B"), "distinct")
    assert parts(story, "B") == {"B": ()}
    assert (story.queues(), story.status("A")) == ([["A", "C"]], "approved")
    story.reopened("B")
    assert story.queues() == [["A", "C"], ["B"]]


def test_after_the_holders_win_a_distinct_challenger_is_alive_again() -> None:
    """The win was about another opportunity."""
    story = clash("C")
    story.won("A")
    story.settle(story.case("B"), "distinct")
    assert (story.queues(), story.status("B"), parts(story, "A")) == ([["B"]], "approved", {"A": ()})
    story.reopened("A")
    assert story.queues() == [["A", "C"], ["B"]]


def test_a_distinct_opportunity_takes_its_credit_back_from_whoever_it_was_moved_to() -> None:
    """The later decision counts."""
    story = clash("C")
    story.won("B")
    story.settle(story.case("C"), "reassign")
    assert parts(story, "B") == {"C": ("CONFLICT_OPEN",)}
    story.settle(story.case("B"), "distinct")
    assert parts(story, "B") == {"B": ()}


def test_a_review_is_not_decided_as_distinct() -> None:
    """It is about one deal."""
    story = Scenario()
    story.register("A")
    story.won("A", on="2026-02-19")
    with refused("WRONG_STATE"):
        story.settle(story.review("A"), "distinct")
    assert story.credited("A") == ("A", "WON_BEFORE_REGISTERED")


def test_the_same_split_said_again_changes_nothing() -> None:
    """The step is taken already."""
    story = clash()
    story.investigate(story.case("B"))
    story.step(story.case("B"), MediateCase(summary="they will share", skipped=None))
    for _ in range(2):
        story.step(story.case("B"), decision(story, HALVES))
    assert story.happened == ()


def test_after_the_challengers_win_whoever_registered_since_is_behind_the_holder_that_is_back() -> None:
    """As after a reopening (§3.9): the win had ended the queue for nothing."""
    story = clash()
    story.won("B")
    story.register("C")
    story.settle(story.case("B"), "distinct")
    assert (story.queues(), story.case("C").holder) == ([["A", "C"]], "A")
