"""Shares that every partner named agrees to: proposed, answered by each, agreed with the last answer (rules §5)."""

from domain.account.draft import Draft
from domain.account.priority import is_live_registration
from domain.account.state import Registration
from domain.calendar import add_days
from domain.deal_registration.amendments import refuse_if_won, refuse_unless_open_to_shares
from domain.deal_registration.commands import AcceptShares, DeclineShares, ProposeShares
from domain.deal_registration.eligibility import refuse_bad_shares
from domain.deal_registration.events import SharesAgreed
from domain.deal_registration.share_events import ProposedSharesAccepted, ProposedSharesDeclined, SharesProposed
from domain.ids import ShareProposalId
from domain.refusal import Refusal


def propose(draft: Draft, registration: Registration, command: ProposeShares) -> None:
    """Ask for everybody's agreement; what was proposed last and is open is not asked for again."""
    refuse_bad_shares(command.shares, registration.partner)
    refuse_unless_open_to_shares(registration, command.sharing)
    open_one = draft.account.open_share_proposal(registration.id)
    if open_one is None and command.shares == registration.shares:
        raise Refusal("WRONG_STATE", "These shares are agreed already.")
    if open_one is not None and open_one.shares == command.shares and command.by in (None, *open_one.accepted):
        return
    terms = draft.terms
    draft.add(
        SharesProposed(
            registration=registration.id,
            account=draft.account.id,
            proposal=command.proposal,
            shares=command.shares,
            proposed_by=command.by,
            expires_at=add_days(draft.now, terms.terms.share_proposal_days, draft.programme.zone),
            terms_version=terms.version,
        )
    )
    agree_if_all_have(draft, command.proposal)


def accept(draft: Draft, registration: Registration, command: AcceptShares) -> None:
    """One partner agrees; with the last of them the shares are agreed.

    A refusal tells it nothing of the registration but that its deal is won, and nothing of the other partners.
    """
    proposal = draft.account.share_proposals[command.proposal]
    if command.partner in proposal.accepted and proposal.closed_because is None:
        return
    refuse_if_won(registration)
    if not (proposal.is_open and is_live_registration(registration)):
        raise _not_open()
    if not all(partner.is_active for partner in command.sharing):
        raise Refusal("PARTNER_NOT_ACTIVE", "Only active partners of the programme agree on shares.")
    draft.add(
        ProposedSharesAccepted(
            registration=registration.id, account=draft.account.id, proposal=proposal.id, partner=command.partner
        )
    )
    agree_if_all_have(draft, proposal.id)


def decline(draft: Draft, command: DeclineShares) -> None:
    """One partner does not agree, which ends the proposal; also one that had agreed may."""
    proposal = draft.account.share_proposals[command.proposal]
    if proposal.declined_by == command.partner:
        return
    if not proposal.is_open:
        raise _not_open()
    draft.add(
        ProposedSharesDeclined(
            registration=proposal.registration,
            account=draft.account.id,
            proposal=proposal.id,
            partner=command.partner,
            reason=command.reason,
        )
    )


def _not_open() -> Refusal:
    return Refusal("WRONG_STATE", "The proposal is not open any more.")


def agree_if_all_have(draft: Draft, proposal_id: ShareProposalId) -> None:
    """Once nobody's answer is missing the shares are agreed."""
    proposal = draft.account.share_proposals[proposal_id]
    if proposal.is_accepted_by_all:
        draft.add(
            SharesAgreed(
                registration=proposal.registration,
                account=draft.account.id,
                shares=proposal.shares,
                proposal=proposal.id,
            )
        )
