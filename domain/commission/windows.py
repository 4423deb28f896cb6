"""Which commission period a day lies in, and over which window its revenue accumulates (rules §6).

A change of `period` takes effect with the next calendar quarter that starts on or after the effective date of its
terms; a change of `accumulate_over` or of the fiscal year with the next fiscal year, by the new terms, that does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from domain.calendar import Period, fiscal_year_start, period_of
from domain.programme.aggregate import Programme
from domain.programme.terms import Terms, TermsVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days over which credited revenue climbs the bands together: a period, or a fiscal year."""

    over: Literal["period", "year"]
    first_on: date


def period_on(programme: Programme, day: date) -> Period:
    """The commission period in which a day lies."""
    return period_of(day, _settled(programme, day, _next_quarter).period)


def period_after(programme: Programme, period: Period) -> Period:
    """The commission period that follows."""
    return period_on(programme, period.ends_on + timedelta(days=1))


def is_period(programme: Programme, period: Period) -> bool:
    """Whether the programme has this commission period: a quarter where it has months is none."""
    return period_on(programme, period.first_on) == period


def window_on(programme: Programme, day: date) -> Window:
    """The window in which what is won on a day accumulates."""
    terms = _settled(programme, day, _next_fiscal_year)
    if terms.accumulate_over == "year":
        return Window(over="year", first_on=fiscal_year_start(day, terms.fiscal_year_start_month))
    return Window(over="period", first_on=period_on(programme, day).first_on)


def _settled(programme: Programme, day: date, begins: Callable[[date, Terms], date]) -> Terms:
    """The last terms that took effect on or before a day; `begins` is when terms of an effective date do."""
    in_order = sorted(programme.terms, key=_order, reverse=True)
    for version in in_order[:-1]:
        if begins(_order(version)[0], version.terms) <= day:
            return version.terms
    return in_order[-1].terms


def _order(version: TermsVersion) -> tuple[date, int]:
    return version.effective_from or date.min, version.version


def _next_quarter(day: date, _terms: Terms) -> date:
    quarter = period_of(day, "quarter")
    return day if quarter.first_on == day else _or_never(quarter.first_on.year, quarter.first_on.month + 3)


def _next_fiscal_year(day: date, terms: Terms) -> date:
    start = fiscal_year_start(day, terms.fiscal_year_start_month)
    return day if start == day else _or_never(start.year + 1, start.month)


def _or_never(year: int, month: int) -> date:
    """The first of a month (the thirteenth is the next year's first), or the last day of all when that is past it."""
    year, month = (year, month) if month <= 12 else (year + 1, month - 12)
    return date(year, month, 1) if year <= date.max.year else date.max
