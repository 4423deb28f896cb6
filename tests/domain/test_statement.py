"""Lines, holds and open periods of a statement (rules §6, §7)."""

from datetime import date

from domain.calendar import period_from
from domain.commission.lines import RateUsed
from domain.commission.statement import lines_today, open_periods
from domain.ids import PartnerId
from domain.programme.terms import SEED_TIERS, Band, Terms
from tests.support.commission import CONTOSO, NORTHWIND, Books
from tests.support.open_statements import open_statements


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
    assert [str(period) for period, _ in open_periods(books.inputs(), period_from("2026-Q2"))] == ["2026-Q2"]


def test_a_period_in_the_far_future_shows_the_balance_that_is_carried() -> None:
    books = Books(Terms(tiers=SEED_TIERS, minimum_payout_minor=10_000_00))
    books.win("a", "1000.00", "2026-01-10")
    far = books.statement("9998-Q4")
    assert far.totals.opening_balance_minor == far.totals.closing_balance_minor == 15_000


def test_what_is_no_period_of_the_programme_states_nothing() -> None:
    books = Books(Terms(minimum_payout_minor=10_000_00))
    books.win("a", "1000.00", "2026-01-10")
    assert not books.statement("2026-12").states_something


def test_the_lines_of_today_are_those_of_every_period_as_if_none_had_been_closed() -> None:
    books = Books()
    books.win("a", "100.00", "2026-03-10")
    books.close("2026-Q1")
    books.worth("a", "200.00")
    books.win("b", "100.00", "2026-05-10")
    today = [(line.registration, line.credited_minor) for line in lines_today(books.inputs())]
    assert today == [("reg_a", 20_000), ("reg_b", 10_000)]
