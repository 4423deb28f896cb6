"""A walk over credits can stop after any of them and be taken up again (rules §6)."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import period_of
from domain.changed import changed
from domain.commission.credit import Credit
from domain.commission.statement import by_their_period
from domain.commission.totals import Sums, sums_of
from domain.commission.walk import HeldOtherwise, Walk, held_otherwise, in_credit_order, in_order_of_statement
from domain.programme.terms import Terms
from tests.support.commission import NORTHWIND, Books
from tests.support.commission_histories import Step, played, steps, terms
from tests.support.open_statements import open_statements


def own_credits(books: Books) -> list[Credit]:
    """The partner's credits, in credit order."""
    credited = [credit for outcome in books.outcomes.values() for credit in outcome.credits]
    return in_credit_order(credit for credit in credited if credit.partner == NORTHWIND)


@settings(max_examples=100, deadline=None)
@given(terms_=terms, history=steps, cut=st.integers(min_value=0, max_value=10))
def test_a_walk_taken_up_anywhere_gives_what_one_over_all_credits_does(
    terms_: Terms, history: list[Step], cut: int
) -> None:
    """Every line behind the cut, what belongs to no credit, and all sums are the same."""
    books = played(terms_, history)
    credited = own_credits(books)
    whole = Walk(books.programme, books.partner)
    expected = [whole.step(credit) for credit in credited]
    first = Walk(books.programme, books.partner)
    assert [first.step(credit) for credit in credited[:cut]] == expected[:cut]
    second = Walk(books.programme, books.partner, first.walked())
    assert [second.step(credit) for credit in credited[cut:]] == expected[cut:]
    assert list(second.others()) == list(whole.others())
    assert second.walked() == whole.walked()
    placed = in_order_of_statement([*(one for lines in expected for one in lines), *whole.others()])
    by_period = by_their_period(one.computed for one in placed)
    assert second.sums() == {period: sums_of(one.line for one in lines) for period, lines in by_period.items()}


def test_lines_that_belong_to_a_credit_come_before_those_that_belong_to_none() -> None:
    """Commission lines, what a target makes of them and its bonus, SPIFFs, the floor: each section in credit order."""
    books = Books(Terms(period_floor_minor=9_000_000))
    books.target("2026-Q1", "50000.00", bonus="1000.00", accelerator=100)
    books.spiff("push", date(2026, 1, 1), date(2026, 12, 31), rate=50)
    books.win("b", "40000.00", "2026-02-01")
    books.win("a", "40000.00", "2026-01-01")
    (stated,) = open_statements(books.inputs())
    assert [(line.incentive, line.deal and line.deal.id) for line in stated.lines] == [
        (None, "D-a"),
        (None, "D-b"),
        ("target 2026-Q1", "D-b"),
        ("target 2026-Q1", "D-b"),
        ("push", "D-a"),
        ("push", "D-b"),
        ("floor 2026-Q1", "D-a"),
    ]


@settings(max_examples=60, deadline=None)
@given(terms_=terms, history=steps, cut=st.integers(min_value=0, max_value=6))
def test_walks_that_differ_by_holds_alone_go_on_differing_by_as_much(
    terms_: Terms, history: list[Step], cut: int
) -> None:
    """What is held of some credits changes no line behind them, and every sum behind them by the same."""
    books = played(terms_, history)
    credited = own_credits(books)
    other = [changed(credit, held_because=("NOT_APPROVED",)) for credit in credited[:cut]]
    before, now = Walk(books.programme, books.partner), Walk(books.programme, books.partner)
    for was, held in zip(credited[:cut], other, strict=False):
        before.step(was)
        now.step(held)
    found = held_otherwise(before.walked(), now.walked())
    lines = [(before.step(credit), now.step(credit)) for credit in credited[cut:]]
    if found is not None:
        assert all(was == is_now for was, is_now in lines)
        assert found.of(before.walked()) == now.walked()
        assert found.changes_something == (before.walked() != now.walked())


def test_walks_that_came_to_another_revenue_differ_by_more_than_holds() -> None:
    """One of them has more credits, or others: nothing is said about what stands behind."""
    books = Books()
    books.win("a", "1000.00", "2026-01-01")
    books.win("b", "1000.00", "2026-05-01")
    walks = [Walk(books.programme, books.partner) for _ in range(3)]
    first, second = own_credits(books)
    for walk, credits_ in zip(walks, ([first], [first, second], [second]), strict=True):
        for credit in credits_:
            walk.step(credit)
    one, both, other = (walk.walked() for walk in walks)
    assert held_otherwise(one, both) is None
    assert held_otherwise(one, other) is None
    assert held_otherwise(one, one) == HeldOtherwise(periods=((period_of(first.won_on, "quarter"), 0),), certain=())


def test_a_walk_sums_each_period_and_goes_on_from_where_another_had_come() -> None:
    """15 % of 4,000 and of a held 1,000, which a floor of 500 makes whole."""
    books = Books(Terms(period_floor_minor=50_000))
    books.win("a", "4000.00", "2026-01-01")
    books.win("b", "1000.00", "2026-05-01", held_because=("NOT_APPROVED",))
    first, second = own_credits(books)
    walk = Walk(books.programme, books.partner)
    walk.step(first)
    further = Walk(books.programme, books.partner, walk.walked())
    further.step(second)
    assert {str(period): sums for period, sums in further.sums().items()} == {
        "2026-Q1": Sums(lines=1, commission_minor=60_000, held_minor=0),
        "2026-Q2": Sums(lines=2, commission_minor=50_000, held_minor=50_000),
    }


def test_walks_over_the_same_revenue_differ_by_what_one_of_them_holds() -> None:
    """15 % of 1,000; from itself a walk differs by nothing."""
    books = Books()
    books.win("a", "1000.00", "2026-01-01")
    books.win("b", "1000.00", "2026-01-02")
    first, second = own_credits(books)
    paid, held = Walk(books.programme, books.partner), Walk(books.programme, books.partner)
    for walk, then in ((paid, second), (held, changed(second, held_because=("NOT_APPROVED",)))):
        walk.step(first)
        walk.step(then)
    found = held_otherwise(paid.walked(), held.walked())
    assert found == HeldOtherwise(periods=((period_of(first.won_on, "quarter"), 15_000),), certain=())
    assert found.changes_something and found.of(paid.walked()) == held.walked()
    itself = held_otherwise(paid.walked(), paid.walked())
    assert itself is not None and not itself.changes_something
