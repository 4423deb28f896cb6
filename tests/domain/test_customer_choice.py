"""The customer chooses another partner in writing (rules §4 `customer_preference`; situations)."""

from datetime import date

import pytest

from domain.account.state import Case
from domain.conflict_case.aggregate import CommunicateCase, PreventCase
from domain.conflict_case.customer_choice import RecordCustomerChoice
from domain.conflict_case.events import CaseInvestigated, Message
from domain.deal_registration.aggregate import WithdrawRegistration
from tests.domain.scenario import Scenario, refused

LETTER = RecordCustomerChoice(letter_sha256="ab" * 32, dated_on=date(2026, 2, 24), reason="signed by the buyer")


def chosen(*products: str) -> Scenario:
    """A holds, B and C wait, and five days later the customer chooses C."""
    story = Scenario()
    story.register("A", *products)
    story.register("B", *products)
    story.register("C", *products)
    story.later(days=5)
    story.choose("C", LETTER)
    return story


def preferences(story: Scenario) -> list[Case]:
    """The cases that the letter led to."""
    return story.cases("customer_preference")


def test_the_chosen_partner_is_first_and_protected_from_the_decision_on() -> None:
    """The other's protection ends at that instant, and it waits behind; the others keep their order."""
    story = chosen()
    assert story.queue() == ["C", "A", "B"]
    assert (story.status("A"), story.protected_until("A")) == ("waiting", None)
    assert story.protected_until("C") == "2026-03-27T12:00Z"
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", "2026-02-25T12:00Z", "reassigned"),
        ("C", "2026-02-25T12:00Z", None, None),
    ]


def test_it_is_a_case_decided_in_its_own_right_and_an_override_for_ever() -> None:
    """With the letter's digest; the older case about the same clash is moot; people still communicate and prevent."""
    story = chosen()
    (case,) = preferences(story)
    assert case.decision is not None
    assert (case.status, case.decision.outcome, case.decision.overrides_priority) == ("decided", "reassign", True)
    investigated = next(step.event for step in case.steps if isinstance(step.event, CaseInvestigated))
    assert investigated.findings[0].evidence == f"sha256:{'ab' * 32}"
    assert story.case_now(story.cases("same_account")[1]).status == "moot"
    story.step(case, CommunicateCase(messages=tuple(Message(party=one, text="It is so.") for one in "AC")))
    story.step(case, PreventCase(change=None, no_change="The customer is free to choose."))
    story.later(days=100)
    story.catch_up()
    kept = story.case_now(case)
    assert kept.status == "closed" and kept.decision == case.decision


def test_each_product_has_a_case_and_the_same_letter_again_changes_nothing() -> None:
    """Recorded once."""
    story = chosen("edge", "core")
    assert [case.product for case in preferences(story)] == ["edge", "core"]
    assert story.choose("C", LETTER) == tuple(case.id for case in preferences(story))
    assert story.happened == ()


def test_a_win_is_the_chosen_partners_from_then_on() -> None:
    """And what was won before is whose it was."""
    story = chosen()
    story.won("C")
    assert story.credited("C") == ("C",)


def test_there_is_nothing_to_override_where_nobody_else_is_first() -> None:
    """The holder itself, a registration that is over, one whose sale is won."""
    story = chosen()
    with refused("WRONG_STATE"):
        story.choose("C", RecordCustomerChoice(letter_sha256="cd" * 32, dated_on=date(2026, 2, 25), reason="again"))
    story.won("C")
    with refused("WRONG_STATE"):
        story.choose("B", LETTER)


@pytest.mark.parametrize("how", ["suspend", "terminate"])
def test_whoever_is_not_active_cannot_be_put_first(how: str) -> None:
    """As it could not be promoted."""
    story = Scenario()
    story.register("A")
    story.register("B")
    getattr(story, how)("B")
    code = "PARTNER_NOT_ACTIVE" if how == "suspend" else "WRONG_STATE"
    with refused(code):
        story.choose("B", LETTER)


def test_between_registrations_of_one_partner_the_customer_has_not_chosen() -> None:
    """A's own second claim came back behind its first one by a reopening."""
    story = Scenario()
    story.register("A")
    story.won("A")
    story.register("A")
    story.reopened("A")
    assert story.queue() == ["A", "A2"]
    with refused("WRONG_STATE"):
        story.choose("A2", LETTER)


def test_where_nobody_is_first_or_both_go_on_as_one_there_is_nothing_to_override() -> None:
    """A suspended partner waits for an empty place; a split made one opportunity of two."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.suspend("B")
    story.decide("A", WithdrawRegistration(reason="no"))
    assert story.holder() is None
    with refused("WRONG_STATE"):
        story.choose("B", LETTER)
    joined = Scenario()
    joined.register("A")
    joined.register("B")
    joined.settle(joined.case("B"), "split", shares={"A": 5_000, "B": 5_000})
    with refused("WRONG_STATE"):
        joined.choose("B", LETTER)
