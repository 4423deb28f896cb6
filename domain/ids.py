"""The names of things. Each is its own type, so that no bare string crosses a function boundary."""

from dataclasses import dataclass
from typing import Final, NewType

ProgrammeId = NewType("ProgrammeId", str)
PartnerId = NewType("PartnerId", str)
AccountId = NewType("AccountId", str)
RegistrationId = NewType("RegistrationId", str)
CaseId = NewType("CaseId", str)
LeadId = NewType("LeadId", str)
ShareProposalId = NewType("ShareProposalId", str)
LineId = NewType("LineId", str)
DisputeId = NewType("DisputeId", str)
AdjustmentId = NewType("AdjustmentId", str)
Product = NewType("Product", str)
AccountKey = NewType("AccountKey", str)
"""One key by which an account is recognised (rules §3, matching accounts), such as `domain:acme.example`."""
NameKey = NewType("NameKey", str)
"""A piece of a name by which names that may be alike are found (`domain/name_likeness.py`)."""

VENDOR: Final = PartnerId("")
"""Stands where a claim's partner stands when the claim is the vendor's own. No partner's id is empty."""

Position = NewType("Position", int)
"""A place in the programme's log: 1, 2, 3 … with no gaps."""

Instant = NewType("Instant", int)
"""A moment in UTC, as whole microseconds since 1970-01-01T00:00:00Z (rules §2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRef:
    """A deal in a CRM, known by its source and the CRM's own id."""

    source: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One partner's part of a credit, in basis points; the shares of a registration sum to 10,000."""

    partner: PartnerId
    basis_points: int
