"""A win that a person looks at: after protection, before the registration, or too soon after it (rules §5)."""

import pytest

from domain.commission.credit import reviews_of
from domain.deal_registration.aggregate import WithdrawRegistration
from tests.domain.scenario import Scenario, queue_of, refused

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
    story.decide("B", WithdrawRegistration(reason="no more"))
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
