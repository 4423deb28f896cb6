"""A partner is told 14, 7 and 1 days before its protection ends (issue 3)."""

from domain.account.reminding import next_instant, next_reminder
from domain.deal_registration.aggregate import ApproveRegistration, ExtendProtection, WithdrawRegistration
from domain.deal_registration.protection_events import ProtectionEndsSoon
from tests.domain.scenario import Scenario


def reminded(story: Scenario) -> list[tuple[str, int, tuple[str, ...]]]:
    """What the timer writes now: whom it reminds, how many days before, of which products."""
    story.remind()
    events = [event for event in story.happened if isinstance(event, ProtectionEndsSoon)]
    assert len(events) == len(story.happened)
    return [(event.registration, event.days_left, event.products) for event in events]


def test_each_reminder_is_written_once_at_its_instant() -> None:
    """Fourteen, seven and one times 24 hours before the end; a microsecond earlier there is none."""
    story = Scenario()
    story.register("A", "edge", "core")
    found = []
    for days in (16, 7, 6):
        story.later(days=days, microseconds=-1)
        assert reminded(story) == []
        story.later(microseconds=1)
        found += reminded(story)
        assert reminded(story) == []
    assert found == [("A", days, ("edge", "core")) for days in (14, 7, 1)]
    assert next_reminder(story.account) is None
    assert next_instant(story.account) == (story.instant("2026-03-22T12:00"), story.registration("A").place)


def test_those_that_fell_before_the_end_was_known_are_not_made_up_for() -> None:
    """A short protection, or one approved late, has fewer."""
    story = Scenario(protection_days=7)
    story.register("A")
    story.later(days=6)
    assert reminded(story) == [("A", 1, ("edge",))]
    late = Scenario(approval="manual", protection_starts="registration")
    late.register("A")
    late.later(days=20)
    late.decide("A", ApproveRegistration())
    late.later(days=4)
    assert reminded(late) == [("A", 7, ("edge",))]


def test_an_extension_begins_them_anew() -> None:
    """For the new end, and only for those that are still to come."""
    story = Scenario(extension_days=10)
    story.register("A")
    story.later(days=29)
    assert [days for _, days, _ in reminded(story)] == [14, 7, 1]
    story.decide("A", ExtendProtection(evidence="demo"))
    story.later(days=4)
    assert reminded(story) == [("A", 7, ("edge",))]


def test_whoever_waits_has_gone_or_leaves_for_fraud_is_not_reminded() -> None:
    """Only protection that will end at its end."""
    story = Scenario()
    for name, product in (("A", "edge"), ("B", "edge"), ("C", "core"), ("D", "mesh")):
        story.register(name, product)
    story.decide("C", WithdrawRegistration(reason="no"))
    story.terminate("D", cause="fraud", last_day="2026-12-31")
    story.later(days=16)
    assert reminded(story) == [("A", 14, ("edge",))]


def test_claims_of_one_registration_that_end_apart_have_their_own() -> None:
    """Promoted later, protected for longer."""
    story = Scenario()
    story.register("B", "mesh")
    story.later(days=10)
    story.register("A", "edge", "mesh")
    story.later(days=20)
    story.catch_up()
    assert reminded(story) == [("A", 14, ("edge",))]
    story.later(days=16)
    story.catch_up()
    assert reminded(story) == [("A", 14, ("mesh",))]


def test_a_reminder_is_no_evidence_of_what_a_win_earns() -> None:
    """Statements name what made them so, and a reminder did not."""
    story = Scenario()
    story.register("A")
    before = story.registration("A").evidence
    story.later(days=16)
    reminded(story)
    assert story.registration("A").evidence == before
