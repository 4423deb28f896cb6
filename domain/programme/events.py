"""What happens to a programme. These are the stored format: add, never edit."""

import datetime
from dataclasses import dataclass

from domain.ids import CaseId, Instant, ProgrammeId
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


ProgrammeEvent = ProgrammeStarted | TermsPublished | ExchangeRatePublished | ClockMoved
