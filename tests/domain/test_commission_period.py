"""Closing commission periods and acknowledging statements (rules §7)."""

from dataclasses import replace
from datetime import date

import pytest

from domain.calendar import period_from
from domain.commission.document import digest_of
from domain.commission_period.after_closing import AfterClosing
from domain.commission_period.aggregate import (
    AcknowledgeStatement,
    ClosedPeriod,
    decide,
    fold,
)
from domain.commission_period.events import CommissionPeriodEvent, StatementAcknowledged
from domain.ids import Instant, Position
from domain.recorded import Recorded
from domain.refusal import Refusal
from tests.support.commission import NORTHWIND, Books

Q1 = period_from("2026-Q1")


def recorded(*events: CommissionPeriodEvent) -> list[Recorded[CommissionPeriodEvent]]:
    return [
        Recorded(position=Position(place), recorded_at=Instant(place * 1_000), actor="finance", event=event)
        for place, event in enumerate(events, start=1)
    ]


def test_closing_a_period_writes_its_whole_statement_its_digest_its_calculation_and_how_far_the_log_was_read() -> None:
    books = Books()
    books.win("a", "150000.00", "2026-02-10")
    before = books.statement(Q1)
    read_to = books.position
    (closing,) = books.close(Q1)
    assert (closing.partner, closing.period, closing.statement) == (NORTHWIND, "2026-Q1", before)
    assert (closing.digest, closing.calculation, closing.read_to) == (digest_of(before), 1, read_to)


def test_closing_twice_records_nothing_new() -> None:
    books = Books()
    books.close(Q1)
    assert books.close(Q1) == []


def test_a_period_is_not_closed_before_it_has_ended() -> None:
    books = Books()
    with pytest.raises(Refusal) as refused:
        books.close(Q1, on=date(2026, 3, 30))
    assert refused.value.code == "PERIOD_NOT_ENDED"
    assert books.close(Q1, on=date(2026, 3, 31))


def test_a_period_that_has_not_ended_is_closed_by_force() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-02-10")
    (closing,) = books.close(Q1, on=date(2026, 2, 15), forced=True)
    assert closing.statement.totals.payable_minor == 15_000
    books.win("b", "1000.00", "2026-02-20")
    assert books.statement("2026-Q2").totals.adjustments_minor == 15_000


def test_a_period_more_than_a_year_ahead_is_not_even_closed_by_force() -> None:
    with pytest.raises(Refusal) as refused:
        Books().close("2027-Q2", on=date(2026, 3, 1), forced=True)
    assert refused.value.code == "PERIOD_NOT_ENDED"


def test_a_month_is_no_period_where_quarters_are_closed() -> None:
    with pytest.raises(Refusal) as refused:
        Books().close("2026-03")
    assert refused.value.code == "NOT_FOUND"


def test_a_period_is_not_closed_while_an_earlier_one_has_lines() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-02-10")
    with pytest.raises(Refusal) as refused:
        books.close("2026-Q2")
    assert refused.value.code == "EARLIER_PERIOD_OPEN"
    assert refused.value.facts == {"partner": "northwind", "period": "2026-Q1"}


def test_a_period_is_not_closed_while_an_earlier_one_has_an_adjustment_or_a_balance() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-02-10")
    books.close(Q1)
    books.worth("a", "0.00")
    with pytest.raises(Refusal, match="EARLIER_PERIOD_OPEN"):
        books.close("2026-Q3")
    books.close("2026-Q2")
    with pytest.raises(Refusal, match="EARLIER_PERIOD_OPEN"):
        books.close("2026-Q4")


def test_closing_a_period_closes_the_earlier_ones_that_state_nothing_in_order() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-08-10")
    closings = books.close("2026-Q3")
    assert [closing.period for closing in closings] == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert [closing.statement.states_something for closing in closings] == [False, False, True]


def test_a_period_before_the_partner_was_enrolled_is_closed_empty_with_the_others() -> None:
    books = Books(enrolled_on=date(2026, 5, 1))
    (closing,) = books.close(Q1)
    assert not closing.statement.states_something


def test_only_a_closed_statement_is_acknowledged() -> None:
    with pytest.raises(Refusal) as refused:
        decide(None, AcknowledgeStatement(), NORTHWIND, Q1)
    assert refused.value.code == "WRONG_STATE"


def test_the_partner_acknowledges_a_closed_statement_once() -> None:
    (closing,) = Books().close(Q1)
    closed = fold(recorded(closing))
    assert closed is not None
    assert closed == ClosedPeriod(closing=closing, closed_at=Instant(1_000), position=Position(1))
    events = decide(closed, AcknowledgeStatement(), NORTHWIND, Q1)
    assert events == [StatementAcknowledged(partner=NORTHWIND, period="2026-Q1")]
    acknowledged = fold(recorded(closing, *events))
    assert acknowledged is not None
    assert acknowledged == replace(closed, after=AfterClosing(position=Position(2), acknowledged_at=Instant(2_000)))
    assert (closed.status, acknowledged.status) == ("closed", "acknowledged")
    assert decide(acknowledged, AcknowledgeStatement(), NORTHWIND, Q1) == []


def test_a_period_to_which_nothing_happened_is_open() -> None:
    assert fold([]) is None
