"""What a partner is paid by instead of the programme's terms, between two days (rules §6). Stored: add, never edit."""

from dataclasses import dataclass, fields
from datetime import date

from domain.changed import changed
from domain.ids import Position
from domain.programme.terms import Band, BandTable, Method, RefundMethod, SplitMode, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSettings:
    """The settings that were promised; None: as in the programme's terms. Amounts are in the programme's currency.

    A partner with `tiers` of its own is paid by them for every deal, unless it has `tier_tables` of its own as well.
    """

    tiers: tuple[Band, ...] | None = None
    tier_tables: tuple[BandTable, ...] | None = None
    method: Method | None = None
    split_mode: SplitMode | None = None
    refund_method: RefundMethod | None = None
    line_cap_minor: int | None = None
    line_floor_minor: int | None = None
    period_cap_minor: int | None = None
    period_floor_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTerms:
    """A partner's own terms: `number` counts from 1, `ends_on` is their last day (None: until they are ended).

    Ended before they began, they were never in force.
    """

    number: int
    effective_from: date
    ends_on: date | None
    settings: OwnSettings
    position: Position

    def contains(self, day: date) -> bool:
        """Whether they are in force on a day."""
        return self.effective_from <= day and (self.ends_on is None or day <= self.ends_on)

    def overlaps(self, first: date, last: date | None) -> bool:
        """Whether they are in force on a day from `first` to `last` (None: without an end)."""
        if self.ends_on is not None and self.ends_on < max(self.effective_from, first):
            return False
        return last is None or self.effective_from <= last


def merged(terms: Terms, own: OwnSettings) -> Terms:
    """The programme's terms with what was promised in its place."""
    promised = {field.name: getattr(own, field.name) for field in fields(own) if getattr(own, field.name) is not None}
    if own.tiers is not None and own.tier_tables is None:
        promised["tier_tables"] = ()
    return changed(terms, **promised)
