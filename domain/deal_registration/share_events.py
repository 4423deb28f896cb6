"""What happens on the way to shares that every party agreed. These are the stored format: add, never edit."""

from dataclasses import dataclass

from domain.deal_registration.events import RegistrationEvent
from domain.ids import Instant, PartnerId, Share, ShareProposalId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareProposalEvent(RegistrationEvent):
    """What all these events say: which proposal, of which registration."""

    proposal: ShareProposalId


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesProposed(ShareProposalEvent):
    """Every partner named is asked to agree before `expires_at`. It replaces the registration's open proposal."""

    shares: tuple[Share, ...]
    proposed_by: PartnerId | None
    """The lead partner, who agrees by proposing; None: staff."""
    expires_at: Instant
    terms_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedSharesAccepted(ShareProposalEvent):
    """One of the partners agrees."""

    partner: PartnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedSharesDeclined(ShareProposalEvent):
    """One of the partners does not agree, which ends the proposal."""

    partner: PartnerId
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareProposalExpired(ShareProposalEvent):
    """Not everybody had answered at `at` (which may lie before this was recorded)."""

    at: Instant


ShareProposalEvents = SharesProposed | ProposedSharesAccepted | ProposedSharesDeclined | ShareProposalExpired
