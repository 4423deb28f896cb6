"""Each step of a conflict case may have a deadline; what is late is escalated, once for each step (rules §4)."""

import pytest

from domain.account.case_deadlines import is_overdue
from domain.account.passing_of_time import next_due
from domain.calendar import instant_text
from domain.conflict_case.commands import CaseCommand, CommunicateCase, DecideCase, MediateCase, PreventCase
from domain.conflict_case.events import CaseEscalated, Message
from domain.deal_registration.aggregate import WithdrawRegistration
from domain.programme.terms import Terms
from tests.domain.scenario import Scenario

HOURS = Terms(
    case_investigation_hours=48,
    case_mediation_hours=24,
    case_decision_hours=120,
    case_communication_hours=3,
    case_prevention_hours=2,
)
MEDIATE = MediateCase(summary=None, skipped="both refuse to talk")
REASSIGN = DecideCase(outcome="reassign", rule="§3.1", reason="A was first")
COMMUNICATE = CommunicateCase(messages=tuple(Message(party=one, text="A was first") for one in "AB"))
PREVENT = PreventCase(change=None, no_change="the rule is clear")


@pytest.fixture
def story() -> Scenario:
    """A holds and B waits, on 20 February at noon, with a deadline for each step."""
    story = Scenario(terms=HOURS)
    story.register("A")
    story.register("B")
    return story


def due_at(story: Scenario) -> str | None:
    """By when the next step of the case should be taken."""
    due = story.case("B").due_at
    return None if due is None else instant_text(due)[5:16]


def escalated(story: Scenario) -> list[str]:
    """The steps that were not taken in time."""
    return [step.event.awaited for step in story.case("B").escalations]


def test_each_step_is_due_so_many_hours_after_the_one_before(story: Scenario) -> None:
    """Calendar hours, by the terms in force then; a closed case waits for nothing."""
    seen = [due_at(story)]
    story.investigate(story.case("B"))
    seen.append(due_at(story))
    steps: list[CaseCommand] = [MEDIATE, REASSIGN, COMMUNICATE, PREVENT]
    for step in steps:
        story.later(seconds=3_600)
        story.step(story.case("B"), step)
        seen.append(due_at(story))
    assert seen == ["02-22T12:00", "02-21T12:00", "02-25T13:00", "02-20T17:00", "02-20T17:00", None]
    assert escalated(story) == []


def test_without_deadlines_nothing_is_due(story: Scenario) -> None:
    """0 hours: off. What was published later binds the steps after it."""
    story.publish(case_mediation_hours=0)
    story.investigate(story.case("B"))
    assert (due_at(story), is_overdue(story.case("B"), story.now)) == (None, False)
    other = Scenario()
    other.register("A")
    other.register("B")
    other.later(days=20)
    other.catch_up()
    assert (other.case("B").due_at, other.case("B").escalations) == (None, ())


def test_a_step_that_is_not_taken_in_time_is_escalated_at_its_instant(story: Scenario) -> None:
    """A microsecond before, it is not late; at the instant it is. It happens once."""
    story.later(days=2, microseconds=-1)
    story.catch_up()
    assert (escalated(story), is_overdue(story.case("B"), story.now)) == ([], False)
    due = next_due(story.account)
    assert due is not None and due.case == story.case("B").id
    story.later(microseconds=1)
    story.catch_up()
    assert (escalated(story), is_overdue(story.case("B"), story.now)) == (["investigated"], True)
    assert [type(event) for event in story.happened] == [CaseEscalated]
    story.later(days=1)
    story.catch_up()
    assert story.happened == ()


def test_the_step_itself_is_taken_all_the_same_and_the_next_one_has_its_own_deadline(story: Scenario) -> None:
    """Escalation tells people; it takes nothing away."""
    story.later(days=3)
    story.investigate(story.case("B"))
    assert [type(event).__name__ for event in story.happened] == ["CaseEscalated", "CaseInvestigated"]
    assert (due_at(story), is_overdue(story.case("B"), story.now)) == ("02-24T12:00", False)
    story.later(days=2)
    story.catch_up()
    assert escalated(story) == ["investigated", "mediated"]


def test_further_facts_do_not_put_the_deadline_off(story: Scenario) -> None:
    """The first investigation began the next step's time."""
    story.investigate(story.case("B"))
    story.later(days=2)
    story.investigate(story.case("B"))
    assert (due_at(story), escalated(story)) == ("02-21T12:00", ["mediated"])


def test_telling_some_of_the_parties_does_not_put_the_deadline_off(story: Scenario) -> None:
    """The step is due when it was; only once everybody knows does the time of the next one begin."""
    story.settle(story.case("B"), "reassign")
    story.later(seconds=3_600)
    story.step(story.case("B"), CommunicateCase(messages=COMMUNICATE.messages[:1]))
    assert due_at(story) == "02-20T15:00"
    story.later(seconds=3 * 3_600)
    story.step(story.case("B"), CommunicateCase(messages=COMMUNICATE.messages[1:]))
    assert (due_at(story), escalated(story)) == ("02-20T18:00", ["communicated"])


def test_a_repeated_step_changes_nothing_though_the_case_was_escalated_since(story: Scenario) -> None:
    """The same said again is the same, and what fell due is written."""
    story.investigate(story.case("B"))
    story.step(story.case("B"), MEDIATE)
    story.later(days=6)
    story.step(story.case("B"), MEDIATE)
    assert [type(event) for event in story.happened] == [CaseEscalated]


def test_a_case_that_is_moot_is_not_escalated(story: Scenario) -> None:
    """Nobody has to work on it any more, neither before nor at the instant."""
    story.decide("A", WithdrawRegistration(reason="no more"))
    story.later(days=3)
    story.catch_up()
    assert (story.case("B").status, due_at(story), escalated(story)) == ("moot", None, [])


def test_a_case_that_time_itself_makes_moot_before_it_is_late_is_not_escalated() -> None:
    """The holder's protection ends earlier, though nobody looked until later."""
    story = Scenario(terms=HOURS, protection_days=2, case_investigation_hours=48)
    story.register("A")
    story.later(seconds=1)
    story.register("B")
    story.later(days=10)
    story.catch_up()
    assert (story.case("B").status, escalated(story)) == ("moot", [])


def test_the_review_of_a_win_has_deadlines_too() -> None:
    """It is about no place in a queue."""
    story = Scenario(terms=HOURS)
    story.register("A")
    story.won("A", on="2026-02-19")
    story.later(days=2)
    story.catch_up()
    assert [step.event.awaited for step in story.review("A").escalations] == ["investigated"]
