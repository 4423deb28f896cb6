"""What takes a partner out of the programme: for a while, or for good (rules §8)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.ids import Instant, PartnerId
from domain.partner.events import TerminationCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """An interval in which the partner is suspended; `until` is None while it lasts."""

    since: Instant
    until: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """The end of the partnership and its cause."""

    ends_at: Instant
    cause: TerminationCause | Literal["acquired"]
    last_day: date | None
    acquired_by: PartnerId | None = None
