"""Laws of statements (rules §7), over histories nobody thought of."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Period
from domain.commission.calculation import CALCULATION, lines_of
from domain.commission.lines import Statement
from domain.commission.statement import open_periods, statement
from domain.ids import PartnerId
from domain.money import round_half_up
from domain.programme.terms import Terms
from tests.support.commission import CONTOSO, NORTHWIND, Books
from tests.support.commission_histories import Step, played, steps, terms, values
from tests.support.open_statements import open_statements


def recomputed(books: Books) -> int:
    """The commission of every credit there is and all that was entered, as if nothing had ever been closed."""
    credited = [credit for outcome in books.outcomes.values() for credit in outcome.credits]
    own = [credit for credit in credited if credit.partner == NORTHWIND]
    found = lines_of(books.programme, books.partner, own, CALCULATION)
    entered = sum(one.event.amount.amount_minor for one in books.entered)
    return entered + sum(computed.line.commission_minor for computed in found)


def every_statement(books: Books) -> list[Statement]:
    return [*(closing.statement for closing in books.closed), *(found for _, found in open_periods(books.inputs()))]


@settings(max_examples=300, deadline=None)
@given(terms_=terms, history=steps)
def test_everything_closed_less_held_and_everything_open_is_everything_recomputed(
    terms_: Terms, history: list[Step]
) -> None:
    """The law of §7, to the cent, however credits come, change, move, vanish, are held, released, and periods close."""
    books = played(terms_, history)
    closed = sum(
        closing.statement.totals.commission_minor
        + closing.statement.totals.adjustments_minor
        - closing.statement.totals.held_minor
        for closing in books.closed
    )
    opened = sum(
        found.totals.commission_minor + found.totals.adjustments_minor for _, found in open_periods(books.inputs())
    )
    assert closed + opened == recomputed(books)


@settings(max_examples=150, deadline=None)
@given(terms_=terms, history=steps)
def test_what_is_paid_and_what_is_carried_is_what_is_owed_and_not_held(terms_: Terms, history: list[Step]) -> None:
    """No cent is lost between one period's balance and the next one's, and nothing is paid below nothing."""
    stated = every_statement(played(terms_, history))
    owed = sum(
        found.totals.commission_minor + found.totals.adjustments_minor - found.totals.held_minor for found in stated
    )
    assert sum(found.totals.payable_minor for found in stated) + stated[-1].totals.closing_balance_minor == owed
    for found, following in pairwise(stated):
        assert following.totals.opening_balance_minor == found.totals.closing_balance_minor
        assert found.totals.payable_minor >= 0 and found.totals.held_minor >= 0


@settings(max_examples=100, deadline=None)
@given(terms_=terms, history=steps)
def test_once_everything_is_released_and_closed_nothing_is_left_to_say(terms_: Terms, history: list[Step]) -> None:
    """What was ever held is paid exactly once: closing everything settles everything, and a further period is empty."""
    books = played(terms_, history)
    books.reinstate()
    for deal in books.outcomes:
        books.hold(deal)
    books.rate("EUR", "1", date(2025, 1, 1))
    for _ in range(60):
        period, found = next(iter(open_periods(books.inputs())))
        if not open_statements(books.inputs()) or not (found.lines or found.adjustments or period < _last(books)):
            break
        books.close(period, forced=True)
    settled = sum(
        closing.statement.totals.commission_minor
        + closing.statement.totals.adjustments_minor
        - closing.statement.totals.held_minor
        for closing in books.closed
    )
    assert settled == recomputed(books)
    assert not any(found.lines or found.adjustments for _, found in open_periods(books.inputs()))


def _last(books: Books) -> Period:
    return max(period for period, _ in open_periods(books.inputs()))


@settings(max_examples=100, deadline=None)
@given(terms_=terms, history=steps, later=steps)
def test_a_closed_statement_never_changes(terms_: Terms, history: list[Step], later: list[Step]) -> None:
    books = played(terms_, history)
    before = {closing.period: closing.statement for closing in books.closed}
    for step in later:
        step(books)
    assert {period: books.statement(period) for period in before} == before


@settings(max_examples=100, deadline=None)
@given(terms_=terms, history=steps)
def test_the_order_in_which_outcomes_are_read_changes_no_statement(terms_: Terms, history: list[Step]) -> None:
    books = played(terms_, history)
    before = open_statements(books.inputs())
    books.outcomes = dict(sorted(books.outcomes.items(), reverse=True))
    books.closed.reverse()
    assert open_statements(books.inputs()) == before


@settings(max_examples=100, deadline=None)
@given(terms_=terms, history=steps)
def test_closing_a_period_states_what_was_open_just_before(terms_: Terms, history: list[Step]) -> None:
    books = played(terms_, history)
    period, found = next(iter(open_periods(books.inputs())))
    assert statement(books.inputs(), period) == found
    (closing,) = books.close(period, forced=True)
    assert closing.statement == found
    assert books.close(period, forced=True) == []


@settings(max_examples=100, deadline=None)
@given(terms_=terms, history=steps)
def test_a_line_is_its_slices_rounded_once_unless_a_step_says_otherwise(terms_: Terms, history: list[Step]) -> None:
    """Each line can be worked out again from what it shows: the sum of its slices, or what its last step left of it."""
    for found in every_statement(played(terms_, history)):
        for line in found.lines:
            if line.steps:
                assert line.commission_minor == line.steps[-1].commission_minor
            if line.slices and (not line.steps or line.kind != "commission"):
                exact = sum((Fraction(part.commission) for part in line.slices), Fraction(0))
                assert line.commission_minor == round_half_up(exact * 100)


@settings(max_examples=100, deadline=None)
@given(
    value=values,
    share=st.integers(min_value=1, max_value=9_999),
    before=values,
)
def test_the_parts_of_a_deals_commission_sum_to_the_whole(value: str, share: int, before: str) -> None:
    """`tier_then_split`, for partners who stand alike: what they earn together is what one of them would alone."""

    def earned(lead: PartnerId, part: int) -> int:
        books = Books(Terms(split_mode="tier_then_split"))
        books.win("a", before, date(2026, 1, 1))
        others = [(CONTOSO, 10_000 - part)] if part < 10_000 else []
        books.win("b", value, date(2026, 2, 1), shares=[(NORTHWIND, part), *others], lead=lead)
        return books.statement("2026-Q1").lines[1].commission_minor

    assert earned(NORTHWIND, share) + earned(CONTOSO, 10_000 - share) == earned(NORTHWIND, 10_000)
