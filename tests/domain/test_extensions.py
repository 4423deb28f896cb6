"""A longer protection that a person grants (rules §3; situations)."""

import pytest

from domain.account.reviewing import review_of
from domain.deal_registration.aggregate import (
    DeclineExtension,
    ExtendProtection,
    GrantExtension,
    WithdrawRegistration,
)
from domain.deal_registration.protection_events import ExtensionGranted
from tests.domain.scenario import Scenario, refused

EXTEND = ExtendProtection(evidence="demo on 12 March, minutes attached")
DECLINE = DeclineExtension(reason="nothing has happened")


def asked(*products: str) -> Scenario:
    """A asked on day 29 for a longer protection."""
    story = Scenario(extension_approval="manual")
    story.register("A", *products)
    story.later(days=29)
    story.decide("A", EXTEND)
    return story


def test_an_extension_is_only_asked_for_where_a_person_decides() -> None:
    """Nothing lasts longer yet; it waits in the reviewer's queue; asking again in the same words changes nothing."""
    story = asked()
    assert story.protected_until("A") == "2026-03-22T12:00Z"
    review = review_of(story.registration("A"))
    assert review is not None and (review.subject, review.since) == ("extension", story.now)
    story.decide("A", EXTEND)
    assert story.happened == ()
    with refused("WRONG_STATE"):
        story.decide("A", ExtendProtection(evidence="and another demo"))


def test_granted_before_the_end_it_lasts_longer_and_is_used() -> None:
    """Once, as the terms allow."""
    story = asked()
    story.decide("A", GrantExtension())
    assert (story.protected_until("A"), review_of(story.registration("A"))) == ("2026-04-21T12:00Z", None)
    with refused("WRONG_STATE"):
        story.decide("A", GrantExtension())
    with refused("NO_EXTENSION_LEFT"):
        story.decide("A", EXTEND)


def test_granted_after_the_end_protection_is_continuous_when_nobody_came() -> None:
    """Filed in time and no rival: as if it had never ended (situations)."""
    story = asked()
    story.later(days=4)
    story.catch_up()
    assert (story.status("A"), story.holder()) == ("expired", None)
    assert review_of(story.registration("A")) is not None
    story.decide("A", GrantExtension())
    assert (story.status("A"), story.protected_until("A")) == ("approved", "2026-04-21T12:00Z")
    assert story.timeline() == [("A", "2026-02-20T12:00Z", None, None)]
    story.register("B")
    assert story.queue() == ["A", "B"]
    story.later(days=30)
    story.catch_up()
    assert story.timeline()[0] == ("A", "2026-02-20T12:00Z", "2026-04-21T12:00Z", "expired")


def test_a_win_in_the_gap_that_the_grant_closed_is_the_holders() -> None:
    """Whoever held at the instant of the win is credited (§5), and that was A all the time."""
    story = asked()
    story.later(days=2)
    gap = "2026-03-23T12:00"
    story.later(days=2)
    story.decide("A", GrantExtension())
    story.won("A", occurred=gap)
    assert story.credited("A") == ("A",)


@pytest.mark.parametrize("waited", [True, False])
def test_granted_after_the_end_it_is_too_late_once_a_rival_holds(waited: bool) -> None:
    """Promoted at the end, or registered since: the place is theirs."""
    story = asked()
    if waited:
        story.register("B")
    story.later(days=1)
    if not waited:
        story.register("B")
    story.later(days=1)
    with refused("PROTECTION_LAPSED"):
        story.decide("A", GrantExtension())
    story.decide("A", DECLINE)
    assert (story.holder(), review_of(story.registration("A"))) == ("B", None)
    with refused("WRONG_STATE"):
        story.decide("A", DECLINE)


def test_a_rival_who_came_and_went_was_there() -> None:
    """It is not continuous any more."""
    story = asked()
    story.later(days=1)
    story.register("B")
    story.decide("B", WithdrawRegistration(reason="no"))
    with refused("PROTECTION_LAPSED"):
        story.decide("A", GrantExtension())


def test_a_decision_that_comes_so_late_that_the_longer_protection_is_over_grants_nothing() -> None:
    """Thirty days more would have ended by now."""
    story = asked()
    story.later(days=31)
    with refused("PROTECTION_LAPSED"):
        story.decide("A", GrantExtension())


def test_each_product_goes_on_where_it_can() -> None:
    """One still runs, one has ended and is free, one has ended and is taken: whatever can is extended."""
    story = Scenario(extension_approval="manual")
    story.register("B", "runs")
    story.later(days=15)
    story.register("A", "free", "taken", "runs")
    story.later(days=20)
    story.catch_up()
    assert story.holder("runs") == "A"
    story.decide("A", EXTEND)
    story.later(days=11)
    story.register("C", "taken")
    story.decide("A", GrantExtension())
    assert {product: story.holder(product) for product in ("free", "taken", "runs")} == {
        "free": "A",
        "taken": "C",
        "runs": "A",
    }


def test_what_began_after_it_was_asked_for_is_not_extended() -> None:
    """The request speaks of what was protected then."""
    story = Scenario(extension_approval="manual", protection_days=10)
    story.register("B", "later")
    story.publish(protection_days=20)
    story.register("A", "edge", "later")
    story.later(days=9)
    story.decide("A", EXTEND)
    story.later(days=2)
    story.catch_up()
    assert story.holder("later") == "A"
    story.decide("A", GrantExtension())
    (event,) = story.happened
    assert isinstance(event, ExtensionGranted)
    assert ([extension.product for extension in event.extensions], event.continued) == (["edge"], ())


def test_what_had_ended_before_it_was_asked_for_stays_ended() -> None:
    """A request after the end is no request for it."""
    story = Scenario(extension_approval="manual")
    story.register("B", "lasts")
    story.later(days=15)
    story.register("A", "ended", "lasts")
    story.later(days=31)
    story.decide("A", EXTEND)
    story.decide("A", GrantExtension())
    assert (story.holder("ended"), story.holder("lasts")) == (None, "A")


def test_nothing_comes_back_to_life_on_a_partner_that_left_or_is_suspended() -> None:
    """Its protection ran out; what still runs may last longer all the same."""
    story = asked()
    story.later(days=2)
    story.suspend("A")
    with refused("PARTNER_NOT_ACTIVE"):
        story.decide("A", GrantExtension())


def test_a_win_that_ended_the_queue_leaves_nothing_to_grant() -> None:
    """Sold after the end: the credit is settled by what was known then."""
    story = asked()
    story.later(days=2)
    story.won("A")
    assert review_of(story.registration("A")) is None
    with refused("PROTECTION_LAPSED"):
        story.decide("A", GrantExtension())


def test_an_automatic_extension_answers_what_was_asked_for() -> None:
    """The terms changed meanwhile."""
    story = asked()
    story.publish(extension_approval="automatic")
    story.decide("A", EXTEND)
    assert (story.protected_until("A"), story.registration("A").asked_extension) == ("2026-04-21T12:00Z", None)


def test_a_distinct_opportunity_beside_it_is_nobody_that_came() -> None:
    """A decision told the two apart (§4): what is granted late continues the hold on its own opportunity only."""
    story = Scenario(extension_approval="manual")
    story.register("A")
    story.register("B")
    story.later(days=20)
    story.settle(story.case("B"), "distinct")
    story.later(days=9)
    story.decide("A", EXTEND)
    story.later(days=2)
    story.catch_up()
    assert story.queues() == [["B"]]
    story.decide("A", GrantExtension())
    assert story.queues() == [["A"], ["B"]]
    assert [(held, until) for held, _, until, _ in story.timeline()] == [("A", None), ("B", None)]
