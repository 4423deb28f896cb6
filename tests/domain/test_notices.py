"""What partners must be told (issue 3): each about its own registration, and nothing about anybody else."""

import pytest

from domain.account.evolve import fold
from domain.account.notices import notices_of
from domain.conflict_case.aggregate import CommunicateCase
from domain.conflict_case.events import Message
from domain.deal_registration.aggregate import (
    AcceptShares,
    ApproveRegistration,
    DeclineExtension,
    DeclineShares,
    ExtendProtection,
    GrantExtension,
    ProposeShares,
    RejectRegistration,
    ReturnRegistration,
)
from domain.ids import Instant, LeadId, PartnerId, Position, Product, Share, ShareProposalId
from domain.lead import aggregate as leads
from domain.lead.aggregate import (
    AcceptLead,
    DeclineLead,
    ExpireLead,
    LeadCommand,
    OfferLead,
    TransferLead,
    WithdrawLead,
)
from domain.lead.notices import notices_of_lead
from domain.notice import Notice
from domain.recorded import Recorded
from tests.domain.scenario import ACME, Scenario


def told(story: Scenario) -> list[Notice]:
    """All notices so far, in order."""
    found: list[Notice] = []
    for place in range(len(story.history)):
        account = fold(story.history[: place + 1])
        assert account is not None
        found += notices_of(account, story.history[place])
    return found


def kinds(story: Scenario) -> list[tuple[str | None, str]]:
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


def shares(**parts: int) -> tuple[Share, ...]:
    """Shares in basis points."""
    return tuple(Share(partner=PartnerId(partner), basis_points=points) for partner, points in parts.items())


def proposed(story: Scenario, by: str | None, **parts: int) -> ShareProposalId:
    """Shares of A's registration are proposed, by a partner or (None) by staff."""
    proposal = ShareProposalId(f"shp_{story.position}")
    sharing = tuple(story.partners[PartnerId(part)] for part in parts)
    by_partner = None if by is None else PartnerId(by)
    story.decide("A", ProposeShares(proposal=proposal, shares=shares(**parts), sharing=sharing, by=by_partner))
    return proposal


def about(story: Scenario) -> list[tuple[str | None, str, str | None, int | None]]:
    """Who was told what of proposed shares: of which registration, and which part."""
    return [(n.partner, n.kind, n.registration, n.basis_points) for n in told(story) if n.share_proposal is not None]


def test_proposed_shares_are_told_to_everybody_who_has_to_answer() -> None:
    """By its own part; which registration it is, the lead alone knows. Agreed, it is told to all but the last."""
    story = Scenario()
    story.register("A", engagement="co_sell")
    proposal = proposed(story, "A", A=5_000, B=3_000, C=2_000)
    assert about(story) == [("B", "shares_proposed", None, 3_000), ("C", "shares_proposed", None, 2_000)]
    assert told(story)[0].until == story.instant("2026-03-06T12:00")
    for name in "BC":
        sharing = tuple(story.partners[PartnerId(part)] for part in "ABC")
        story.decide("A", AcceptShares(proposal=proposal, partner=PartnerId(name), sharing=sharing))
    assert about(story)[2:] == [("A", "shares_agreed", "A", 5_000), ("B", "shares_agreed", None, 3_000)]
    story.agree_shares("A", {"A": 10_000})
    assert len(about(story)) == 4


def test_whose_no_it_was_is_told_to_the_lead_with_the_reason() -> None:
    """To the others only that it is open no longer; a proposal of staff is told to the lead, too."""
    story = Scenario()
    story.register("A", engagement="co_sell")
    proposal = proposed(story, None, A=5_000, B=3_000, C=2_000)
    assert [(partner, registration) for partner, _, registration, _ in about(story)] == [
        ("A", "A"),
        ("B", None),
        ("C", None),
    ]
    story.decide("A", DeclineShares(proposal=proposal, partner=PartnerId("B"), reason="too little"))
    assert [(n.partner, n.kind, n.text) for n in told(story)[3:]] == [
        ("A", "shares_declined", "too little"),
        ("C", "share_proposal_closed", None),
    ]


def test_a_proposal_that_nobody_answered_is_told_to_all() -> None:
    """When it expired."""
    story = Scenario()
    story.register("A", engagement="co_sell")
    proposed(story, "A", A=5_000, B=5_000)
    story.later(days=20)
    story.catch_up()
    expired = told(story)[1:]
    assert [(n.partner, n.kind, n.at) for n in expired] == [
        (name, "share_proposal_expired", story.instant("2026-03-06T12:00")) for name in "AB"
    ]


def test_a_buyer_is_told_of_the_shares_that_it_has_to_answer() -> None:
    """Not of what the bought partner had agreed to."""
    story = Scenario()
    story.register("A", engagement="co_sell")
    proposed(story, "A", A=5_000, B=5_000)
    story.acquire("B", "E")
    story.acquire("A", "D")
    assert about(story)[1:] == [("E", "shares_proposed", None, 5_000)]


def test_a_step_that_is_late_is_told_to_the_vendors_staff() -> None:
    """Deadlines are no partner's business."""
    story = Scenario(case_investigation_hours=24)
    story.register("A")
    story.register("B")
    story.later(days=2)
    story.catch_up()
    overdue = told(story)[-1]
    assert (overdue.partner, overdue.kind, overdue.case) == (None, "case_overdue", story.case("B").id)
    assert (overdue.awaited, overdue.at, overdue.products) == (
        "investigated",
        story.instant("2026-02-21T12:00"),
        ("edge",),
    )


def test_a_late_review_is_about_all_products() -> None:
    """Such a case is about no product in particular."""
    story = Scenario(approval="manual", case_investigation_hours=24)
    story.register("A", "edge", "core")
    story.won("A", on="2026-02-19")
    story.later(days=2)
    story.catch_up()
    assert (told(story)[-1].kind, told(story)[-1].products) == ("case_overdue", ("edge", "core"))


@pytest.mark.parametrize("source", ["B", None])
def test_a_lead_is_told_to_whoever_has_to_know(source: str | None) -> None:
    """Offered to the recipient, answered to the source; of the vendor's own leads to its staff."""
    story = Scenario()
    recipient, now = story.partners[PartnerId("A")], story.now
    offer = OfferLead(
        lead=LeadId("lead_1"),
        source=None if source is None else story.partners[PartnerId(source)],
        recipient=recipient,
        facts=ACME,
        products=(Product("edge"),),
        known_products=(),
        expires_at=story.instant("2026-03-06T12:00"),
        terms_version=1,
    )
    late = story.instant("2026-04-01T12:00")
    expired: list[tuple[str | None, str]] = [("A", "lead_expired"), (source, "lead_expired")]
    for command, expected in (
        (AcceptLead(recipient=recipient, now=now), [(source, "lead_accepted")]),
        (DeclineLead(reason="no time", now=now), [(source, "lead_declined")]),
        (WithdrawLead(reason="a mistake", now=now), [("A", "lead_withdrawn")]),
        (TransferLead(partner=PartnerId("A"), to=PartnerId("E"), now=now), [("E", "lead_transferred")]),
        (ExpireLead(now=late), expired),
    ):
        assert of_lead(offer, command) == [("A", "lead_offered"), *expected]
    alone: list[LeadCommand] = [TransferLead(partner=PartnerId("A"), to=PartnerId("B"), now=now), ExpireLead(now=late)]
    assert of_lead(offer, *alone)[2:] == [("B", "lead_expired")] + ([(None, "lead_expired")] if source is None else [])


def of_lead(*said: LeadCommand) -> list[tuple[str | None, str]]:
    """Who was told what of a lead."""
    lead, found = None, list[tuple[str | None, str]]()
    for command in said:
        for event in leads.decide(lead, command):
            recorded = Recorded(position=Position(1), recorded_at=Instant(1), actor="test", event=event)
            lead = leads.evolve(lead, recorded)
            found += [(notice.partner, notice.kind) for notice in notices_of_lead(lead, recorded)]
    return found
