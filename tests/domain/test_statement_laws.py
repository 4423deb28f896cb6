"""Laws of statements (rules §7), over histories nobody thought of."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Period, period_from
from domain.commission.calculation import CALCULATION, lines_of
from domain.commission.credit import HeldBecause
from domain.commission.lines import Statement
from domain.commission.statement import open_periods, open_statements, statement
from domain.commission.windows import period_after
from domain.entered_adjustment.events import EnteredKind
from domain.ids import PartnerId, Product
from domain.money import decimal_of, round_half_up
from domain.programme.terms import Band, BandTable, Terms
from tests.support.commission import CONTOSO, NORTHWIND, Books

DEALS = ("a", "b", "c", "d")
Step = Callable[[Books], None]

deals = st.sampled_from(DEALS)
values = st.integers(min_value=0, max_value=60_000_000).map(lambda minor: decimal_of(minor, "USD"))
won_days = st.integers(min_value=0, max_value=365).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
holds: st.SearchStrategy[tuple[HeldBecause, ...]] = st.sampled_from(((), (), ("CONFLICT_OPEN",), ("NOT_APPROVED",)))
currencies = st.sampled_from(["USD", "USD", "EUR"])
terms = st.builds(
    Terms,
    method=st.sampled_from(["marginal", "retroactive"]),
    accumulate_over=st.sampled_from(["period", "year"]),
    period=st.sampled_from(["quarter", "month"]),
    fiscal_year_start_month=st.sampled_from([1, 2, 7]),
    minimum_payout_minor=st.sampled_from([0, 100_000]),
    split_mode=st.sampled_from(["credit_then_tier", "tier_then_split"]),
    refund_method=st.sampled_from(["recompute", "pro_rata"]),
    rates_as_of=st.sampled_from(["won", "approved"]),
    line_cap_minor=st.sampled_from([0, 0, 3_000_000]),
    line_floor_minor=st.sampled_from([0, 0, 20_000]),
    period_cap_minor=st.sampled_from([0, 0, 5_000_000]),
    period_floor_minor=st.sampled_from([0, 0, 1_000_000]),
    tier_tables=st.sampled_from(
        [
            (),
            (
                BandTable(
                    name="edge",
                    products=(Product("edge"),),
                    engagements=(),
                    tiers=(Band(from_minor=0, rate_basis_points=999),),
                ),
            ),
        ]
    ),
)


def _win(deal: str, value: str, on: date, facts: tuple[str, int, str], held: tuple[HeldBecause, ...]) -> Step:
    currency, share, product = facts
    shares = [(NORTHWIND, share)] + ([(CONTOSO, 10_000 - share)] if share < 10_000 else [])
    return lambda books: _none(
        books.win(
            deal,
            value,
            on,
            currency=currency,
            shares=shares,
            held_because=held,
            products=[product],
            approved_on=on - timedelta(days=100),
        )
    )


def _on_known(deal: str, change: Callable[[Books], object]) -> Step:
    return lambda books: _none(change(books)) if deal in books.outcomes else None


def _close_through(day: date) -> Step:
    """Close one period after another until a day lies in a closed one."""

    def close(books: Books) -> None:
        period, _ = next(iter(open_periods(books.inputs())))
        while period.first_on <= day:
            books.close(period)
            period = period_after(books.programme, period)

    return close


def _promise(day: date) -> Step:
    """Own terms for two months, where none are in force yet."""
    last = day + timedelta(days=60)

    def promise(books: Books) -> None:
        if not any(own.contains(one) for own in books.partner.pay.own_terms for one in (day, last)):
            books.promise(day, last, method="retroactive", line_cap_minor=2_000_000)

    return promise


def _publish(day: date, changed: Terms) -> Step:
    """Publish other terms from a day on, or from the day after what is closed: they may not reach into it."""

    def publish(books: Books) -> None:
        closed_until = max((period_from(closing.period).ends_on for closing in books.closed), default=date.min)
        books.publish(max(day, closed_until + timedelta(days=1)) if books.closed else day, changed)

    return publish


def _enter(amount: int, kind: EnteredKind) -> Step:
    """Finance enters an amount: for an upheld dispute, a clawback, a variance, or a reason of its own."""
    minor = -amount if kind == "clawback" else amount
    return lambda books: _none(books.enter(f"adj_{books.position}", decimal_of(minor, "USD"), kind=kind))


def _none(_: object) -> None:
    """A step gives nothing."""


closings = won_days.map(_close_through)
wins = st.builds(
    _win,
    deals,
    values,
    won_days,
    st.tuples(currencies, st.sampled_from([10_000, 6_667]), st.sampled_from(["edge", "core"])),
    holds,
)
changes: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        wins,
        wins,
        st.tuples(deals, values).map(lambda chosen: _on_known(chosen[0], lambda books: books.worth(*chosen))),
        st.tuples(deals, won_days).map(lambda chosen: _on_known(chosen[0], lambda books: books.moved(*chosen))),
        st.tuples(deals, holds).map(lambda chosen: _on_known(chosen[0], lambda b: b.hold(chosen[0], *chosen[1]))),
        deals.map(lambda deal: _on_known(deal, lambda books: books.lose(deal))),
        st.tuples(won_days, st.sampled_from(["1.1000", "0.9"])).map(
            lambda chosen: lambda books: _none(books.rate("EUR", chosen[1], chosen[0]))
        ),
        st.sampled_from([Books.suspend, Books.reinstate]),
        st.tuples(deals, st.sampled_from(["0.00", "1234.56"])).map(
            lambda chosen: _on_known(chosen[0], lambda books: books.refund(*chosen))
        ),
        st.sampled_from(["2026-Q1", "2026-Q2", "2026-05"]).map(
            lambda period: lambda books: books.target(period, "200000.00", bonus="1000.00", accelerator=333)
        ),
        won_days.map(
            lambda day: lambda books: books.spiff(f"s{books.position}", day, day + timedelta(days=90), rate=77)
        ),
        won_days.map(
            lambda day: lambda books: books.spiff(f"s{books.position}", day, day + timedelta(days=9), amount="333.33")
        ),
        won_days.map(_promise),
        st.builds(
            _enter,
            st.integers(min_value=1, max_value=500_000),
            st.sampled_from(["dispute", "clawback", "variance", "manual"]),
        ),
        st.builds(_publish, won_days, terms),
        closings,
        closings,
    ),
    max_size=8,
)
steps: st.SearchStrategy[list[Step]] = st.tuples(
    st.lists(wins, min_size=1, max_size=5),
    st.lists(closings, max_size=1),
    changes,
    st.lists(closings, max_size=1),
    changes,
).map(lambda parts: [step for part in parts for step in part])
"""Wins, perhaps a closing, anything, perhaps another closing, anything."""


def played(terms_: Terms, history: list[Step]) -> Books:
    books = Books(terms_)
    for step in history:
        step(books)
    return books


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
