"""Which terms, period and window a win falls under (rules §6)."""

from dataclasses import replace
from datetime import date

from domain.calendar import period_from
from domain.commission.windows import is_period, period_after, period_on, window_on
from domain.programme.terms import Band, Terms
from tests.support.commission import Books


def test_each_line_is_computed_with_the_terms_in_force_when_it_was_won() -> None:
    books = Books()
    books.publish(date(2026, 11, 15), replace(Terms(), tiers=(Band(from_minor=0, rate_basis_points=1_000),)))
    books.win("a", "100.00", "2026-11-14")
    books.win("b", "100.00", "2026-11-15")
    assert [(line.terms_version, line.commission_minor) for line in books.statement("2026-Q4").lines] == [
        (1, 1_500),
        (2, 1_000),
    ]


def test_by_period_revenue_climbs_the_bands_anew_in_each_period() -> None:
    books = Books()
    books.win("a", "100000.00", "2026-03-31")
    books.win("b", "100000.00", "2026-04-01")
    assert books.commissions("2026-Q1") == {"a": "15000.00"}
    assert books.commissions("2026-Q2") == {"b": "15000.00"}


def test_by_year_revenue_goes_on_climbing_through_the_fiscal_year() -> None:
    books = Books(Terms(accumulate_over="year", fiscal_year_start_month=4))
    books.win("a", "100000.00", "2026-03-31")
    books.win("b", "100000.00", "2026-04-01")
    books.win("c", "100000.00", "2026-07-01")
    assert books.commissions("2026-Q1") == {"a": "15000.00"}
    assert books.commissions("2026-Q2") == {"b": "15000.00"}
    assert books.commissions("2026-Q3") == {"c": "20000.00"}


def test_monthly_periods_state_each_month_by_itself() -> None:
    books = Books(Terms(period="month"))
    books.win("a", "100000.00", "2026-10-31")
    books.win("b", "100000.00", "2026-11-01")
    assert books.commissions("2026-10") == {"a": "15000.00"}
    assert books.commissions("2026-11") == {"b": "15000.00"}
    assert books.commissions("2026-Q4") == {}


def test_a_change_of_period_takes_effect_with_the_next_quarter_on_or_after_it() -> None:
    books = Books()
    books.publish(date(2026, 4, 2), Terms(period="month"))
    books.publish(date(2027, 1, 1), Terms(period="quarter"))
    days = [date(2026, 4, 2), date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [str(period_on(books.programme, day)) for day in days] == [
        "2026-Q2",
        "2026-Q2",
        "2026-07",
        "2026-12",
        "2027-Q1",
    ]
    assert str(period_after(books.programme, period_from("2026-Q2"))) == "2026-07"
    assert str(period_after(books.programme, period_from("2026-12"))) == "2027-Q1"
    assert is_period(books.programme, period_from("2026-07"))
    assert not is_period(books.programme, period_from("2026-Q3"))


def test_a_change_of_the_window_takes_effect_with_the_next_fiscal_year_of_the_new_terms() -> None:
    books = Books()
    books.publish(date(2026, 2, 1), Terms(accumulate_over="year", fiscal_year_start_month=7))
    assert window_on(books.programme, date(2026, 6, 30)).over == "period"
    assert window_on(books.programme, date(2026, 7, 1)).over == "year"
    books.publish(date(2026, 7, 2), Terms(accumulate_over="period", fiscal_year_start_month=7))
    assert window_on(books.programme, date(2027, 6, 30)).first_on == date(2026, 7, 1)
    assert window_on(books.programme, date(2027, 7, 1)).over == "period"


def test_terms_that_begin_with_a_quarter_or_year_take_effect_there() -> None:
    books = Books()
    books.publish(date(2026, 10, 1), Terms(period="month", accumulate_over="year", fiscal_year_start_month=10))
    assert str(period_on(books.programme, date(2026, 10, 1))) == "2026-10"
    assert window_on(books.programme, date(2026, 10, 1)).over == "year"


def test_terms_of_the_last_year_of_all_change_no_window_any_more() -> None:
    books = Books()
    books.publish(date(9999, 12, 30), Terms(period="month", accumulate_over="year"))
    assert str(period_on(books.programme, date(9999, 12, 30))) == "9999-Q4"
    assert window_on(books.programme, date(9999, 12, 30)).over == "period"
