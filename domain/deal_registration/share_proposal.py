"""A proposal of how a win would be shared, and what the partners named in it said so far (rules §5)."""

from dataclasses import dataclass
from typing import Literal

from domain.ids import Instant, PartnerId, Position, RegistrationId, Share, ShareProposalId

ProposalStatus = Literal["open", "agreed", "closed"]
ClosedBecause = Literal["declined", "expired", "replaced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareProposal:
    """A proposal. It binds nobody until every partner in it has accepted."""

    id: ShareProposalId
    registration: RegistrationId
    shares: tuple[Share, ...]
    proposed_at: Instant
    expires_at: Instant
    status: ProposalStatus
    accepted: tuple[PartnerId, ...]
    """In the order in which they agreed."""
    closed_because: ClosedBecause | None = None
    declined_by: PartnerId | None = None
    evidence: tuple[Position, ...]
    """Positions of its events, the first of them the proposal's own."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to answer."""
        return self.status == "open"

    @property
    def partners(self) -> tuple[PartnerId, ...]:
        """Everybody named in it."""
        return tuple(share.partner for share in self.shares)

    @property
    def is_accepted_by_all(self) -> bool:
        """Whether nobody's answer is missing."""
        return set(self.partners) <= set(self.accepted)
