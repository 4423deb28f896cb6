"""What is asked and not yet agreed goes over to the buyer: proposals of shares, and leads (service/decisions/0009)."""

import pytest

from domain.deal_registration.aggregate import (
    AcceptShares,
    ProposeShares,
    RegistrationCommand,
)
from domain.deal_registration.events import SharesAgreed
from domain.deal_registration.transfer_events import (
    ShareProposalTransferred,
)
from domain.ids import LeadId, PartnerId, Position, Share, ShareProposalId
from domain.lead.aggregate import AcceptLead, LeadCommand, OfferLead, TransferLead, decide, evolve
from domain.lead.events import LeadEvent, LeadTransferred
from domain.recorded import Recorded
from tests.domain.scenario import ACME, Scenario


def propose(story: Scenario, name: str, parts: dict[str, int], by: str) -> ShareProposalId:
    """Propose shares of a registration."""
    proposal = ShareProposalId(f"shp_{story.position}")
    command = ProposeShares(
        proposal=proposal,
        shares=tuple(Share(partner=PartnerId(part), basis_points=points) for part, points in parts.items()),
        sharing=tuple(story.partners[PartnerId(part)] for part in parts),
        by=PartnerId(by),
    )
    story.decide(name, command)
    return proposal


def accept(story: Scenario, proposal: ShareProposalId, by: str) -> None:
    """A partner agrees."""
    made = story.account.share_proposals[proposal]
    sharing = tuple(story.partners[part] for part in made.partners)
    command: RegistrationCommand = AcceptShares(proposal=proposal, partner=PartnerId(by), sharing=sharing)
    story.decide(made.registration, command)


def test_an_open_proposal_waits_for_the_buyer_instead() -> None:
    """What the bought partner has agreed to, the buyer agrees to."""
    story = Scenario()
    story.register("C", engagement="co_sell")
    proposal = propose(story, "C", {"C": 4_000, "A": 3_000, "B": 3_000}, by="C")
    accept(story, proposal, by="A")
    story.register("C", "core", engagement="co_sell")
    of_others = propose(story, "C2", {"C": 5_000, "B": 5_000}, by="C")
    story.acquire("A", "E")
    assert [type(event) for event in story.happened] == [ShareProposalTransferred]
    assert story.account.share_proposals[of_others].partners == ("C", "B")
    made = story.account.share_proposals[proposal]
    assert (made.partners, made.accepted) == (("C", "E", "B"), ("C", "E"))
    accept(story, proposal, by="B")
    assert story.shares("C") == {"C": 4_000, "E": 3_000, "B": 3_000}


@pytest.mark.parametrize(("agreeing", "agreed"), [("A", False), ("AE", True)])
def test_a_buyer_that_was_named_too_agrees_only_if_both_had(agreeing: str, agreed: bool) -> None:
    """With the last answer the shares are agreed."""
    story = Scenario()
    story.register("C", engagement="co_sell")
    proposal = propose(story, "C", {"C": 4_000, "A": 3_000, "E": 2_000, "B": 1_000}, by="C")
    for name in agreeing:
        accept(story, proposal, by=name)
    story.acquire("A", "E")
    assert ("E" in story.account.share_proposals[proposal].accepted) is agreed
    accept(story, proposal, by="B")
    assert [type(event) for event in story.happened].count(SharesAgreed) == agreed


def test_a_proposal_to_the_buyer_alone_is_agreed_at_once() -> None:
    """Nobody is left who has to answer."""
    story = Scenario()
    story.register("C", engagement="co_sell")
    proposal = propose(story, "C", {"C": 4_000, "A": 6_000}, by="C")
    story.acquire("C", "A")
    assert not story.account.share_proposals[proposal].accepted
    accept(story, proposal, by="A")
    assert story.shares("C") == {"A": 10_000}


@pytest.mark.parametrize("answered", [False, True])
def test_a_lead_goes_over_on_both_sides(answered: bool) -> None:
    """Offered or accepted; one that is over does not, and one of others does not."""
    story = Scenario()
    offer = OfferLead(
        lead=LeadId("lead_1"),
        source=story.partners[PartnerId("B")],
        recipient=story.partners[PartnerId("A")],
        facts=ACME,
        products=(),
        known_products=(),
        expires_at=story.instant("2026-03-01T12:00"),
        terms_version=1,
    )
    said: list[LeadCommand] = [offer]
    if answered:
        said.append(AcceptLead(recipient=story.partners[PartnerId("A")], now=story.now))
    said += [TransferLead(partner=PartnerId(name), to=PartnerId("E"), now=story.now) for name in "ACB"]
    lead, happened = None, list[LeadEvent]()
    for command in said:
        for event in decide(lead, command):
            happened.append(event)
            lead = evolve(lead, Recorded(position=Position(1), recorded_at=story.now, actor="test", event=event))
    assert lead is not None
    assert (lead.source, lead.recipient) == ("E", "E")
    assert [type(event) for event in happened].count(LeadTransferred) == 2
    late = TransferLead(partner=PartnerId("E"), to=PartnerId("D"), now=offer.expires_at)
    assert len(decide(lead, late)) == answered
