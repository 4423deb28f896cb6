"""A win ends the queue; undone, it brings the queue back (rules §3.9, §5)."""

import pytest

from domain.deal_registration.aggregate import (
    ApproveRegistration,
    ExtendProtection,
    RejectRegistration,
    ResubmitRegistration,
    ReturnRegistration,
    WithdrawRegistration,
)
from tests.domain.scenario import Scenario

REJECT = RejectRegistration(reason="no lead")
RETURN = ReturnRegistration(reason="the value is missing", fields=("value",))
RESUBMIT = ResubmitRegistration(value=None, engagement=None, expected_close_on=None, changed=())
WITHDRAW = WithdrawRegistration(reason="no more")


def queue_of(*partners: str, **settings: object) -> Scenario:
    """The partners register one after another."""
    story = Scenario(**settings)  # type: ignore[arg-type]  # each test names real settings
    for partner in partners:
        story.register(partner)
        story.later(seconds=60)
    return story


def test_a_win_ends_the_queue_and_promotes_nobody() -> None:
    """Claims that wait then stay with their cases (§3.9)."""
    story = queue_of("A", "B")
    story.won("A")
    story.later(days=100)
    story.catch_up()
    assert (story.queue(), story.status("A"), story.status("B")) == ([], "won", "waiting")
    assert story.case("B").status == "identified"
    assert story.timeline() == [("A", "2026-02-20T12:00Z", "2026-02-20T12:02Z", "won")]


def test_a_registration_after_a_win_starts_a_new_queue() -> None:
    """For a new opportunity (§3.9), by the same partner or by another."""
    story = queue_of("A", "B")
    story.won("A")
    story.register("C")
    story.register("A")
    assert story.queue() == ["C", "A2"]
    assert story.status("C") == "approved"
    assert [case.challenger for case in story.cases()] == ["B", "A2"]


def test_a_registration_after_a_win_in_an_empty_queue_is_a_new_opportunity_too() -> None:
    """The winner's protection had ended and nobody else was there."""
    story = queue_of("A")
    story.later(days=40)
    story.won("A")
    story.register("C")
    story.later(days=1)
    story.won("A")
    assert (story.credited("A"), story.holder()) == (("A",), "C")


def test_reopened_restores_the_places_ahead_of_later_registrations() -> None:
    """With the old end of protection; each of the later ones gets a case (§3.9)."""
    story = queue_of("A", "B")
    story.won("A")
    story.register("C")
    story.register("D")
    story.reopened("A")
    assert story.queue() == ["A", "B", "C", "D"]
    assert story.protected_until("A") == "2026-03-22T12:00Z"
    assert [(c.challenger, c.holder, c.status) for c in story.cases()] == [
        ("B", "A", "identified"),
        ("D", "C", "identified"),
        ("C", "A", "identified"),
    ]


def test_reopened_after_the_old_end_of_protection_makes_room_at_once() -> None:
    """The old protection has ended; the next in line is promoted at the instant of the reopening."""
    story = queue_of("A", "B")
    story.won("A")
    story.later(days=40)
    story.reopened("A")
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", "2026-02-20T12:02Z", "won"),
        ("A", "2026-04-01T12:02Z", "2026-04-01T12:02Z", "expired"),
        ("B", "2026-04-01T12:02Z", None, None),
    ]


def test_a_partner_does_not_clash_with_itself() -> None:
    """Reopened, its two registrations stand in one queue without a case; against another partner there is one."""
    story = queue_of("A")
    story.won("A")
    story.register("A")
    story.register("B")
    story.reopened("A")
    assert story.queue() == ["A", "A2", "B"]
    assert [(case.challenger, case.status) for case in story.cases()] == [("B", "identified")]
    story.lost("A")
    assert story.queue() == ["A2", "B"]


def test_several_wins_end_a_queue_until_all_are_undone() -> None:
    """Two deals of one queue are won; one of them is reopened."""
    story = queue_of("A", "B", "C")
    story.won("B")
    story.won("A")
    story.reopened("A")
    assert story.queue() == []
    assert story.status("A") == "approved"
    story.reopened("B")
    assert story.queue() == ["A", "B", "C"]


def test_a_late_win_of_an_ended_queue_leaves_the_next_one_alone() -> None:
    """It is about its own opportunity."""
    story = queue_of("A", "B")
    story.won("B")
    story.register("C")
    story.won("A")
    assert (story.holder(), story.status("C")) == ("C", "approved")


def test_reopened_queues_are_about_one_sale_again() -> None:
    """Who held meanwhile still did so then."""
    story = queue_of("A")
    story.won("A")
    story.later(days=1)
    story.register("C")
    story.later(days=3)
    story.reopened("A")
    story.later(days=1)
    story.won("C", occurred="2026-02-22T12:00")
    assert story.credited("C") == ("C", "CONFLICT_OPEN", "HOLDER_CHANGED")
    story.register("D")
    assert story.queue() == ["D"]


def test_a_newcomer_joins_the_living_queue_though_a_later_one_was_won() -> None:
    """The first sale's queue came back after the second's was won."""
    story = queue_of("A")
    story.won("A")
    story.register("B")
    story.won("B")
    story.reopened("A")
    story.register("C")
    assert story.queue() == ["A", "C"]
    story.won("C")
    assert story.credited("C") == ("A", "CONFLICT_OPEN")


def test_a_lost_claim_of_a_later_sale_comes_back_into_the_queue_of_the_earlier_one() -> None:
    """It is one sale again."""
    story = queue_of("A")
    story.won("A")
    story.register("B")
    story.lost("B")
    story.reopened("A")
    story.reopened("B")
    assert story.queue() == ["A", "B"]
    story.won("B")
    assert story.credited("B") == ("A", "CONFLICT_OPEN")
    assert story.queue() == []


def test_lost_ends_the_claims_and_promotes_the_next() -> None:
    """The holder's claim ends when its deal is lost (§3.6)."""
    story = queue_of("A", "B")
    story.lost("A")
    assert (story.status("A"), story.queue()) == ("lost", ["B"])


def test_a_lost_deal_reopened_restores_its_place() -> None:
    """Ahead of whoever was promoted meanwhile, who waits again with a case of its own."""
    story = queue_of("A", "B", "C")
    story.lost("A")
    story.reopened("A")
    assert story.queue() == ["A", "B", "C"]
    assert [(c.challenger, c.status) for c in story.cases()] == [
        ("B", "moot"),
        ("C", "identified"),
        ("B", "identified"),
    ]
    story.lost("C")
    story.reopened("C")
    assert story.queue() == ["A", "B", "C"]
    assert [c.status for c in story.cases() if c.challenger == "C"] == ["moot", "identified"]


def test_a_claim_displaced_by_a_decision_comes_back_under_that_decision() -> None:
    """The clash was decided; a lost deal does not open it again."""
    story = queue_of("A", "B")
    story.settle(story.case("B"), "reassign")
    story.lost("A")
    story.reopened("A")
    assert (story.queue(), len(story.cases())) == (["B", "A"], 1)


def test_a_terminated_partners_claim_that_comes_back_ends_as_the_others_did() -> None:
    """For fraud at once; otherwise what is protected runs out (§8)."""
    story = queue_of("A", "B")
    story.lost("A")
    story.terminate("A", cause="fraud")
    story.reopened("A")
    assert (story.queue(), story.status("A")) == (["B"], "rejected")
    other = queue_of("A", "B")
    other.won("A")
    other.lost("B")
    other.terminate("A")
    other.terminate("B")
    other.reopened("A")
    other.reopened("B")
    assert (other.queue(), other.status("B")) == (["A"], "withdrawn")


def test_a_claim_that_comes_back_into_a_vacancy_is_promoted_then() -> None:
    """Not when the vacancy began: it was not there."""
    story = queue_of("A", "B")
    story.suspend("B")
    story.later(days=40)
    story.lost("B")
    story.reinstate("B")
    story.later(days=5)
    story.reopened("B")
    assert story.timeline()[-1] == ("B", "2026-04-06T12:02Z", None, None)


def test_a_won_deal_that_is_lost_after_all_ends_its_claim_then() -> None:
    """The queue comes back, and whoever waited is promoted at that instant."""
    story = queue_of("A", "B")
    story.won("A")
    story.later(days=5)
    story.lost("A")
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", "2026-02-20T12:02Z", "won"),
        ("A", "2026-02-25T12:02Z", "2026-02-25T12:02Z", "lost"),
        ("B", "2026-02-25T12:02Z", None, None),
    ]
    assert (story.status("A"), story.status("B")) == ("lost", "approved")


def test_only_what_was_lost_is_restored() -> None:
    """A protection that had ended by itself before stays ended."""
    story = queue_of("A")
    story.later(days=40)
    story.lost("A")
    assert story.status("A") == "lost"
    story.reopened("A")
    assert (story.status("A"), story.queue()) == ("expired", [])


def test_a_lost_claim_comes_back_into_a_queue_that_was_won_meanwhile() -> None:
    """It waits there with a case, as the others who waited at the win do."""
    story = queue_of("A", "B")
    story.lost("B")
    story.won("A")
    story.reopened("B")
    assert (story.queue(), story.status("B")) == ([], "waiting")
    assert [case.status for case in story.cases()] == ["moot", "identified"]


def test_a_challenger_that_loses_its_deal_after_a_win_leaves_no_open_case() -> None:
    """A case is moot when its challenger's claim ends (§3.6), after a win too."""
    story = queue_of("A", "B", hold_contested="open")
    story.won("A")
    assert story.credited("A") == ("A", "CONFLICT_OPEN")
    story.lost("B")
    assert story.case("B").status == "moot"
    assert story.credited("A") == ("A",)


@pytest.mark.parametrize("first", ["won", "lost"])
def test_the_order_of_arrival_of_won_and_lost_makes_no_difference(first: str) -> None:
    """Facts fold by when they occurred (§5)."""
    story = queue_of("A", "B")
    story.later(days=2)
    lost = story.fact("lost", occurred="2026-02-20T15:00")
    won = story.fact("won", occurred="2026-02-20T16:00")
    for fact in (won, lost) if first == "won" else (lost, won):
        story.report("A", fact)
    assert (story.status("A"), story.queue(), story.status("B")) == ("won", [], "waiting")
    assert story.case("B").status == "identified"
    assert story.credited("A") == ("A",)


def test_a_win_on_what_was_taken_back_changes_nobodys_place() -> None:
    """Rejected, returned or withdrawn: recorded, credits nobody (§5)."""
    story = queue_of("A", "B", "C", "D", approval="manual")
    story.decide("A", REJECT)
    story.decide("B", WITHDRAW)
    story.decide("C", RETURN)
    for name in "ABC":
        story.won(name)
        assert story.credited(name) is None
        outcome = story.outcome(name)
        assert outcome is not None and outcome.evidence
    assert story.queue() == ["C", "D"]
    assert [story.status(name) for name in "ABCD"] == ["rejected", "withdrawn", "returned", "waiting"]


def test_a_returned_registration_that_comes_back_is_won_then() -> None:
    """Its win counts, held, as soon as it is under review again."""
    story = queue_of("A", "B", approval="manual")
    story.decide("A", RETURN)
    story.won("A")
    story.decide("A", RESUBMIT)
    assert story.credited("A") == ("A", "NOT_APPROVED")
    assert story.queue() == []


def test_a_win_under_review_that_is_rejected_gives_the_queue_back() -> None:
    """The win counts for nobody; whoever waited is promoted."""
    story = queue_of("A", "B", approval="manual")
    story.won("A")
    assert story.credited("A") == ("A", "NOT_APPROVED")
    story.decide("A", REJECT)
    assert (story.status("A"), story.credited("A"), story.queue()) == ("rejected", None, ["B"])
    assert story.timeline()[-1][0] == "B"


def test_a_win_under_review_is_released_by_its_approval() -> None:
    """§5, `NOT_APPROVED`."""
    story = queue_of("A", approval="manual")
    story.won("A")
    story.decide("A", ApproveRegistration())
    assert (story.status("A"), story.credited("A")) == ("won", ("A",))


def test_a_win_ends_the_queues_of_all_products_that_the_registration_names() -> None:
    """But for those on which its claim was rejected."""
    story = Scenario()
    story.register("A", "edge", "core")
    story.register("B", "edge", "core", "mesh")
    story.settle(story.case("B", "edge"), "uphold")
    story.won("B")
    assert (story.queue("edge"), story.queue("core"), story.queue("mesh")) == (["A"], [], [])


def test_a_reopened_claim_can_be_extended_again() -> None:
    """It is as it was."""
    story = queue_of("A")
    story.won("A")
    story.reopened("A")
    story.decide("A", ExtendProtection(evidence="a meeting"))
    assert story.protected_until("A") == "2026-04-21T12:00Z"
