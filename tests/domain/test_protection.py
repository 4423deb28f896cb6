"""How long a claim is protected (rules §2, §3; situations)."""

import pytest

from domain.account.passing_of_time import next_due
from domain.account.priority import protection_runs_out_at
from domain.deal_registration.aggregate import ApproveRegistration, ExtendProtection, WithdrawRegistration
from tests.domain.scenario import Scenario, refused

EXTEND = ExtendProtection(evidence="demo on 12 March, minutes attached")


def test_thirty_days_end_at_the_same_wall_clock_time_across_a_change_of_the_clocks() -> None:
    """Approved 2026-02-20 12:00 New York ends 2026-03-22 16:00Z (§2)."""
    story = Scenario(zone="America/New_York", now="2026-02-20T12:00")
    story.register("A")
    assert story.protected_until("A") == "2026-03-22T16:00Z"


@pytest.mark.parametrize(
    ("approved", "until"),
    [
        # 2026-03-29 02:30 does not exist in Berlin: the offset before the change.
        ("2026-02-27T02:30", "2026-03-29T01:30Z"),
        # 2026-10-25 02:30 exists twice: the first.
        ("2026-09-25T02:30", "2026-10-25T00:30Z"),
    ],
)
def test_a_local_end_that_does_not_exist_or_exists_twice(approved: str, until: str) -> None:
    """One that does not exist takes the offset before the change; one that exists twice is the first (§2)."""
    story = Scenario(zone="Europe/Berlin", now=approved)
    story.register("A")
    assert story.protected_until("A") == until


def test_protection_may_start_at_registration() -> None:
    """`protection_starts = registration`: the time in review counts."""
    story = Scenario(approval="manual", protection_starts="registration")
    story.register("A")
    story.later(days=5)
    story.decide("A", ApproveRegistration())
    assert story.protected_until("A") == "2026-03-22T12:00Z"


def test_an_approval_after_the_end_of_a_protection_that_started_at_registration_ends_then() -> None:
    """Until then the place was kept (§3.10), so nobody is promoted into the past."""
    story = Scenario(approval="manual", protection_starts="registration", protection_days=10)
    story.register("A")
    story.register("B")
    story.later(days=15)
    assert story.holder() == "A"
    story.decide("A", ApproveRegistration())
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", "2026-03-07T12:00Z", "expired"),
        ("B", "2026-03-07T12:00Z", None, None),
    ]


def test_first_but_not_yet_approved_keeps_the_place_without_protection() -> None:
    """§3.10."""
    story = Scenario(approval="manual")
    story.register("A")
    story.later(days=100)
    story.register("B")
    assert (story.queue(), story.protected_until("A")) == (["A", "B"], None)
    assert next_due(story.account) is None


def test_an_extension_on_day_29_is_granted_once() -> None:
    """`extensions` (1) of `extension_days` (30), asked for before the end, with evidence (situations)."""
    story = Scenario()
    story.register("A")
    story.later(days=29)
    story.decide("A", EXTEND)
    assert story.protected_until("A") == "2026-04-21T12:00Z"
    with refused("NO_EXTENSION_LEFT"):
        story.decide("A", EXTEND)


@pytest.mark.parametrize("late", [0, 86_400])
def test_an_extension_at_the_end_or_later_is_refused(late: int) -> None:
    """Day 31: register again, with a new place (situations). The end itself is not protected any more (§2)."""
    story = Scenario()
    story.register("A")
    story.later(days=30, seconds=late)
    with refused("PROTECTION_LAPSED"):
        story.decide("A", EXTEND)
    story.register("B")
    assert story.register("A") == "A2"
    assert story.queue() == ["B", "A2"]


def test_an_extension_lets_whoever_waits_wait_longer() -> None:
    """The queue behind stays as it is."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.decide("A", EXTEND)
    story.later(days=45)
    story.catch_up()
    assert story.holder() == "A"
    story.later(days=20)
    story.catch_up()
    assert story.timeline()[0] == ("A", "2026-02-20T12:00Z", "2026-04-21T12:00Z", "expired")


def test_an_extension_is_for_all_products_that_are_protected() -> None:
    """Those that wait or have lapsed are left as they are."""
    story = Scenario()
    story.register("B", "mesh")
    story.register("A", "edge", "core", "mesh")
    story.decide("A", EXTEND)
    assert story.claim("A", "edge").stage == story.claim("A", "core").stage
    assert story.status("B") == "approved"
    assert story.protected_until("A") == "2026-04-21T12:00Z"
    assert story.protected_until("B") == "2026-03-22T12:00Z"


def test_what_is_not_protected_cannot_be_extended() -> None:
    """Waiting, won or withdrawn."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.register("C")
    story.decide("C", WithdrawRegistration(reason="no more"))
    for name in "BC":
        with refused("WRONG_STATE"):
            story.decide(name, EXTEND)
    story.won("A")
    with refused("WRONG_STATE"):
        story.decide("A", EXTEND)


def test_protection_is_stored_and_not_computed_again() -> None:
    """Other terms change nothing about it (§2)."""
    story = Scenario()
    story.register("A")
    story.later(days=1)
    story.publish(protection_days=5, extension_days=1)
    story.catch_up()
    assert story.protected_until("A") == "2026-03-22T12:00Z"
    story.decide("A", EXTEND)
    assert story.protected_until("A") == "2026-03-23T12:00Z"


def test_what_is_won_has_no_protection_that_could_run_out() -> None:
    """Its claims stood under protection when they were won, and that is not taken from them; nothing ends any more."""
    story = Scenario()
    story.register("A")
    story.register("B", "core")
    story.register("C")
    ends = {name: protection_runs_out_at(story.registration(name)) for name in "ABC"}
    assert ends == {"A": story.instant("2026-03-22T12:00"), "B": story.instant("2026-03-22T12:00"), "C": None}
    story.won("A")
    assert protection_runs_out_at(story.registration("A")) is None
    assert story.protected_until("A") == "2026-03-22T12:00Z"
