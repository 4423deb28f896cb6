"""What partners must be told (issue 3): each about its own registration, and nothing about anybody else."""

from domain.account.evolve import fold
from domain.account.notices import Notice, notices_of
from domain.conflict_case.aggregate import CommunicateCase
from domain.conflict_case.events import Message
from domain.deal_registration.aggregate import (
    ApproveRegistration,
    DeclineExtension,
    ExtendProtection,
    GrantExtension,
    RejectRegistration,
    ReturnRegistration,
)
from tests.domain.scenario import Scenario


def told(story: Scenario) -> list[Notice]:
    """All notices so far, in order."""
    found: list[Notice] = []
    for place in range(len(story.history)):
        account = fold(story.history[: place + 1])
        assert account is not None
        found += notices_of(account, story.history[place])
    return found


def kinds(story: Scenario) -> list[tuple[str, str]]:
    """Who was told what."""
    return [(notice.partner, notice.kind) for notice in told(story)]


def test_an_automatic_approval_is_its_own_answer_and_a_clash_is_told_to_both() -> None:
    """Each learns of the case by its own registration."""
    story = Scenario()
    story.register("A", "edge", "core")
    assert told(story) == []
    story.register("B")
    case = story.case("B")
    assert [(n.partner, n.registration, n.products, n.case) for n in told(story)] == [
        ("B", "B", ("edge",), case.id),
        ("A", "A", ("edge",), case.id),
    ]


def test_review_is_told_step_by_step() -> None:
    """Returned with the fields and until when; approved; rejected with its kind of reason; the next is first."""
    story = Scenario(approval="manual")
    story.register("A")
    story.register("B")
    story.decide("A", ReturnRegistration(reason="unclear", fields=("value",)))
    returned = told(story)[-1]
    assert (returned.fields, returned.text, returned.until) == (
        ("value",),
        "unclear",
        story.instant("2026-02-25T12:00"),
    )
    story.later(days=5)
    story.catch_up()
    story.decide("B", ApproveRegistration())
    story.register("C", "core")
    story.decide("C", RejectRegistration(reason="ours", code="existing_customer"))
    assert kinds(story)[2:] == [
        ("A", "returned"),
        ("A", "return_lapsed"),
        ("B", "first_in_line"),
        ("B", "approved"),
        ("C", "rejected"),
    ]
    assert (told(story)[-1].reason_code, told(story)[-1].text) == ("existing_customer", "ours")


def test_the_end_of_protection_is_told_before_and_after() -> None:
    """Reminders, the end, and whoever is first then."""
    story = Scenario()
    story.register("A")
    story.later(days=29)
    story.remind()
    story.register("B")
    story.later(days=1)
    story.catch_up()
    found = [notice for notice in told(story) if notice.case is None]
    assert [(n.partner, n.kind, n.days_left) for n in found] == [
        ("A", "protection_ends_soon", 14),
        ("A", "protection_ends_soon", 7),
        ("A", "protection_ends_soon", 1),
        ("A", "protection_ended", None),
        ("B", "first_in_line", None),
    ]
    assert found[-1].until == story.instant("2026-04-21T12:00")


def test_an_extension_is_told_when_a_person_has_decided() -> None:
    """Granted until when, or declined and why."""
    story = Scenario(extension_approval="manual", extensions=2)
    story.register("A")
    for decision in (GrantExtension(), DeclineExtension(reason="nothing new")):
        story.decide("A", ExtendProtection(evidence="demo"))
        story.decide("A", decision)
    granted, declined = told(story)
    assert (granted.kind, granted.until) == ("extension_granted", story.instant("2026-04-21T12:00"))
    assert (declined.kind, declined.text) == ("extension_declined", "nothing new")


def test_a_case_is_told_to_both_sides_and_each_reads_its_own_message() -> None:
    """Opened, decided, communicated; what is written for others is not theirs."""
    story = Scenario()
    story.register("A")
    story.register("B")
    case = story.case("B")
    story.settle(case, "uphold")
    messages = (Message(party="sales", text="for sales"), Message(party="A", text="yours"))
    story.step(case, CommunicateCase(messages=messages))
    found = told(story)
    assert [(n.partner, n.kind, n.outcome, n.text) for n in found[2:]] == [
        ("B", "case_decided", "uphold", None),
        ("A", "case_decided", "uphold", None),
        ("A", "case_message", None, "yours"),
    ]


def test_a_win_in_review_is_told_by_all_its_products() -> None:
    """Such a case is about no product in particular; and a partner that left is told that its claims ended."""
    story = Scenario(approval="manual")
    story.register("A", "edge", "core")
    story.won("A", on="2026-02-19")
    notice = told(story)[-1]
    assert (notice.kind, notice.products) == ("case_opened", ("edge", "core"))
    story.register("B", "mesh")
    story.terminate("B")
    story.catch_up()
    assert kinds(story)[-1] == ("B", "claim_ended")
