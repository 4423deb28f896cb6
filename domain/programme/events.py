"""What happens to a programme. These are the stored format: add, never edit."""

import datetime
from dataclasses import dataclass

from domain.ids import CaseId, Instant, Product, ProgrammeId
from domain.programme.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeStarted:
    """The programme exists, with its time zone, its currency and its first terms (version 1, in force from ever)."""

    programme: ProgrammeId
    time_zone: str
    currency: str
    sandbox: bool
    clock: Instant | None
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPublished:
    """A new version of the whole rule book, from 00:00 of `effective_from` in the programme's zone (`starts_at`)."""

    version: int
    effective_from: datetime.date
    starts_at: Instant
    terms: Terms
    changed: tuple[str, ...]
    case: CaseId | None = None
    """The conflict case that it shall prevent from happening again (rules §4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRatePublished:
    """Finance states what one unit of `base` is worth in `quote` on a date; `replaces`: the earlier one was wrong."""

    date: datetime.date
    base: str
    quote: str
    rate: str
    replaces: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMoved:
    """A sandbox programme's clock stands at a later instant."""

    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SpiffPublished:
    """Deals with one of these products that are won from `first_on` to `last_on` earn something extra (rules §8).

    A rate on what is credited, or an amount a deal in the programme's currency; the other is 0.
    """

    spiff: str
    name: str
    products: tuple[Product, ...]
    first_on: datetime.date
    last_on: datetime.date
    rate_basis_points: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpiffEnded:
    """The SPIFF ends with an earlier last day than was published."""

    spiff: str
    last_on: datetime.date


ProgrammeEvent = ProgrammeStarted | TermsPublished | ExchangeRatePublished | ClockMoved | SpiffPublished | SpiffEnded
