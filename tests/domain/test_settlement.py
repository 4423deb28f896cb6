"""Prior-period adjustments and the events that they name (rules §7)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from domain.commission import calculation
from domain.commission.calculation import ComputedLine
from domain.commission.credit import Credit
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from domain.programme.terms import Terms
from tests.support.commission import Books


def test_an_adjustment_names_the_period_the_lines_and_the_late_event() -> None:
    books = Books()
    books.win("a", "80000.00", "2026-03-10")
    books.close("2026-Q1")
    late = books.win("b", "50000.00", "2026-03-05")
    (adjustment,) = books.statement("2026-Q2").adjustments
    assert (adjustment.kind, adjustment.period, adjustment.amount_minor) == ("prior_period", "2026-Q1", 900_000)
    assert [(line.line, line.registration, line.amount_minor) for line in adjustment.lines] == [
        ("line_b_northwind", "reg_b", 750_000),
        ("line_a_northwind", "reg_a", 150_000),
    ]
    assert adjustment.evidence == (books.places["b"], late)


def test_by_year_a_late_win_adjusts_each_closed_period_that_it_moved_and_is_named_by_all() -> None:
    books = Books(Terms(accumulate_over="year"))
    books.win("a", "100000.00", "2026-05-10")
    books.close("2026-Q1")
    books.close("2026-Q2")
    books.register("b")
    late = books.win("b", "100000.00", "2026-02-10")
    first, second = books.statement("2026-Q3").adjustments
    assert (first.period, first.amount_minor) == ("2026-Q1", 1_500_000)
    assert (second.period, second.amount_minor) == ("2026-Q2", 500_000)
    assert late in first.evidence and late in second.evidence


def test_a_loss_is_the_evidence_for_what_it_takes_back() -> None:
    books = Books()
    books.win("a", "80000.00", "2026-03-10")
    books.win("b", "80000.00", "2026-03-11")
    books.close("2026-Q1")
    lost = books.lose("a")
    (adjustment,) = books.statement("2026-Q2").adjustments
    assert adjustment.amount_minor == -1_500_000
    assert adjustment.evidence == (lost,)


def test_a_credit_that_moves_to_another_deals_registration_takes_back_by_that_deals_events() -> None:
    """A line that vanished is known by its own name, when its deal now credits another registration or day."""
    books = Books()
    books.win("a", "1000.00", "2026-03-10")
    books.close("2026-Q1")
    moved = books.moved("a", date(2026, 4, 10))
    outcome = books.outcomes["a"]
    books.outcomes["a"] = replace(outcome, registration=books.outcomes["a"].credits[0].registration)
    found = books.statement("2026-Q2")
    assert [adjustment.evidence for adjustment in found.adjustments] == [(moved,)]
    assert found.totals.payable_minor == 0 and found.totals.commission_minor == 15_000


def test_a_late_rate_is_the_evidence_for_what_it_releases() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-03-10", currency="EUR")
    books.close("2026-Q1")
    published = books.rate("EUR", "1.1", date(2026, 3, 1))
    (adjustment,) = books.statement("2026-Q2").adjustments
    assert (adjustment.amount_minor, adjustment.evidence) == (16_500, (published,))


def test_a_line_that_goes_on_being_held_is_evidenced_by_everything_about_it() -> None:
    books = Books()
    won_at = books.win("a", "1000.00", "2026-03-10", held_because=("CONFLICT_OPEN",))
    books.close("2026-Q1")
    (adjustment,) = books.statement("2026-Q2").adjustments
    assert (adjustment.amount_minor, adjustment.held_minor) == (15_000, 15_000)
    assert adjustment.evidence == (books.places["a"], won_at)


def test_a_line_gone_for_a_reason_of_another_deal_is_evidenced_by_deals_that_credit_no_more() -> None:
    """The credit of deal b went to the registration of a; when b is lost, b's events say why a's line is gone."""
    books = Books()
    books.win("b", "1000.00", "2026-03-10")
    outcome = books.outcomes["b"]
    elsewhere = replace(outcome.credits[0], registration=outcome.registration.__class__("reg_a"))
    books.outcomes["b"] = replace(outcome, credits=(elsewhere,))
    books.win("c", "1000.00", "2026-03-11")
    books.close("2026-Q1")
    lost = books.lose("b")
    (adjustment,) = books.statement("2026-Q2").adjustments
    assert adjustment.evidence == (lost,)


def test_a_win_before_anything_was_closed_by_itself_is_an_adjustment_too() -> None:
    """A period before the first closed one counts as closed with nothing in it."""
    books = Books(enrolled_on=date(2026, 1, 1))
    books.win("b", "1000.00", "2026-05-10")
    books.close("2026-Q2")
    assert [closing.period for closing in books.closed] == ["2026-Q1", "2026-Q2"]
    books.win("a", "1000.00", "2025-11-10")
    (adjustment,) = books.statement("2026-Q3").adjustments
    assert (adjustment.period, adjustment.amount_minor) == ("2025-Q4", 15_000)
    assert not books.statement("2025-Q4").states_something
    assert books.close("2025-Q4") == []


def test_a_closed_period_is_restated_by_the_calculation_that_it_was_closed_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A changed calculation never becomes an adjustment by itself."""
    first = calculation.CALCULATIONS[1]

    def generous(programme: Programme, partner: Partner, credited: Iterable[Credit]) -> tuple[ComputedLine, ...]:
        return tuple(
            replace(computed, line=replace(computed.line, commission_minor=2 * computed.line.commission_minor))
            for computed in first(programme, partner, credited)
        )

    monkeypatch.setattr(calculation, "CALCULATIONS", MappingProxyType({1: first, 2: generous}))
    books = Books()
    books.win("a", "1000.00", "2026-03-10")
    (closing,) = books.close("2026-Q1")
    twice = replace(closing.statement.lines[0], commission_minor=30_000)
    books.closed = [
        replace(closing, calculation=2, statement=replace(closing.statement, lines=(twice,), adjustments=()))
    ]
    assert books.statement("2026-Q2").adjustments == ()
    books.worth("a", "2000.00")
    assert [adjustment.amount_minor for adjustment in books.statement("2026-Q2").adjustments] == [30_000]
