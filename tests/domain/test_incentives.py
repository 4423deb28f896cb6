"""Bonuses, SPIFFs, floors and rewards: lines of their own (rules §8)."""

from dataclasses import replace
from datetime import date

from domain.ids import RegistrationId
from domain.partner.rewards import Reward
from domain.programme.terms import Terms
from tests.support.commission import CONTOSO, NORTHWIND, Books

Q4 = (date(2026, 10, 1), date(2026, 12, 31))


def test_a_bonus_is_credited_on_reaching_the_target() -> None:
    books = Books()
    books.target("2026-Q4", "100000.00", bonus="5000.00")
    books.win("a", "60000.00", "2026-10-10")
    assert books.incentives("2026-Q4") == []
    books.win("b", "40000.00", "2026-11-10")
    books.win("c", "40000.00", "2026-12-10")
    assert books.incentives("2026-Q4") == [("bonus", "target 2026-Q4", "5000.00", ())]
    line = books.statement("2026-Q4").lines[-1]
    assert (line.registration, line.won_on, line.credited_minor) == ("reg_b", date(2026, 11, 10), 0)
    assert [(s.step, s.figure_minor, s.commission_minor) for s in line.steps] == [("target", 10_000_000, 500_000)]
    assert books.partner.pay.targets[0].position in line.evidence


def test_a_bonus_reached_with_held_revenue_is_held() -> None:
    books = Books()
    books.target("2026-Q4", "100000.00", bonus="5000.00")
    books.win("a", "60000.00", "2026-10-10", held_because=("CONFLICT_OPEN",))
    books.win("b", "60000.00", "2026-11-10")
    assert books.incentives("2026-Q4") == [("bonus", "target 2026-Q4", "5000.00", ("CONFLICT_OPEN",))]
    books.win("c", "40000.00", "2026-12-10")
    assert books.incentives("2026-Q4") == [("bonus", "target 2026-Q4", "5000.00", ())]


def test_a_refund_after_closing_takes_the_bonus_back() -> None:
    books = Books()
    books.target("2026-Q1", "100000.00", bonus="5000.00")
    books.win("a", "100000.00", "2026-02-10")
    books.close("2026-Q1")
    books.worth("a", "90000.00")
    [adjustment] = books.statement("2026-Q2").adjustments
    assert [(part.line, part.amount_minor) for part in adjustment.lines] == [
        ("line_a_northwind", -150_000),
        ("line_northwind_bonus_2026-Q1", -500_000),
    ]


def test_an_accelerator_pays_for_all_revenue_beyond_the_target() -> None:
    """Each deal for its own part, held as the deal's line is."""
    books = Books()
    books.target("2026-Q4", "100000.00", accelerator=300)
    books.win("a", "90000.00", "2026-10-10")
    books.win("b", "30000.00", "2026-10-11")
    books.win("c", "10000.00", "2026-10-12", held_because=("CONFLICT_OPEN",))
    assert books.incentives("2026-Q4") == [
        ("bonus", "target 2026-Q4", "600.00", ()),
        ("bonus", "target 2026-Q4", "300.00", ("CONFLICT_OPEN",)),
    ]
    [part] = books.statement("2026-Q4").lines[3].slices
    assert (part.rate_basis_points, part.base_minor, part.commission) == (300, 2_000_000, "600")


def test_a_win_outside_its_period_does_not_reach_a_target() -> None:
    """The day before and the day after count elsewhere."""
    books = Books()
    books.target("2026-Q4", "100.00", bonus="5.00", accelerator=300)
    books.win("a", "99.99", "2026-10-01")
    books.win("b", "500.00", "2026-09-30")
    books.win("c", "500.00", "2027-01-01")
    assert [books.incentives(period) for period in ("2026-Q3", "2026-Q4", "2027-Q1")] == [[], [], []]
    books.win("d", "0.01", "2026-12-31")
    assert books.incentives("2026-Q4") == [("bonus", "target 2026-Q4", "5.00", ())]


def test_a_quarters_target_counts_over_its_months() -> None:
    books = Books(Terms(period="month"))
    books.target("2026-Q4", "100.00", bonus="5.00")
    books.win("a", "60.00", "2026-10-10")
    books.win("b", "60.00", "2026-12-10")
    assert books.incentives("2026-10") == []
    assert books.incentives("2026-12") == [("bonus", "target 2026-Q4", "5.00", ())]


def test_a_spiff_pays_a_rate_or_an_amount_between_two_days() -> None:
    books = Books()
    books.spiff("launch", *Q4, rate=200)
    books.spiff("first-day", Q4[0], Q4[0], amount="500.00")
    books.win("a", "1000.00", "2026-10-01", shares=[(NORTHWIND, 5_000), (CONTOSO, 5_000)])
    books.win("b", "1000.00", "2026-12-31", products=["core", "edge"])
    books.win("c", "1000.00", "2026-12-31", products=["core"])
    books.win("d", "1000.00", "2027-01-01")
    books.win("e", "0.00", "2026-12-31")
    assert books.incentives("2026-Q4") == [
        ("spiff", "launch", "10.00", ()),
        ("spiff", "first-day", "250.00", ()),
        ("spiff", "launch", "20.00", ()),
    ]
    assert books.incentives("2027-Q1") == []


def test_a_period_with_a_line_comes_to_its_floor() -> None:
    """Stated with a line that is not held, where there is one."""
    books = Books(Terms(period_floor_minor=100_000))
    books.win("a", "1000.00", "2026-10-10", held_because=("CONFLICT_OPEN",))
    assert books.incentives("2026-Q4") == [("bonus", "floor 2026-Q4", "850.00", ("CONFLICT_OPEN",))]
    books.win("b", "2000.00", "2026-10-11")
    books.win("c", "1000.00", "2026-10-12")
    assert books.incentives("2026-Q4") == [("bonus", "floor 2026-Q4", "400.00", ())]
    books.win("d", "8000.00", "2026-10-13")
    assert books.incentives("2026-Q4") == [] == books.incentives("2026-Q3")


def test_a_reward_is_a_line_of_the_day_on_which_it_was_evaluated() -> None:
    books = Books()
    reward = Reward(
        year="2026",
        credited_minor=50_000_000,
        amount_minor=1_000_000,
        evaluated_on=date(2027, 1, 15),
        registration=RegistrationId("reg_a"),
        account="Customer a",
        position=books.next_position(),
    )
    books.partner = replace(books.partner, pay=replace(books.partner.pay, rewards=(reward,)))
    assert books.incentives("2027-Q1") == [("reward", "reward 2026", "10000.00", ())]
    books.suspend()
    assert books.incentives("2027-Q1") == [("reward", "reward 2026", "10000.00", ("PARTNER_SUSPENDED",))]
