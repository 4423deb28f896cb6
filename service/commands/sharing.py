"""Shares that every party agrees: proposed for a registration, accepted or declined by each partner that is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from domain.account.state import Account
from domain.deal_registration.aggregate import AcceptShares, DeclineShares, ProposeShares, decide
from domain.ids import AccountId, Instant, PartnerId, RegistrationId, Share, ShareProposalId
from domain.partner.aggregate import Partner
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.on_account import ON_AN_ACCOUNT, account_of, answer, draft_of, partner_of, store
from service.commands.registrations import account_of_registration, registration_needs
from service.presentation.share_proposals import proposal_document
from service.states import PROPOSALS_GENERATION, account_key, partner_key
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose(Work):
    """Propose shares of a registration. `only_of` is the partner whose key asks: it proposes for its own alone."""

    actor: str
    registration: RegistrationId
    only_of: PartnerId | None
    proposal: ShareProposalId
    shares: tuple[Share, ...]
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The registration's account, and the partners that are named."""
        yield from (*ON_AN_ACCOUNT, PROPOSALS_GENERATION)
        yield from (partner_key(share.partner) for share in self.shares)
        yield from registration_needs(self.registration, known)

    def run(self, attempt: Attempt) -> Answer:
        """Propose, and show the proposal: the same again where just this is proposed already."""
        account_id = account_of_registration(attempt, self.registration, self.only_of)
        sharing = partners_to_share(attempt, self.shares, self.only_of)
        draft = draft_of(attempt, account_id, self.token)
        command = ProposeShares(proposal=self.proposal, shares=self.shares, sharing=sharing, by=self.only_of)
        decide(draft, self.registration, command)
        store(attempt, draft)
        made = self.proposal in draft.account.share_proposals
        open_one = draft.account.open_share_proposal(self.registration)
        assert made or open_one is not None
        shown = self.proposal if open_one is None else open_one.id
        lead = partner_of(attempt, draft.account.registrations[self.registration].partner)
        return answer(attempt, proposal_document(draft.account, shown, lead, self.only_of), created=made)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerProposal(Work):
    """A partner that is named in a proposal accepts it, or declines with or without a `reason`."""

    actor: str
    proposal: ShareProposalId
    partner: PartnerId
    accepts: bool
    reason: str | None
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The proposal's account, and the partners that it names."""
        yield from (*ON_AN_ACCOUNT, PROPOSALS_GENERATION)
        yield ("share_proposal", self.proposal)
        account_id = known(("share_proposal", self.proposal))
        if account_id is not None:
            key = account_key(cast("AccountId", account_id))
            yield key
            account = cast("Account", known(key))
            yield from (partner_key(partner) for partner in account.share_proposals[self.proposal].partners)

    def run(self, attempt: Attempt) -> Answer:
        """Record the answer, and show the proposal as it stands then."""
        account_id = _account_of_proposal(attempt, self.proposal, self.partner)
        draft = draft_of(attempt, account_id, self.token)
        proposal = draft.account.share_proposals[self.proposal]
        if self.accepts:
            sharing = tuple(partner_of(attempt, partner) for partner in proposal.partners)
            accept = AcceptShares(proposal=proposal.id, partner=self.partner, sharing=sharing)
            decide(draft, proposal.registration, accept)
        else:
            decline = DeclineShares(proposal=proposal.id, partner=self.partner, reason=self.reason)
            decide(draft, proposal.registration, decline)
        store(attempt, draft)
        lead = partner_of(attempt, draft.account.registrations[proposal.registration].partner)
        return answer(attempt, proposal_document(draft.account, proposal.id, lead, self.partner))


def partners_to_share(attempt: Attempt, shares: Sequence[Share], only_of: PartnerId | None) -> tuple[Partner, ...]:
    """The partners named in shares. To a partner's key one that nobody knows is like one that is not active."""
    return tuple(
        [
            _stranger(share.partner)
            if only_of is not None and attempt.state(partner_key(share.partner)) is None
            else partner_of(attempt, share.partner)
            for share in shares
        ]
    )


def _stranger(partner: PartnerId) -> Partner:
    """Stands for a partner that nobody knows wherever it is asked whether it is active."""
    return Partner(
        id=partner,
        name=partner,
        currency="",
        enrolled_on=date.min,
        enrolled_at=Instant(0),
        agreements=(),
        stage="identified",
    )


def _account_of_proposal(attempt: Attempt, proposal: ShareProposalId, partner: PartnerId) -> AccountId:
    """The account of a proposal; not found, too, when it does not name the partner."""
    account_id = cast("AccountId | None", attempt.state(("share_proposal", proposal)))
    if account_id is not None:
        account = account_of(attempt, account_id)
        assert account is not None
        if partner in account.share_proposals[proposal].partners:
            return account_id
    raise Refusal("NOT_FOUND", f"There is no proposal {proposal}.")
