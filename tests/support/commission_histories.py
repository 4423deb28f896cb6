"""Histories nobody thought of: what may happen to a partner's credits, terms, rates, incentives and periods."""

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import strategies as st

from domain.calendar import period_from
from domain.commission.credit import HeldBecause
from domain.commission.statement import open_periods
from domain.commission.windows import period_after
from domain.entered_adjustment.events import EnteredKind
from domain.ids import Product
from domain.money import decimal_of
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


def on_known(deal: str, change: Callable[[Books], object]) -> Step:
    """A change of a deal, if it was ever won."""
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
        st.tuples(deals, values).map(lambda chosen: on_known(chosen[0], lambda books: books.worth(*chosen))),
        st.tuples(deals, won_days).map(lambda chosen: on_known(chosen[0], lambda books: books.moved(*chosen))),
        st.tuples(deals, holds).map(lambda chosen: on_known(chosen[0], lambda b: b.hold(chosen[0], *chosen[1]))),
        deals.map(lambda deal: on_known(deal, lambda books: books.lose(deal))),
        st.tuples(won_days, st.sampled_from(["1.1000", "0.9"])).map(
            lambda chosen: lambda books: _none(books.rate("EUR", chosen[1], chosen[0]))
        ),
        st.sampled_from([Books.suspend, Books.reinstate]),
        st.tuples(deals, st.sampled_from(["0.00", "1234.56"])).map(
            lambda chosen: on_known(chosen[0], lambda books: books.refund(*chosen))
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
