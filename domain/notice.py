"""What somebody must be told: the notices that a mailer picks up from the outbox (service/decisions/0013).

What the caller of a command learns from its own answer is no notice: an automatic approval, one's own withdrawal.
Each notice says nothing of any other partner but what its reader may see of it anyway.
"""

from dataclasses import dataclass
from typing import Literal

from domain.conflict_case.events import AwaitedStep, Outcome
from domain.deal_registration.events import RejectionCode
from domain.ids import CaseId, Instant, LeadId, PartnerId, Product, RegistrationId, ShareProposalId

NoticeKind = Literal[
    "approved",
    "sales_owner_awaited",
    "transferred",
    "first_in_line",
    "returned",
    "return_lapsed",
    "rejected",
    "protection_ends_soon",
    "protection_ended",
    "claim_ended",
    "extension_granted",
    "extension_declined",
    "case_opened",
    "case_decided",
    "case_message",
    "case_overdue",
    "shares_proposed",
    "shares_declined",
    "share_proposal_closed",
    "share_proposal_expired",
    "shares_agreed",
    "lead_offered",
    "lead_accepted",
    "lead_declined",
    "lead_withdrawn",
    "lead_expired",
    "lead_transferred",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one partner is told, about one of its registrations mostly. What a kind has no use for is None or empty."""

    kind: NoticeKind
    partner: PartnerId | None
    """Whom to tell; None: the vendor's own staff."""
    registration: RegistrationId | None
    account_name: str
    products: tuple[Product, ...]
    at: Instant
    """When it became so, which may lie before it was recorded."""
    until: Instant | None = None
    """The end of protection, or of the time to answer."""
    days_left: int | None = None
    case: CaseId | None = None
    outcome: Outcome | None = None
    fields: tuple[str, ...] = ()
    reason_code: RejectionCode | None = None
    text: str | None = None
    """What somebody wrote for the reader: a reason, a message."""
    share_proposal: ShareProposalId | None = None
    basis_points: int | None = None
    """The reader's own part of proposed or agreed shares."""
    lead: LeadId | None = None
    awaited: AwaitedStep | None = None
    """The step of a case that is overdue."""
