"""Lines, windows, holds and adjustments of a statement (rules §6, §7)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from domain.calendar import period_from
from domain.commission import calculation
from domain.commission.calculation import ComputedLine
from domain.commission.credit import Credit
from domain.commission.lines import RateUsed
from domain.commission.statement import open_statements
from domain.commission.windows import is_period, period_after, period_on, window_on
from domain.ids import PartnerId
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from domain.programme.terms import SEED_TIERS, Band, Terms
from tests.support.commission import CONTOSO, NORTHWIND, Books

# lines


def test_a_line_shows_its_whole_working() -> None:
    books = Books()
    won_at = books.win("a", "80000.00", "2026-11-20")
    last = books.win("b", "50000.00", "2026-11-25")
    line = books.statement("2026-Q4").lines[1]
    assert (line.id, line.registration, line.account, line.products) == (
        "line_b_northwind",
        "reg_b",
        "Customer b",
        ("edge",),
    )
    assert (line.credited_minor, line.cumulative_before_minor, line.commission_minor) == (5_000_000, 8_000_000, 900_000)
    assert [(part.tier, part.rate_basis_points, part.base_minor, part.commission) for part in line.slices] == [
        (1, 1_500, 2_000_000, "3000"),
        (2, 2_000, 3_000_000, "6000"),
    ]
    assert line.exchange_rate is None
    assert line.held_because == () and line.terms_version == 1
    assert line.evidence[-1] == last and won_at not in line.evidence


def test_the_credits_of_other_partners_are_no_lines_of_this_one() -> None:
    books = Books()
    books.win("a", "100.00", "2026-11-20", shares=[(CONTOSO, 10_000)], lead=CONTOSO)
    assert books.statement("2026-Q4").lines == ()


def test_shares_split_the_converted_value_and_parts_sum_to_it() -> None:
    """The deal of 0.01 split 50/50 credits the lead with the cent, and the other partner with a line of nothing."""
    books = Books()
    books.win("a", "0.01", "2026-11-20", shares=[(CONTOSO, 5_000), (NORTHWIND, 5_000)], lead=CONTOSO)
    line = books.statement("2026-Q4").lines[0]
    assert (line.share_basis_points, line.credited_minor, line.slices) == (5_000, 0, ())


def test_a_deal_in_another_currency_counts_at_the_last_rate_on_or_before_the_day_it_was_won() -> None:
    """EUR 100,000 won at 1.10 counts as 110,000.00, whatever was published later and for later days."""
    books = Books()
    books.rate("EUR", "1.1000", date(2026, 11, 18))
    books.rate("EUR", "1.0500", date(2026, 11, 21))
    books.rate("EUR", "9.0000", date(2026, 11, 1))
    books.win("a", "100000.00", "2026-11-20", currency="EUR")
    line = books.statement("2026-Q4").lines[0]
    assert line.credited_minor == 11_000_000
    assert line.exchange_rate == RateUsed(base="EUR", quote="USD", rate="1.1000", date=date(2026, 11, 18))
    assert line.value.currency == "EUR" and line.value.amount_minor == 10_000_000


def test_no_rate_holds_the_line_which_credits_nothing_and_has_no_place_in_the_bands() -> None:
    books = Books()
    books.rate("USD", "0.9000", date(2026, 1, 1), quote="EUR")
    books.win("a", "100000.00", "2026-11-20", currency="EUR")
    books.win("b", "100000.00", "2026-11-21")
    unrated, other = books.statement("2026-Q4").lines
    assert unrated.held_because == ("RATE_MISSING",)
    assert (unrated.credited_minor, unrated.commission_minor, unrated.slices) == (0, 0, ())
    assert other.cumulative_before_minor == 0
    books.rate("EUR", "1.1", date(2026, 11, 1))
    released, other = books.statement("2026-Q4").lines
    assert released.held_because == () and released.credited_minor == 11_000_000
    assert other.cumulative_before_minor == 11_000_000


def test_a_rate_that_would_make_an_impossible_amount_is_as_good_as_none() -> None:
    books = Books()
    books.rate("EUR", "999999999999", date(2026, 1, 1))
    books.win("a", "99999999999999.99", "2026-11-20", currency="EUR")
    assert books.statement("2026-Q4").lines[0].held_because == ("RATE_MISSING",)


def test_bands_are_figures_in_the_partners_currency() -> None:
    """A partner in Japan climbs from 15 to 20 per cent at 100,000 yen."""
    books = Books(currency="JPY")
    books.win("a", "150000", "2026-11-20", currency="JPY")
    statement = books.statement("2026-Q4")
    assert statement.currency == "JPY"
    assert statement.totals.payable_minor == 25_000
    assert [part.commission for part in statement.lines[0].slices] == ["15000", "10000"]


def test_all_lines_of_a_suspended_partner_are_held_until_it_is_reinstated() -> None:
    books = Books()
    books.win("a", "100000.00", "2026-11-20", held_because=("CONFLICT_OPEN",))
    books.win("b", "1000.00", "2026-11-21")
    books.suspend()
    assert [line.held_because for line in books.statement("2026-Q4").lines] == [
        ("CONFLICT_OPEN", "PARTNER_SUSPENDED"),
        ("PARTNER_SUSPENDED",),
    ]
    assert books.statement("2026-Q4").totals.payable_minor == 0
    books.reinstate()
    assert books.statement("2026-Q4").totals.payable_minor == 20_000


def test_the_lines_of_a_partner_terminated_for_fraud_are_held_and_for_another_cause_paid() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-11-21")
    books.terminate("fraud")
    assert books.statement("2026-Q4").totals.payable_minor == 0
    books.terminate("other")
    assert books.statement("2026-Q4").totals.payable_minor == 15_000


def test_a_held_line_never_forgives_what_is_to_be_returned() -> None:
    """With falling rates a retroactive line can be negative; holding it pays out nothing more."""
    tiers = (Band(from_minor=0, rate_basis_points=2_000), Band(from_minor=10_000, rate_basis_points=1_000))
    books = Books(Terms(method="retroactive", tiers=tiers))
    books.win("a", "99.00", "2026-11-20")
    books.win("b", "2.00", "2026-11-21", held_because=("CONFLICT_OPEN",))
    statement = books.statement("2026-Q4")
    assert [line.commission_minor for line in statement.lines] == [1_980, -970]
    assert (statement.totals.held_minor, statement.totals.payable_minor) == (0, 1_010)


# terms and windows


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


# adjustments and their evidence


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


# open periods


def test_a_period_with_nothing_to_state_is_an_empty_statement() -> None:
    books = Books()
    found = books.statement("2026-Q4")
    assert not found.states_something
    assert (found.partner, found.period, found.currency) == (PartnerId("northwind"), "2026-Q4", "USD")


def test_a_period_before_the_partner_was_enrolled_states_nothing_unless_something_was_won_in_it() -> None:
    books = Books(enrolled_on=date(2026, 5, 1))
    assert not books.statement("2026-Q1").states_something
    books.win("a", "1000.00", "2026-01-10")
    assert books.statement("2026-Q1").totals.payable_minor == 15_000


def test_the_open_statements_are_those_that_state_something() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-01-10")
    books.win("b", "1000.00", "2026-08-10")
    assert [found.period for found in open_statements(books.inputs())] == ["2026-Q1", "2026-Q3"]
    books.close("2026-Q1")
    books.worth("a", "0.00")
    assert [found.period for found in open_statements(books.inputs())] == ["2026-Q2", "2026-Q3"]
    assert [found.period for found in open_statements(books.inputs(), period_from("2026-Q2"))] == ["2026-Q2"]


def test_a_period_in_the_far_future_shows_the_balance_that_is_carried() -> None:
    books = Books(Terms(tiers=SEED_TIERS, minimum_payout_minor=10_000_00))
    books.win("a", "1000.00", "2026-01-10")
    far = books.statement("9998-Q4")
    assert far.totals.opening_balance_minor == far.totals.closing_balance_minor == 15_000


def test_what_is_no_period_of_the_programme_states_nothing() -> None:
    books = Books(Terms(minimum_payout_minor=10_000_00))
    books.win("a", "1000.00", "2026-01-10")
    assert not books.statement("2026-12").states_something
