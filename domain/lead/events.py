"""What happens to a lead. These are the stored format: add, never edit.

What people wrote about the people at the account is never here; it is kept beside the log under the lead's id.
"""

from dataclasses import dataclass

from domain.ids import Instant, LeadId, PartnerId, Product
from domain.matching import AccountFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadOffered:
    """Somebody tells a partner of an opportunity. It is no claim: it gives nobody a place in a queue."""

    lead: LeadId
    source: PartnerId | None
    """The partner that it comes from; None: from the vendor."""
    recipient: PartnerId
    facts: AccountFacts
    products: tuple[Product, ...]
    expires_at: Instant
    terms_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadAccepted:
    """The partner takes it on; what it registers from it names its origin."""

    lead: LeadId


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadDeclined:
    """The partner does not want it."""

    lead: LeadId
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadWithdrawn:
    """Who offered it took it back before it was answered."""

    lead: LeadId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadExpired:
    """It was not answered by `at` (which may lie before this was recorded)."""

    lead: LeadId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTransferred:
    """What `partner` had to do with it, as its source, its recipient or both, is `to`'s, who acquired it."""

    lead: LeadId
    partner: PartnerId
    to: PartnerId


LeadEvent = LeadOffered | LeadAccepted | LeadDeclined | LeadWithdrawn | LeadExpired | LeadTransferred
