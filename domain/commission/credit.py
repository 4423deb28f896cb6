"""Who is credited for a won deal (rules §5)."""

from dataclasses import dataclass
from datetime import date

from domain.ids import DealRef, LineId, PartnerId, Position, Product, RegistrationId, Share
from domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One partner's part in one won deal, before currency, bands and what the partner's own stage holds."""

    line: LineId
    partner: PartnerId
    registration: RegistrationId
    deal: DealRef | None
    account_name: str
    products: tuple[Product, ...]
    won_on: date
    place: Position
    """The position of the registration: it orders the credits of one day (rules §6)."""
    value: Money
    """The deal's value less its refunds, in the deal's currency; never negative."""
    shares: tuple[Share, ...]
    """All shares of the deal; this credit is the part of `partner`."""
    lead: PartnerId
    held_because: tuple[str, ...]
    evidence: tuple[Position, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DealOutcome:
    """What a registration whose deal was ever won leads to now; no credits when it leads to none (any more)."""

    registration: RegistrationId
    credits: tuple[Credit, ...]
    evidence: tuple[Position, ...]
    partners: tuple[PartnerId, ...]
    """Every partner credited now. (Who was ever credited is for the reader to remember.)"""
