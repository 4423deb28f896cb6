"""Who would have been first, had somebody registered at another instant (issue 3, questions answered)."""

import pytest

from domain.account.evolve import fold
from domain.account.newcomer import Newcomer, newcomer
from domain.deal_registration.aggregate import WithdrawRegistration
from domain.ids import Product
from tests.domain.scenario import Scenario


def supposed(story: Scenario, at: str) -> Newcomer:
    """What is found about an instant of the story, which has been told to its end."""
    instant = story.instant(at)
    story.catch_up()
    then = fold([recorded for recorded in story.history if recorded.recorded_at <= instant])
    return newcomer(then, story.account if story.history else None, Product("edge"), instant)


def told() -> Scenario:
    """A holds from 20 February to 22 March; B came on the 1st of March and holds after it; C came on the 10th."""
    story = Scenario()
    story.register("A")
    story.at("2026-03-01T12:00")
    story.register("B")
    story.at("2026-03-10T12:00")
    story.register("C")
    story.at("2026-03-22T12:00")
    story.catch_up()
    story.at("2026-03-30T12:00")
    return story


def names(found: Newcomer) -> tuple[list[str], str | None, list[str]]:
    """Who stood ahead, since when the newcomer would hold, and instead of whom."""
    since = None if found.would_hold_from is None else str(found.would_hold_from)
    return [r.id for r in found.ahead], since, [h.registration for h in found.instead_of]


@pytest.mark.parametrize(
    ("at", "ahead", "since", "instead_of"),
    [
        ("2026-02-20T11:00", [], "2026-02-20T11:00", ["A", "B"]),
        ("2026-02-25T12:00", ["A"], "2026-03-22T12:00", ["B"]),
        ("2026-03-05T12:00", ["A", "B"], None, []),
        ("2026-03-25T12:00", ["B", "C"], None, []),
    ],
)
def test_a_newcomer_stands_behind_all_who_were_there_and_before_all_who_came_later(
    at: str, ahead: list[str], since: str | None, instead_of: list[str]
) -> None:
    """Before anybody: first at once. Behind A alone: first when A ended, and B would have waited."""
    story = told()
    expected = None if since is None else str(story.instant(since))
    assert names(supposed(story, at)) == (ahead, expected, instead_of)


def test_a_gap_in_which_nobody_held_would_have_been_the_newcomers() -> None:
    """A withdrew; nobody came until D."""
    story = Scenario()
    story.register("A")
    story.at("2026-02-25T12:00")
    story.decide("A", WithdrawRegistration(reason="no"))
    story.at("2026-03-01T12:00")
    story.register("D")
    found = supposed(story, "2026-02-22T12:00")
    assert names(found) == (["A"], str(story.instant("2026-02-25T12:00")), ["D"])


def test_whoever_was_ahead_and_held_again_later_is_ahead_for_as_long() -> None:
    """B waited behind A, A behind B after a decision, and both were there before the newcomer."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.later(days=1)
    story.settle(story.case("B"), "reassign")
    story.later(days=1)
    story.decide("B", WithdrawRegistration(reason="no"))
    story.decide("A", WithdrawRegistration(reason="no"))
    story.later(days=2)
    story.register("C")
    assert names(supposed(story, "2026-02-20T12:00")) == (
        ["A", "B"],
        str(story.instant("2026-02-22T12:00")),
        ["C"],
    )


def test_a_win_ends_the_queue_for_a_newcomer_too() -> None:
    """It would have waited, and nobody is promoted after a win (§3.9)."""
    story = Scenario()
    story.register("A")
    story.later(days=3)
    story.won("A")
    assert names(supposed(story, "2026-02-21T12:00")) == (["A"], None, [])
    assert names(supposed(story, "2026-02-24T12:00")) == ([], str(story.instant("2026-02-24T12:00")), [])


def test_on_an_account_that_nobody_knows_anybody_would_be_first() -> None:
    """And on one that became known only later, ahead of everybody."""
    story = Scenario()
    assert names(supposed(story, "2026-02-20T12:00")) == ([], str(story.instant("2026-02-20T12:00")), [])
    story.later(days=1)
    story.register("A")
    assert names(supposed(story, "2026-02-20T12:00"))[2] == ["A"]


def test_a_place_that_opened_between_holders_is_the_newcomers_before_one_of_them_holds_again() -> None:
    """A held, lost its deal, and got it back after a gap: from the gap on the newcomer would have held."""
    story = Scenario()
    story.register("A")
    story.later(days=1)
    story.lost("A")
    story.later(days=2)
    story.reopened("A")
    found = supposed(story, "2026-02-20T12:00")
    assert names(found) == (["A"], str(story.instant("2026-02-21T12:00")), [])
