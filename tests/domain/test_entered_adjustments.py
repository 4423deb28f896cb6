"""Amounts that a person enters: stated in the first open period, once, and never derived (rules §7)."""

import pytest

from domain.commission.document import digest_of, document_of
from domain.entered_adjustment.aggregate import ADJUSTMENTS_OF_A_PARTNER_AT_MOST, EnterAdjustment, decide, evolve, fold
from domain.entered_adjustment.events import AdjustmentEntered, EnteredKind
from domain.ids import AdjustmentId
from domain.money import money_of
from domain.refusal import Refusal
from tests.support.commission import Books


def entering(amount: str, kind: EnteredKind = "manual", currency: str = "USD") -> list[AdjustmentEntered]:
    command = EnterAdjustment(
        adjustment=AdjustmentId("adj_1"), kind=kind, amount=money_of(amount, currency), reason="So."
    )
    return decide((), Books().partner, command)


def test_an_amount_is_in_the_partners_currency_and_changes_what_is_owed() -> None:
    assert entering("-5.00")[0].amount == money_of("-5.00", "USD")
    for amount, kind, currency in (("0.00", "manual", "USD"), ("5.00", "clawback", "USD"), ("5.00", "manual", "EUR")):
        with pytest.raises(Refusal) as refused:
            entering(amount, "clawback" if kind == "clawback" else "manual", currency)
        assert refused.value.code == "MALFORMED"


def test_a_partners_adjustments_are_bounded() -> None:
    books = Books()
    books.enter("adj_1", "5.00")
    command = EnterAdjustment(
        adjustment=AdjustmentId("adj_2"), kind="manual", amount=money_of("5.00", "USD"), reason="So."
    )
    with pytest.raises(Refusal):
        decide(tuple(books.entered) * ADJUSTMENTS_OF_A_PARTNER_AT_MOST, books.partner, command)
    assert evolve((), books.entered[0]) == fold(books.entered) == tuple(books.entered)


def test_it_is_stated_in_the_first_open_period_and_closed_with_it() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-02-10")
    books.close("2026-Q1")
    position = books.enter("adj_1", "25.00", period="2026-Q1")
    books.enter("adj_2", "-10.00")
    first, second = books.statement("2026-Q2").adjustments
    assert (first.kind, first.id, first.period, first.amount_minor) == ("manual", "adj_1", "2026-Q1", 2_500)
    assert (first.evidence, first.reason, first.held_minor) == ((position,), "So.", 0)
    assert (second.period, second.amount_minor) == ("2026-Q2", -1_000)
    assert books.statement("2026-Q2").totals.payable_minor == 1_500
    books.close("2026-Q2")
    assert books.statement("2026-Q3").adjustments == ()


def test_what_is_held_when_it_is_closed_is_paid_once_when_it_is_released() -> None:
    books = Books()
    books.enter("adj_1", "25.00")
    books.enter("adj_2", "-10.00")
    books.suspend()
    (closing,) = books.close("2026-Q1")
    assert (closing.statement.totals.held_minor, closing.statement.totals.closing_balance_minor) == (2_500, -1_000)
    books.reinstate()
    (released,) = books.statement("2026-Q2").adjustments
    assert (released.id, released.amount_minor, released.held_minor) == ("adj_1", 2_500, 0)
    books.close("2026-Q2")
    assert books.statement("2026-Q3").adjustments == ()


def test_the_document_names_what_was_entered_and_is_as_before_without_it() -> None:
    """The digest of a statement that was closed before anything could be entered is what it was."""
    books = Books()
    books.win("a", "1000.00", "2026-02-10")
    books.close("2026-Q1")
    books.worth("a", "0.00")
    derived = document_of(books.statement("2026-Q2"), status="open", position=0)["adjustments"]
    assert isinstance(derived, list) and set(derived[0]) == {"kind", "period", "amount", "held", "evidence", "lines"}
    before = digest_of(books.statement("2026-Q2"))
    books.enter("adj_1", "25.00")
    stated = document_of(books.statement("2026-Q2"), status="open", position=0)["adjustments"]
    assert isinstance(stated, list) and (stated[1]["id"], stated[1]["reason"]) == ("adj_1", "So.")
    assert digest_of(books.statement("2026-Q2")) != before
