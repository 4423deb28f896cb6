"""Instants, days and commission periods (rules §2). Intervals are half-open; a day that ends something is included."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, total_ordering
from typing import Literal
from zoneinfo import ZoneInfo

from domain.ids import Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND
_MIDNIGHT = time()
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST_INSTANT = Instant((datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC) - _EPOCH) // _MICROSECOND)
"""The last microsecond of the year 9999: what is agreed for ever ends here."""

_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_PERIOD = re.compile(r"([1-9][0-9]{3})-(?:Q([1-4])|(0[1-9]|1[0-2]))")

PeriodLength = Literal["quarter", "month"]
_MONTHS: dict[PeriodLength, int] = {"quarter": 3, "month": 1}


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """The time zone of an IANA name, such as `America/New_York`. Raises ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as unknown:
        raise ValueError(f"{name!r} is not a time zone") from unknown


def instant_of(day: date, at: time, zone: ZoneInfo) -> Instant:
    """The instant of a wall-clock time in a zone.

    A local time that does not exist takes the offset before the change; one that exists twice is the first.
    """
    offset = datetime.combine(day, at.replace(fold=0), zone).utcoffset()
    assert offset is not None, "a zone always has an offset"
    return Instant((datetime.combine(day, at, UTC) - _EPOCH - offset) // _MICROSECOND)


def local_time(instant: Instant, zone: ZoneInfo) -> datetime:
    """What calendar and clock show in a zone at an instant."""
    return (_EPOCH + instant * _MICROSECOND).astimezone(zone)


def local_date(instant: Instant, zone: ZoneInfo) -> date:
    """The day that it is in a zone at an instant."""
    return local_time(instant, zone).date()


def add_days(instant: Instant, days: int, zone: ZoneInfo) -> Instant:
    """The same wall-clock time so many calendar days later, which is not always 24 hours times the days."""
    local = local_time(instant, zone)
    offset, later_offset = local.utcoffset(), (local + timedelta(days=days)).utcoffset()
    assert offset is not None and later_offset is not None, "a zone always has an offset"
    return Instant(instant + days * _DAY + (offset - later_offset) // _MICROSECOND)


def start_of_day(day: date, zone: ZoneInfo) -> Instant:
    """00:00 of a day in a zone."""
    return instant_of(day, _MIDNIGHT, zone)


def end_of_day(day: date, zone: ZoneInfo) -> Instant:
    """The exclusive end of a day that is included: 00:00 of the next one. The last day ends with the year 9999."""
    if day == date.max:
        return LAST_INSTANT
    return min(start_of_day(day + timedelta(days=1), zone), LAST_INSTANT)


@lru_cache(maxsize=512)
def instant_text(instant: Instant) -> str:
    """Write an instant as RFC 3339 in UTC, with microseconds and `Z`."""
    second, microsecond = divmod(instant, 1_000_000)
    return f"{_second_text(second)}.{microsecond:06d}Z"


@lru_cache(maxsize=1_024)
def _second_text(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).isoformat()[:19]


def instant_from(text: str) -> Instant:
    """Read an RFC 3339 date-time with any offset; what is finer than a microsecond is cut off.

    Raises ValueError, with a sentence for the sender, on anything else, a time without an offset included.
    """
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not an RFC 3339 date-time such as '2026-11-21T10:00:00.000000Z'")
    day, clock, fraction, sign, hours, minutes = found.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock}+00:00")
    except ValueError as wrong:
        raise ValueError(f"{text!r} is no date-time of the calendar") from wrong
    instant = (local - _EPOCH) // _MICROSECOND + int((fraction or "0").ljust(6, "0")[:6])
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            raise ValueError(f"{text!r} has no offset of a clock")
        offset = (int(hours) * 60 + int(minutes)) * 60_000_000
        instant += offset if sign == "-" else -offset
    if not (_FIRST - _EPOCH) // _MICROSECOND <= instant <= LAST_INSTANT:
        raise ValueError(f"{text!r} is outside the years 1 to 9999")
    return Instant(instant)


@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A commission period: a calendar quarter (`2026-Q4`) or month (`2026-10`). Periods order by their first day."""

    first_on: date
    length: PeriodLength

    def __str__(self) -> str:
        if self.length == "quarter":
            return f"{self.first_on.year:04d}-Q{self.first_on.month // 3 + 1}"
        return f"{self.first_on.year:04d}-{self.first_on.month:02d}"

    def __lt__(self, other: "Period") -> bool:
        return (self.first_on, self.ends_on) < (other.first_on, other.ends_on)

    @property
    def ends_on(self) -> date:
        """The last day, which is included."""
        month = self.first_on.month + _MONTHS[self.length]
        if month > 12:
            return date(self.first_on.year, 12, 31)
        return date(self.first_on.year, month, 1) - timedelta(days=1)

    def next(self) -> "Period":
        """The period of the same length that follows."""
        return period_of(self.ends_on + timedelta(days=1), self.length)

    def previous(self) -> "Period":
        """The period of the same length before."""
        return period_of(self.first_on - timedelta(days=1), self.length)

    def contains(self, day: date) -> bool:
        """Whether a day lies in the period, first and last included."""
        return self.first_on <= day <= self.ends_on


def period_of(day: date, length: PeriodLength) -> Period:
    """The calendar quarter or month in which a day lies."""
    months = _MONTHS[length]
    return Period(first_on=date(day.year, day.month - (day.month - 1) % months, 1), length=length)


def period_from(text: str) -> Period:
    """Read `2026-Q4` or `2026-10`, of the years 1000 to 9998, so that each has one before and one after it.

    Raises ValueError, with a sentence for the sender, on anything else.
    """
    found = _PERIOD.fullmatch(text)
    if found is None or found[1] == "9999":
        raise ValueError(f"{text!r} is not a period such as '2026-Q4' or '2026-10'")
    year = int(found[1])
    if found[2]:
        return Period(first_on=date(year, 3 * int(found[2]) - 2, 1), length="quarter")
    return Period(first_on=date(year, int(found[3]), 1), length="month")


def fiscal_year_start(day: date, start_month: int) -> date:
    """The first day of the fiscal year in which a day lies; fiscal years start with the first of `start_month`."""
    assert 1 <= start_month <= 12, "a fiscal year starts in a month"
    year = day.year if day.month >= start_month else day.year - 1
    return date(year, start_month, 1)
