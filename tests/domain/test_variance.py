"""What a changed calculation would have made of closed periods: reported, never an adjustment by itself (rules §7)."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from domain.commission import calculation
from domain.commission.credit import Credit
from domain.commission.lines import ComputedLine
from domain.commission_period import variance
from domain.commission_period.variance import variances
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from tests.support.commission import Books


def doubled(programme: Programme, partner: Partner, credited: Iterable[Credit]) -> tuple[ComputedLine, ...]:
    """A second version: lines of deals above 1,000.00 earn twice as much."""
    found = calculation.CALCULATIONS[1](programme, partner, credited)
    return tuple(
        replace(one, line=replace(one.line, commission_minor=2 * one.line.commission_minor))
        if one.line.credited_minor > 100_000
        else one
        for one in found
    )


def test_a_changed_calculation_is_a_variance_of_what_an_earlier_one_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Line by line and of nothing but the calculation: a refund that came later is an adjustment, not a variance."""
    books = Books()
    books.win("a", "80000.00", "2026-02-10")
    books.win("b", "1000.00", "2026-02-10")
    books.close("2026-Q1")
    books.win("c", "500.00", "2026-05-10")
    books.close("2026-Q2")
    assert variances(books.inputs()) == ()
    versions = {1: calculation.CALCULATIONS[1], 2: doubled}
    monkeypatch.setattr(calculation, "CALCULATIONS", versions)
    monkeypatch.setattr(variance, "CALCULATIONS", versions)
    books.worth("a", "70000.00")
    newer = replace(books.inputs(), calculation=2)
    [found] = variances(newer)
    assert (found.period, found.calculation, found.amount_minor) == ("2026-Q1", 1, 1_050_000)
    assert [(one.line, one.closed_with_minor, one.now_minor) for one in found.lines] == [
        ("line_a_northwind", 1_050_000, 2_100_000)
    ]
    unknown = replace(newer, closed=tuple(replace(closing, calculation=9) for closing in newer.closed))
    assert variances(unknown) == ()
