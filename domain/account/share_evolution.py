"""What becomes of proposed shares: answered, agreed, expired, replaced."""

from typing import assert_never

from domain.account import queueing
from domain.account.state import Account
from domain.changed import changed
from domain.deal_registration.events import SharesAgreed
from domain.deal_registration.share_events import (
    ProposedSharesAccepted,
    ProposedSharesDeclined,
    ShareProposalEvents,
    ShareProposalExpired,
    SharesProposed,
)
from domain.deal_registration.share_proposal import ShareProposal
from domain.deal_registration.transfer_events import ShareProposalTransferred
from domain.ids import RegistrationId
from domain.recorded import Recorded

_ProposalEvent = ShareProposalEvents | ShareProposalTransferred


def after_share_event(account: Account, recorded: Recorded[_ProposalEvent]) -> Account:
    """The account after a step of one of its share proposals."""
    event = recorded.event
    if isinstance(event, SharesProposed):
        return _with(with_open_proposal_replaced(account, event.registration), _proposed(recorded, event))
    known = account.share_proposals[event.proposal]
    proposal = changed(known, evidence=(*known.evidence, recorded.position))
    if isinstance(event, ProposedSharesAccepted):
        return _with(account, changed(proposal, accepted=(*proposal.accepted, event.partner)))
    if isinstance(event, ProposedSharesDeclined):
        declined = changed(proposal, status="closed", closed_because="declined", declined_by=event.partner)
        return _with(account, declined)
    if isinstance(event, ShareProposalExpired):
        return _with(account, changed(proposal, status="closed", closed_because="expired"))
    if isinstance(event, ShareProposalTransferred):
        return _with(account, changed(proposal, shares=event.shares, accepted=event.accepted))
    assert_never(event)


def with_shares_agreed(account: Account, recorded: Recorded[SharesAgreed]) -> Account:
    """The account once shares are agreed: by all of a proposal, whose steps are their evidence, or past it by staff."""
    event = recorded.event
    registration = account.registrations[event.registration]
    evidence = (*registration.evidence, recorded.position)
    if event.proposal is None:
        account = with_open_proposal_replaced(account, registration.id)
    else:
        proposal = account.share_proposals[event.proposal]
        evidence = (*registration.evidence, *proposal.evidence, recorded.position)
        account = _with(account, changed(proposal, status="agreed"))
    return queueing.with_registration(account, changed(registration, shares=event.shares, evidence=evidence))


def _proposed(recorded: Recorded[_ProposalEvent], event: SharesProposed) -> ShareProposal:
    return ShareProposal(
        id=event.proposal,
        registration=event.registration,
        shares=event.shares,
        proposed_at=recorded.recorded_at,
        expires_at=event.expires_at,
        status="open",
        accepted=() if event.proposed_by is None else (event.proposed_by,),
        evidence=(recorded.position,),
    )


def with_open_proposal_replaced(account: Account, registration: RegistrationId) -> Account:
    """The account once a registration's shares are settled otherwise: what was proposed is not open any more."""
    open_one = account.open_share_proposal(registration)
    return (
        account if open_one is None else _with(account, changed(open_one, status="closed", closed_because="replaced"))
    )


def _with(account: Account, proposal: ShareProposal) -> Account:
    return changed(account, share_proposals=queueing.with_entry(account.share_proposals, proposal.id, proposal))
