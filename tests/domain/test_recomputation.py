"""A closed statement looked at again: what was closed, and what follows from the log (rules §7; log.md, The record)."""

from dataclasses import replace

from domain.calendar import period_from
from domain.commission.document import digest_of
from domain.commission.lines import Statement
from domain.commission.statement import StatementInputs
from domain.commission_period.events import CommissionPeriodClosed
from domain.commission_period.recomputation import (
    Altered,
    Disagrees,
    Intact,
    KnownVariance,
    Recomputation,
    first_difference,
    recompute,
)
from domain.ids import PartnerId, Position
from tests.support.commission import Books

Q1 = period_from("2026-Q1")


def closed() -> tuple[Books, CommissionPeriodClosed]:
    """Books with one win, and the closing of its quarter."""
    books = Books()
    books.win("a", "150000.00", "2026-02-10")
    (closing,) = books.close(Q1)
    return books, closing


def inputs_before(books: Books) -> StatementInputs:
    """What the statement was made from."""
    return replace(books.inputs(), closed=())


def looked_at(books: Books, closing: CommissionPeriodClosed) -> Recomputation:
    """The closing recomputed from what was known before it."""
    return recompute(closing, inputs_before(books), closing.read_to)


def signed(closing: CommissionPeriodClosed, statement: Statement) -> CommissionPeriodClosed:
    """Another statement under a digest that fits."""
    return replace(closing, statement=statement, digest=digest_of(statement))


def test_what_was_closed_is_intact_and_follows() -> None:
    books, closing = closed()
    assert looked_at(books, closing) == Intact()


def test_another_digest_is_not_what_was_closed() -> None:
    books, closing = closed()
    found = looked_at(books, replace(closing, digest="0" * 64))
    assert found == Altered(where="digest", expected=closing.digest, found="0" * 64)


def test_another_partner_or_period_than_the_statements_is_not_what_was_closed() -> None:
    books, closing = closed()
    found = looked_at(books, replace(closing, partner=PartnerId("contoso")))
    assert found == Altered(where="partner", expected="contoso", found="northwind")
    found = looked_at(books, replace(closing, period="2026-Q2"))
    assert found == Altered(where="period", expected="2026-Q2", found="2026-Q1")


def test_a_line_that_does_not_follow_is_named() -> None:
    books, closing = closed()
    stated = closing.statement
    line = replace(stated.lines[0], commission_minor=stated.lines[0].commission_minor + 1)
    found = looked_at(books, signed(closing, replace(stated, lines=(line,))))
    assert isinstance(found, Disagrees)
    assert (found.where, found.expected, found.found) == ("lines[0].commission.amount", "25000.00", "25000.01")
    found = looked_at(books, signed(closing, replace(stated, lines=())))
    assert isinstance(found, Disagrees) and (found.where, found.found) == ("lines[0]", None)


def test_a_closing_has_read_the_log_to_its_end() -> None:
    books, closing = closed()
    found = recompute(closing, inputs_before(books), Position(closing.read_to + 1))
    assert found == Disagrees(where="read_to", expected=closing.read_to + 1, found=closing.read_to)


def test_a_calculation_that_this_release_does_not_have_is_a_known_variance() -> None:
    books, closing = closed()
    assert looked_at(books, replace(closing, calculation=7)) == KnownVariance(calculation=7)
    earlier = replace(inputs_before(books), closed=(replace(closing, calculation=7),))
    (later,) = books.close("2026-Q2")
    assert recompute(later, earlier, later.read_to) == KnownVariance(calculation=7)


def test_an_older_calculation_than_this_releases_that_it_does_not_have_never_was() -> None:
    books, closing = closed()
    found = looked_at(books, replace(closing, calculation=0))
    assert isinstance(found, Disagrees) and (found.where, found.found) == ("calculation", 0)


def test_a_period_is_not_closed_again() -> None:
    books, closing = closed()
    found = recompute(closing, books.inputs(), closing.read_to)
    assert isinstance(found, Disagrees) and found.where == "period"


def test_documents_are_compared_to_their_first_difference() -> None:
    assert first_difference({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "x"}]}) is None
    assert first_difference({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "y"}]}) == ("a[1].b", "x", "y")
    assert first_difference({"a": 1}, {"a": 1, "b": 2}) == ("b", None, 2)
    assert first_difference("same", "other") == ("", "same", "other")
