"""Proposals of shares as the HTTP contract shows them: whole to staff and the lead, to others their own part."""

from domain.account.state import Account
from domain.calendar import instant_text
from domain.deal_registration.share_proposal import ShareProposal
from domain.ids import PartnerId, Share, ShareProposalId
from domain.partner.aggregate import Partner
from service.presentation.values import Document


def proposal_document(
    account: Account, proposal_id: ShareProposalId, lead: Partner, viewer: PartnerId | None
) -> Document:
    """A proposal. A partner named in it sees the account, the products, the lead's name and its own part, no more."""
    proposal = account.share_proposals[proposal_id]
    registration = account.registrations[proposal.registration]
    whole = viewer in (None, registration.partner)
    return {
        "id": proposal.id,
        "status": proposal.status,
        "closed_because": proposal.closed_because if whole else _because_to(proposal, viewer),
        "account": {"name": registration.facts.name, "country": registration.facts.country},
        "products": list(registration.products),
        "lead": lead.name,
        "own": next((_part(proposal, share) for share in proposal.shares if share.partner == viewer), None),
        "proposed_at": instant_text(proposal.proposed_at),
        "expires_at": instant_text(proposal.expires_at),
        "registration": registration.id if whole else None,
        "shares": [{"partner": s.partner, **_part(proposal, s)} for s in proposal.shares] if whole else None,
    }


def _because_to(proposal: ShareProposal, viewer: PartnerId | None) -> str | None:
    """Why it is closed, where that is the viewer's own doing or time's: another partner's answer is not told."""
    if proposal.closed_because == "expired" or proposal.declined_by == viewer:
        return proposal.closed_because
    return None


def _part(proposal: ShareProposal, share: Share) -> Document:
    accepted = "accepted" if share.partner in proposal.accepted else "open"
    return {
        "basis_points": share.basis_points,
        "answer": "declined" if proposal.declined_by == share.partner else accepted,
    }
