"""What a line is paid by, and in which order: split, refunds, tables, own terms, floors and caps (rules §6)."""

from datetime import date
from typing import Any

import pytest

from domain.commission.clawbacks import proposed_clawbacks
from domain.commission.document import document_of
from domain.commission.plan import overlapping_tables, table_for
from domain.deal_registration.events import Engagement
from domain.ids import Product
from domain.programme.terms import Band, BandTable, Terms
from tests.support.commission import CONTOSO, NORTHWIND, Books

EDGE, CORE = Product("edge"), Product("core")
HALVES = ((NORTHWIND, 5_000), (CONTOSO, 5_000))


def flat(rate: int) -> tuple[Band, ...]:
    return (Band(from_minor=0, rate_basis_points=rate),)


def table(
    name: str, *products: Product, engagements: tuple[Engagement, ...] = (), tiers: tuple[Band, ...] = flat(1000)
) -> BandTable:
    return BandTable(name=name, products=products, engagements=engagements, tiers=tiers)


def steps(books: Books, period: str) -> list[list[tuple[str, int, int]]]:
    return [
        [(s.step, s.figure_minor, s.commission_minor) for s in line.steps] for line in books.statement(period).lines
    ]


def test_a_shared_deal_climbs_whole_and_its_commission_is_split() -> None:
    """`tier_then_split`: 90,000 before, 100,001 on top is 19,500.20, of which half is 9,750.10."""
    books = Books(Terms(split_mode="tier_then_split"))
    books.win("a", "90000.00", "2026-10-10")
    books.win("b", "100001.00", "2026-10-11", shares=HALVES)
    books.win("c", "10.00", "2026-10-12")
    assert books.commissions("2026-Q4") == {"a": "13500.00", "b": "9750.10", "c": "2.00"}
    assert steps(books, "2026-Q4") == [[], [("split", 1_950_020, 975_010)], []]
    assert [line.cumulative_before_minor for line in books.statement("2026-Q4").lines] == [0, 9_000_000, 19_000_100]


def test_parts_of_a_commission_sum_to_the_whole() -> None:
    """333.33 of commission in halves: 166.67 for the lead, 166.66 for the other."""
    amounts = []
    for lead in (NORTHWIND, CONTOSO):
        books = Books(Terms(split_mode="tier_then_split", tiers=flat(10_000)))
        books.win("a", "333.33", "2026-10-10", shares=HALVES, lead=lead)
        amounts.append(books.commissions("2026-Q4")["a"])
    assert amounts == ["166.67", "166.66"]


def test_under_the_retroactive_method_a_whole_deal_climbs_and_the_share_is_paid() -> None:
    """The reached rate counts for everything that the partner was credited in the window."""
    books = Books(Terms(split_mode="tier_then_split", method="retroactive"))
    books.win("a", "80000.00", "2026-10-10")
    books.win("b", "50000.00", "2026-10-11", shares=HALVES)
    assert books.commissions("2026-Q4") == {"a": "12000.00", "b": "9000.00"}
    assert books.statement("2026-Q4").totals.commission_minor == (80_000 + 25_000) * 20


def test_pro_rata_a_refund_shrinks_its_own_line_and_moves_no_other() -> None:
    books = Books(Terms(refund_method="pro_rata"))
    books.win("a", "120000.00", "2026-10-10")
    books.win("b", "50000.00", "2026-10-11")
    books.refund("a", "90000.00")
    assert books.commissions("2026-Q4") == {"a": "14250.00", "b": "10000.00"}
    assert steps(books, "2026-Q4") == [[("refund", 12_000_000, 1_425_000)], []]
    assert [line.credited_minor for line in books.statement("2026-Q4").lines] == [9_000_000, 5_000_000]
    books.refund("a", "0.00")
    assert books.commissions("2026-Q4") == {"a": "0.00", "b": "10000.00"}


def test_pro_rata_and_split_whole() -> None:
    """The refund shrinks the whole deal's commission, which is then split."""
    books = Books(Terms(refund_method="pro_rata", split_mode="tier_then_split"))
    books.win("a", "120000.00", "2026-10-10", shares=HALVES)
    books.refund("a", "90000.00")
    assert steps(books, "2026-Q4") == [[("refund", 12_000_000, 1_425_000), ("split", 1_425_000, 712_500)]]


def test_pro_rata_by_the_retroactive_method() -> None:
    books = Books(Terms(refund_method="pro_rata", method="retroactive"))
    books.win("a", "120000.00", "2026-10-10")
    books.refund("a", "60000.00")
    assert steps(books, "2026-Q4") == [[("refund", 12_000_000, 1_200_000)]]


def test_a_deal_worth_nothing_from_the_beginning_is_not_refunded() -> None:
    books = Books(Terms(refund_method="pro_rata"))
    books.win("a", "0.00", "2026-10-10")
    assert steps(books, "2026-Q4") == [[]]


def test_terms_of_the_day_of_approval_count_where_the_terms_say_so() -> None:
    """`rates_as_of = approved`; a deal that was never approved is paid by the terms of its win."""
    books = Books(Terms(rates_as_of="approved", tiers=flat(1_000)))
    books.publish(date(2026, 10, 1), Terms(rates_as_of="approved", tiers=flat(2_000)))
    books.win("a", "100.00", "2026-10-10", approved_on=date(2026, 9, 30))
    books.win("b", "100.00", "2026-10-10")
    assert books.commissions("2026-Q4") == {"a": "10.00", "b": "20.00"}
    assert [line.terms_version for line in books.statement("2026-Q4").lines] == [1, 2]


@pytest.mark.parametrize(
    ("products", "engagement", "expected"),
    [
        ((EDGE,), "resell", "edge-resell"),
        ((EDGE,), "referral", "edge"),
        ((CORE,), "resell", "resell"),
        ((EDGE, CORE), "resell", "resell"),
        ((EDGE, CORE), "referral", None),
    ],
)
def test_the_most_specific_table_counts(
    products: tuple[Product, ...], engagement: Engagement, expected: str | None
) -> None:
    tables = (
        table("resell", engagements=("resell",)),
        table("edge", EDGE),
        table("edge-resell", EDGE, engagements=("resell", "oem")),
    )
    found = table_for(tables, products, engagement)
    assert (found.name if found else None) == expected
    assert list(overlapping_tables(tables)) == []


def test_tables_that_could_both_be_for_a_deal_overlap() -> None:
    tables = (
        table("one", EDGE, CORE),
        table("two", CORE),
        table("three", EDGE, engagements=("resell",)),
        table("four", EDGE, engagements=("oem",)),
        table("five", engagements=("oem", "resell")),
        table("six", engagements=("oem",)),
    )
    assert list(overlapping_tables(tables)) == [(0, 1), (4, 5)]


def test_revenue_under_a_table_climbs_its_bands_alone() -> None:
    seed = Terms().tiers
    books = Books(Terms(tier_tables=(table("edge", EDGE, tiers=seed),)))
    books.win("a", "90000.00", "2026-10-10", products=["core"])
    books.win("b", "90000.00", "2026-10-11", products=["edge"])
    books.win("c", "20000.00", "2026-10-12", products=["edge"])
    assert books.commissions("2026-Q4") == {"a": "13500.00", "b": "13500.00", "c": "3500.00"}
    assert [line.tier_table for line in books.statement("2026-Q4").lines] == [None, "edge", "edge"]


def test_a_partner_is_paid_by_its_own_terms_while_they_last() -> None:
    books = Books(Terms(tiers=flat(1_000), tier_tables=(table("edge", EDGE),)))
    books.promise(date(2026, 10, 10), date(2026, 10, 11), tiers=flat(3_000))
    books.promise(date(2026, 10, 12), line_cap_minor=500)
    for day in (9, 10, 11, 12):
        books.win(f"d{day}", "100.00", f"2026-10-{day:02}")
    assert books.commissions("2026-Q4") == {"d9": "10.00", "d10": "30.00", "d11": "30.00", "d12": "5.00"}
    assert [(line.own_terms, line.tier_table) for line in books.statement("2026-Q4").lines] == [
        (None, "edge"),
        (1, None),
        (1, None),
        (2, "edge"),
    ]


def test_own_tiers_and_own_tables_count_together() -> None:
    books = Books()
    books.promise(date(2026, 1, 1), tiers=flat(3_000), tier_tables=(table("mine", EDGE, tiers=flat(4_000)),))
    books.win("a", "100.00", "2026-10-10")
    books.win("b", "100.00", "2026-10-10", products=["core"])
    assert books.commissions("2026-Q4") == {"a": "40.00", "b": "30.00"}


def test_a_line_is_raised_to_the_floor_and_cut_at_the_cap() -> None:
    """After rounding and split; a deal refunded in full has no floor."""
    books = Books(Terms(line_floor_minor=1_000, line_cap_minor=100_000))
    books.win("a", "10.00", "2026-10-10")
    books.win("b", "8000.00", "2026-10-11")
    books.win("c", "0.00", "2026-10-12")
    books.win("d", "1000.00", "2026-10-13")
    assert books.commissions("2026-Q4") == {"a": "10.00", "b": "1000.00", "c": "0.00", "d": "150.00"}
    assert steps(books, "2026-Q4") == [[("line_floor", 1_000, 1_000)], [("line_cap", 100_000, 100_000)], [], []]


def test_the_line_that_takes_a_period_above_its_cap_gets_what_is_left() -> None:
    books = Books(Terms(period_cap_minor=200_000, tiers=flat(1_000)))
    for day, deal in enumerate("abc", start=10):
        books.win(deal, "15000.00", f"2026-10-{day}")
    books.win("d", "15000.00", "2027-01-01")
    assert books.commissions("2026-Q4") == {"a": "1500.00", "b": "500.00", "c": "0.00"}
    assert books.commissions("2027-Q1") == {"d": "1500.00"}
    assert steps(books, "2026-Q4") == [[], [("period_cap", 50_000, 50_000)], [("period_cap", 0, 0)]]


def test_limits_are_figures_in_the_statements_currency() -> None:
    """A cap of 1,000.00 dollars is one of 1,000 yen for a partner who is paid in yen, like the bands."""
    books = Books(Terms(line_cap_minor=100_000), currency="JPY")
    books.win("a", "15000", "2026-10-10", currency="JPY")
    assert books.commissions("2026-Q4") == {"a": "1000"}


def test_the_document_shows_what_had_a_part_in_a_line() -> None:
    books = Books(Terms(line_cap_minor=100_000))
    books.win("a", "15000.00", "2026-10-10")
    books.win("b", "100.00", "2026-10-10")
    lines: Any = document_of(books.statement("2026-Q4"), status="open", position=0)["lines"]
    first, second = lines
    usd = {"amount": "1000.00", "currency": "USD"}
    assert first["working"] == {
        "tier_table": None,
        "own_terms": None,
        "incentive": None,
        "steps": [{"step": "line_cap", "figure": usd, "commission": usd}],
    }
    assert "working" not in second


def test_a_clawback_is_proposed_for_what_was_settled_before_it_was_unpaid() -> None:
    """A hold takes nothing back by itself; paid after all, it is proposed no longer."""
    books = Books()
    books.win("a", "100.00", "2026-02-10")
    books.win("b", "100.00", "2026-02-11", held_because=("UNPAID",))
    assert proposed_clawbacks(books.inputs()) == ()
    books.close("2026-Q1")
    assert proposed_clawbacks(books.inputs()) == ()
    position = books.hold("a", "UNPAID")
    [proposed] = proposed_clawbacks(books.inputs())
    assert (proposed.period, proposed.line, proposed.amount_minor) == ("2026-Q1", "line_a_northwind", 1_500)
    assert position in proposed.evidence
    assert books.statement("2026-Q2").totals.payable_minor == 0
    books.enter("other", "-1.00", kind="clawback", line="line_b_northwind")
    assert proposed_clawbacks(books.inputs()) == (proposed,)
    books.enter("taken", "-15.00", kind="clawback", line="line_a_northwind")
    assert proposed_clawbacks(books.inputs()) == ()
    books.entered.pop()
    books.hold("a")
    assert proposed_clawbacks(books.inputs()) == ()


def test_deals_of_one_day_are_converted_at_one_rate() -> None:
    books = Books()
    books.rate("EUR", "1.1", date(2026, 10, 1))
    books.win("a", "100.00", "2026-10-10", currency="EUR")
    books.win("b", "200.00", "2026-10-10", currency="EUR")
    assert books.commissions("2026-Q4") == {"a": "16.50", "b": "33.00"}
