"""What a reviewer and a partner still have to say, and how long a place is kept meanwhile (rules §3; situations)."""

import pytest

from domain.account.evolve import evolve
from domain.account.passing_of_time import next_due
from domain.account.reviewing import answer_due_at, open_cases, review_of
from domain.deal_registration.aggregate import (
    ApproveRegistration,
    RejectRegistration,
    ResubmitRegistration,
    ReturnRegistration,
)
from domain.deal_registration.events import RegistrationRejected, RegistrationReturned
from domain.deal_registration.protection_events import ReturnLapsed
from domain.recorded import Recorded
from tests.domain.scenario import Scenario, refused

RETURN = ReturnRegistration(reason="the value is missing", fields=("value",))
ANSWER = ResubmitRegistration(value=None, engagement=None, expected_close_on=None, changed=("value",))


def returned(return_days: int = 5) -> Scenario:
    """A's claim was returned and B waits behind it."""
    story = Scenario(approval="manual", return_days=return_days)
    story.register("A")
    story.register("B")
    story.decide("A", RETURN)
    return story


def test_a_return_that_nobody_answers_ends_by_itself_and_the_next_is_first_at_that_instant() -> None:
    """`return_days` (5): the claim ends at that instant, written whenever (§2, §3.6)."""
    story = returned()
    story.later(days=9)
    story.catch_up()
    assert [type(event) for event in story.happened[:1]] == [ReturnLapsed]
    assert (story.status("A"), story.status("B")) == ("expired", "under_review")
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", "2026-02-25T12:00Z", "return_lapsed"),
        ("B", "2026-02-25T12:00Z", None, None),
    ]
    assert review_of(story.registration("A")) is None


def test_an_answer_just_before_the_end_keeps_the_place() -> None:
    """Resubmitted in time it is as before."""
    story = returned()
    story.later(days=5, microseconds=-1)
    story.decide("A", ANSWER)
    story.later(days=30)
    story.catch_up()
    assert (story.queue(), story.status("A")) == (["A", "B"], "under_review")


def test_an_answer_at_the_end_is_too_late() -> None:
    """Half-open as everything; the refusal says so, and nothing but the end is written."""
    story = returned()
    story.later(days=5)
    with refused("RETURN_LAPSED"):
        story.decide("A", ANSWER)
    story.catch_up()
    with refused("RETURN_LAPSED"):
        story.decide("A", ANSWER)
    assert story.holder() == "B"


def test_every_return_has_days_of_its_own() -> None:
    """Returned again, the days begin again, by the terms in force then."""
    story = returned(return_days=3)
    story.later(days=2)
    story.decide("A", ANSWER)
    story.publish(return_days=10)
    story.decide("A", RETURN)
    due = next_due(story.account)
    assert due is not None and due.at == story.instant("2026-03-04T12:00")


def test_a_win_on_a_return_that_lapsed_credits_nobody() -> None:
    """As on any other that was returned (§5)."""
    story = returned()
    story.later(days=6)
    story.won("A")
    assert story.credited("A") is None
    assert story.holder() == "B"


def test_a_product_that_is_protected_stays_when_the_return_of_another_lapses() -> None:
    """Only what was returned ends."""
    story = Scenario()
    story.register("A", "mesh")
    story.register("B", "mesh", "edge")
    story.publish(approval="manual")
    story.later(days=30)
    story.catch_up()
    story.decide("B", RETURN)
    assert story.status("B") == "returned"
    story.later(days=5)
    story.catch_up()
    assert story.holder("mesh") is None
    assert story.timeline("mesh")[-1][3] == "return_lapsed"


def test_a_return_recorded_before_there_were_return_days_lasts_for_ever() -> None:
    """What an older event does not say is not made up on replay."""
    story = returned()
    event = RegistrationReturned(
        registration=story.registration("A").id, account=story.account.id, reason="why", fields=("value",)
    )
    story.decide("A", ANSWER)
    account = evolve(story.account, Recorded(position=story.position, recorded_at=story.now, actor="", event=event))
    review = review_of(account.registrations[event.registration])
    assert review is not None and (review.waits_for, review.until) == ("partner", None)
    assert next_due(account) is None


def test_a_rejection_has_a_reason_from_a_list_beside_its_words() -> None:
    """Words alone stay possible."""
    story = Scenario(approval="manual")
    story.register("A")
    story.decide("A", RejectRegistration(reason="met them in May", code="existing_customer"))
    (event,) = story.happened
    assert isinstance(event, RegistrationRejected) and event.code == "existing_customer"
    rejection = story.registration("A").rejection
    assert rejection is not None and (rejection.code, rejection.reason) == ("existing_customer", "met them in May")


def test_the_review_begins_anew_with_every_turn() -> None:
    """Registered, returned, resubmitted: whose turn it is, and since when."""
    story = Scenario(approval="manual")
    story.register("A")
    turns = [review_of(story.registration("A"))]
    story.later(days=1)
    story.decide("A", RETURN)
    turns.append(review_of(story.registration("A")))
    story.later(days=1)
    story.decide("A", ANSWER)
    turns.append(review_of(story.registration("A")))
    story.decide("A", ApproveRegistration())
    assert review_of(story.registration("A")) is None
    days = ["2026-02-20T12:00", "2026-02-21T12:00", "2026-02-22T12:00"]
    assert [turn and (turn.waits_for, turn.since) for turn in turns] == [
        ("reviewer", story.instant(days[0])),
        ("partner", story.instant(days[1])),
        ("reviewer", story.instant(days[2])),
    ]


@pytest.mark.parametrize(("hours", "due"), [(48, "2026-02-22T12:00"), (2, "2026-02-20T14:00"), (0, None)])
def test_a_reviewer_has_so_many_hours(hours: int, due: str | None) -> None:
    """`review_target_hours` of the terms then; 0: no target. A partner's turn is due at its end."""
    story = Scenario(approval="manual", review_target_hours=hours)
    story.register("A")
    review = review_of(story.registration("A"))
    assert review is not None
    story.later(days=1)
    story.publish(review_target_hours=1)
    assert answer_due_at(review, story.programme) == (None if due is None else story.instant(due))
    story.decide("A", RETURN)
    turn = review_of(story.registration("A"))
    assert turn is not None and answer_due_at(turn, story.programme) == story.instant("2026-02-26T12:00")


def test_whoever_becomes_first_by_a_rejection_is_in_review_from_then() -> None:
    """And its own case is moot, so nothing else is waited for."""
    story = Scenario(approval="manual")
    story.register("A")
    story.register("B")
    assert open_cases(story.account, story.registration("B")) == (story.case("B").id,)
    story.later(days=2)
    story.decide("A", RejectRegistration(reason="no"))
    review = review_of(story.registration("B"))
    assert review is not None and review.since == story.now
    assert open_cases(story.account, story.registration("B")) == ()


def test_the_first_verdict_of_a_person_is_kept_with_the_time_that_it_took() -> None:
    """An automatic approval is none; a later one changes nothing about the first."""
    story = Scenario()
    story.register("A", "core")
    assert story.registration("A").verdict is None
    story.publish(approval="manual")
    story.register("B")
    story.later(days=2)
    story.decide("B", ApproveRegistration())
    verdict = story.registration("B").verdict
    assert verdict is not None
    assert (verdict.since, verdict.at) == (story.instant("2026-02-20T12:00"), story.now)
    story.register("C")
    story.later(days=1)
    story.decide("C", RejectRegistration(reason="no"))
    rejected = story.registration("C").verdict
    assert rejected is not None and rejected.at - rejected.since == 86_400_000_000


def test_a_registration_that_is_approved_again_for_another_product_was_answered_the_first_time() -> None:
    """What is measured is how long its partner waited for an answer."""
    story = Scenario(approval="manual")
    story.register("B", "mesh")
    story.register("A", "edge", "mesh")
    story.decide("A", ApproveRegistration())
    first = story.registration("A").verdict
    story.later(days=1)
    story.decide("B", RejectRegistration(reason="no"))
    story.later(days=1)
    story.decide("A", ApproveRegistration())
    assert story.registration("A").verdict == first
