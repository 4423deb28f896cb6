"""A journal's entries for what statements seldom hold: holds, adjustments, balances, forfeitures."""

from domain.calendar import zone_named
from domain.commission_period.after_closing import AfterClosing, Forfeiture, Step
from domain.commission_period.aggregate import ClosedPeriod
from domain.ids import Instant, Position
from service.documents.journal import ADJUSTMENTS, CARRIED_FORWARD, COMMISSION, FORFEITED, HELD, PAYABLE, entries_of
from tests.support.commission import Books

UTC = zone_named("UTC")


def closed(books: Books, period: str, after: AfterClosing | None = None) -> ClosedPeriod:
    closing = books.close(period)[-1]
    return ClosedPeriod(closing=closing, closed_at=Instant(0), position=Position(9), after=after or AfterClosing())


def test_a_negative_balance_is_carried_forward_and_never_paid() -> None:
    books = Books()
    books.win("a", "120000.00", "2026-03-10")
    books.close("2026-Q1")
    books.worth("a", "90000.00")
    books.win("b", "10000.00", "2026-05-10")
    (entry,) = entries_of(closed(books, "2026-Q2"), UTC)
    assert dict(entry.postings) == {COMMISSION: 150_000, ADJUSTMENTS: -550_000, CARRIED_FORWARD: 400_000}


def test_what_is_held_is_no_expense_until_it_is_stated_again() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-03-10", held_because=("CONFLICT_OPEN",))
    books.win("b", "1000.00", "2026-03-11")
    (entry,) = entries_of(closed(books, "2026-Q1"), UTC)
    assert dict(entry.postings) == {COMMISSION: 30_000, HELD: -15_000, PAYABLE: -15_000}
    books.win("a", "1000.00", "2026-03-10")
    (later,) = entries_of(closed(books, "2026-Q2"), UTC)
    assert dict(later.postings) == {ADJUSTMENTS: 15_000, PAYABLE: -15_000}


def test_what_a_partner_forfeits_is_income() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-03-10")
    step = Step(by="key_1", at=Instant(1_790_000_000_000_000), position=Position(30), reason="No form.")
    lost = Forfeiture(amount_minor=15_000, missing=("w9",), state="posted", steps=(step, step))
    _, entry = entries_of(closed(books, "2026-Q1", AfterClosing(forfeitures=(lost,))), UTC)
    assert (entry.kind, entry.position, dict(entry.postings)) == (
        "forfeiture",
        30,
        {PAYABLE: 15_000, FORFEITED: -15_000},
    )
