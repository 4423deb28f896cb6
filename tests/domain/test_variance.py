"""What a changed calculation would have made of closed periods: reported, never an adjustment by itself (rules §7)."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from domain.commission import calculation
from domain.commission.credit import Credit
from domain.commission.lines import ComputedLine
from domain.commission.statement import StatementInputs
from domain.commission_period import variance
from domain.commission_period.aggregate import ClosedPeriod, evolve
from domain.commission_period.events import CommissionPeriodEvent
from domain.commission_period.variance import closed_variance, dismiss, post, variances
from domain.ids import AdjustmentId, Instant, Position
from domain.money import money_of
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from domain.recorded import Recorded
from domain.refusal import Refusal
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


def doubled_later(books: Books, monkeypatch: pytest.MonkeyPatch) -> StatementInputs:
    """What a later release makes of the books, which doubles what it makes of large deals."""
    versions = {1: calculation.CALCULATIONS[1], 2: doubled}
    monkeypatch.setattr(calculation, "CALCULATIONS", versions)
    monkeypatch.setattr(variance, "CALCULATIONS", versions)
    return replace(books.inputs(), calculation=2)


def test_finance_lets_a_variance_be_once_and_another_amount_is_another_variance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is open has no variance, nor has what would be stated the same."""
    books = Books()
    books.win("a", "80000.00", "2026-02-10")
    [closing] = books.close("2026-Q1")
    state = ClosedPeriod(closing=closing, closed_at=Instant(9), position=Position(9))
    assert closed_variance(books.inputs(), state) is None
    newer = doubled_later(books, monkeypatch)
    assert closed_variance(newer, None) is None
    found = closed_variance(newer, state)
    assert found is not None
    assert (found.left_minor, found.dismissed) == (1_200_000, None)

    [event] = dismiss(found, "Not worth a letter.")
    assert (event.calculation, event.amount_minor, event.currency) == (2, 1_200_000, "USD")
    recorded: Recorded[CommissionPeriodEvent] = Recorded(
        event=event, position=Position(12), recorded_at=Instant(12), actor="key:finance"
    )
    after = evolve(state, recorded)
    again = closed_variance(newer, after)
    assert again is not None
    assert again.dismissed is not None
    assert again.dismissed.step.reason == "Not worth a letter."
    assert dismiss(again, "Once more.") == []

    books.worth("a", "70000.00")
    other = closed_variance(replace(books.inputs(), calculation=2), after)
    assert other is not None
    assert (other.left_minor, other.dismissed) == (1_050_000, None)
    later = closed_variance(replace(newer, calculation=1), after)
    assert later is None


def test_what_is_left_of_a_variance_is_posted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is entered like any other adjustment; a part that was entered before counts; then nothing is left."""
    books = Books()
    books.win("a", "80000.00", "2026-02-10")
    [closing] = books.close("2026-Q1")
    state = ClosedPeriod(closing=closing, closed_at=Instant(9), position=Position(9))
    books.enter("adj_a", "2000.00", kind="variance", period="2026-Q1")
    books.enter("adj_b", "1.00", kind="variance", period="2026-Q2")
    books.enter("adj_c", "5.00", period="2026-Q1")
    found = closed_variance(doubled_later(books, monkeypatch), state)
    command = post(found, AdjustmentId("adj_1"), "The newer calculation is right.")
    assert (command.kind, command.period, command.amount) == ("variance", "2026-Q1", money_of("10000.00", "USD"))
    books.enter("adj_d", "10000.00", kind="variance", period="2026-Q1")
    settled = closed_variance(replace(books.inputs(), calculation=2), state)
    with pytest.raises(Refusal, match="no variance") as refused:
        post(settled, AdjustmentId("adj_2"), "Once more.")
    assert refused.value.code == "WRONG_STATE"
    with pytest.raises(Refusal, match="no variance"):
        dismiss(None, "There is none.")
