"""Partner tiers, and the reward of a year: everybody is compared, and told of itself alone (rules §8)."""

from dataclasses import replace
from datetime import date

import pytest

from domain.calendar import end_of_day, period_from, start_of_day
from domain.commission.statement import StatementInputs
from domain.evaluation.aggregate import (
    EvaluatePartnerTiers,
    EvaluateReward,
    evaluate_reward,
    evaluate_tiers,
    rule_for,
    seen_again,
)
from domain.evaluation.events import PartnerTiersEvaluated, Ranked, RewardEvaluated
from domain.ids import PartnerId, Position
from domain.ledger import Ledger
from domain.partner import pay
from domain.partner.events import PartnerEvent, PartnerRewarded, PartnerTierChanged
from domain.partner.pay import UNCHANGED, PayEvent
from domain.programme.terms import SEED_PARTNER_TIERS, Terms, seed_terms
from domain.recorded import Recorded
from tests.domain.scenario import refused
from tests.support.commission import UTC, Books

YEAR_END = end_of_day(date(2026, 12, 31), UTC)


def everybody(*values: str, currency: str = "USD") -> tuple[StatementInputs, ...]:
    """Partners `p0`, `p1`, …, each with one deal of 2026."""
    found = []
    for number, value in enumerate(values):
        books = Books(Terms(fiscal_year_start_month=1), currency=currency)
        partner = PartnerId(f"p{number}")
        books.win("a", value, "2026-05-10", shares=[(partner, 10_000)], lead=partner)
        books.partner = replace(books.partner, id=partner)
        found.append(books.inputs())
    return tuple(found)


def tiers(
    inputs: tuple[StatementInputs, ...], *, effective_from: date | None = None
) -> tuple[PartnerTiersEvaluated, tuple[PartnerEvent, ...]]:
    command = EvaluatePartnerTiers(
        quarter=period_from("2026-Q4"),
        effective_from=effective_from,
        inputs=inputs,
        now=YEAR_END,
        read_to=Position(9),
    )
    return evaluate_tiers(inputs[0].programme, command)


def reward(inputs: tuple[StatementInputs, ...], *rewards: int) -> tuple[RewardEvaluated, tuple[PartnerEvent, ...]]:
    command = EvaluateReward(year=2026, rewards_minor=rewards, inputs=inputs, now=YEAR_END, read_to=Position(9))
    return evaluate_reward(inputs[0].programme, command)


def named(changes: tuple[PartnerEvent, ...]) -> dict[str, str]:
    return {change.partner: change.rule.tier for change in changes if isinstance(change, PartnerTierChanged)}


def test_the_best_five_in_a_hundred_are_platinum() -> None:
    """Of twenty: one platinum, two more gold, three more silver; who was credited nothing is bronze."""
    evaluated, changes = tiers(everybody(*(f"{1000 - number}.00" for number in range(19)), "0.00"))
    assert (evaluated.quarter, evaluated.first_on, evaluated.last_on) == (
        "2026-Q4",
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
    assert evaluated.effective_from == date(2027, 1, 1)
    found = named(changes)
    by_tier = {tier: sorted(int(p[1:]) for p in found if found[p] == tier) for tier in sorted(set(found.values()))}
    assert by_tier == {"platinum": [0], "gold": [1, 2], "silver": [3, 4, 5], "bronze": [*range(6, 20)]}


def test_a_part_of_a_partner_is_a_whole_one_and_equals_stand_together() -> None:
    """5 % of three partners are one; two that were credited alike have one rank."""
    evaluated, changes = tiers(everybody("100.00", "100.00", "50.00"))
    assert [(one.partner, one.rank) for one in evaluated.population] == [("p0", 1), ("p1", 1), ("p2", 3)]
    assert named(changes) == {"p0": "platinum", "p1": "platinum", "p2": "bronze"}
    nothing = Ranked(partner=PartnerId("p"), credited_minor=0, unconverted=0, rank=1)
    assert rule_for(SEED_PARTNER_TIERS, nothing, 1).tier == "bronze"


def test_only_active_partners_are_compared() -> None:
    first, second = everybody("100.00", "50.00")
    away = Books()
    away.suspend()
    suspended = replace(first, partner=replace(first.partner, suspensions=away.partner.suspensions))
    evaluated, changes = tiers((suspended, second))
    assert [one.partner for one in evaluated.population] == ["p1"]
    assert named(changes) == {"p1": "platinum"}


def test_deals_count_in_the_programmes_currency_or_not_at_all() -> None:
    """At the rate of the day of the win; what cannot be converted is counted as that."""
    books = Books(currency="EUR")
    books.rate("EUR", "1.1", date(2026, 1, 1))
    books.win("a", "100.00", "2026-05-10", currency="EUR")
    books.win("b", "100.00", "2026-05-11", currency="GBP")
    books.win("c", "100.00", "2025-12-31")
    evaluated, _ = tiers((books.inputs(),))
    assert [(one.credited_minor, one.unconverted) for one in evaluated.population] == [(11_000, 1)]
    books.rate("GBP", "999999999999", date(2026, 1, 1))
    books.win("b", "9999999999999.00", "2026-05-11", currency="GBP")
    evaluated, _ = tiers((books.inputs(),))
    assert [(one.credited_minor, one.unconverted) for one in evaluated.population] == [(11_000, 1)]


def after(inputs: StatementInputs, *events: PartnerEvent) -> StatementInputs:
    """The partner has been told."""
    state = UNCHANGED
    for position, event in enumerate(events, start=20):
        assert isinstance(event, PayEvent)
        state = pay.evolve(
            state, Recorded(position=Position(position), recorded_at=YEAR_END, actor="test", event=event)
        )
    return replace(inputs, partner=replace(inputs.partner, pay=state))


def test_a_tier_changes_from_its_day_and_never_backwards() -> None:
    """Who stays in its tier is told nothing; another tier later takes its place from its day on."""
    first, second = everybody("100.00", "50.00")
    _, changes = tiers((first, second))
    first, second = after(first, changes[0]), after(second, changes[1])
    _, again = tiers((first, second))
    assert again == ()
    _, later = tiers((first, everybody("0.00", "500.00")[1]), effective_from=date(2027, 3, 1))
    assert named(later) == {"p0": "bronze", "p1": "platinum"}
    [before] = [change.before for change in later if isinstance(change, PartnerTierChanged) and change.partner == "p0"]
    assert before == "platinum"
    held = after(first, changes[0], later[1] if later[0].partner == "p1" else later[0]).partner.pay
    found = [held.tier_on(day) for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 1))]
    assert [one and one.rule.tier for one in found] == [None, "platinum", "bronze"]
    with refused("EFFECTIVE_IN_THE_PAST"):
        tiers((first,), effective_from=date(2026, 12, 31))


def test_what_has_not_ended_is_not_evaluated() -> None:
    inputs = everybody("100.00")
    programme = inputs[0].programme
    early = start_of_day(date(2026, 12, 31), UTC)
    quarter = period_from("2026-Q4")
    command = EvaluatePartnerTiers(quarter=quarter, effective_from=None, inputs=inputs, now=early, read_to=Position(9))
    with refused("PERIOD_NOT_ENDED"):
        evaluate_tiers(programme, command)
    with refused("PERIOD_NOT_ENDED"):
        evaluate_reward(
            programme, EvaluateReward(year=2026, rewards_minor=(1,), inputs=inputs, now=early, read_to=Position(9))
        )


def test_the_best_of_a_year_are_rewarded() -> None:
    """Two ranks are rewarded; who was credited nothing never is. A figure is one of the partner's currency."""
    evaluated, given = reward(everybody("100.00", "300.00", "200.00", "0.00"), 1_000_000, 500_000)
    assert [(one.partner, one.rank) for one in evaluated.population] == [("p1", 1), ("p2", 2), ("p0", 3), ("p3", 4)]
    assert [(one.partner, one.amount_minor) for one in given if isinstance(one, PartnerRewarded)] == [
        ("p1", 1_000_000),
        ("p2", 500_000),
    ]
    _, none = reward(everybody("0.00"), 1_000_000)
    assert none == ()
    [yen] = reward(everybody("100.00", currency="JPY"), 1_000_000)[1]
    assert isinstance(yen, PartnerRewarded)
    assert (yen.amount_minor, yen.credited_minor, yen.registration) == (10_000, 10_000, "reg_a")
    books = Books()
    books.partner = replace(books.partner, pay=after(everybody("1.00")[0], given[0]).partner.pay)
    assert books.incentives("2027-Q1") == [("reward", "reward 2026", "10000.00", ())]


def test_an_evaluation_of_nobody_is_of_nobody() -> None:
    inputs = everybody("100.00")
    books = Books()
    books.suspend()
    evaluated, given = reward((replace(inputs[0], partner=books.partner),), 1_000)
    assert (evaluated.population, given) == ((), ())


def test_replay_sees_the_same_population() -> None:
    inputs = everybody("100.00", "300.00", "200.00")
    evaluated, _ = tiers(inputs)
    assert seen_again(evaluated, reversed(inputs)) == evaluated.population


@pytest.mark.parametrize(("currency", "budget"), [("USD", 5_000_000), ("JPY", 50_000), ("KWD", 50_000_000)])
def test_budgets_are_figures_in_the_programmes_own_digits(currency: str, budget: int) -> None:
    assert seed_terms(currency).partner_tiers[0].co_marketing_budget_minor == budget


def test_a_ledger_counts_evaluations_and_is_told_their_results_by_the_partners() -> None:
    evaluated, _ = tiers(everybody("100.00"))
    ledger = Ledger()
    ledger.apply(Recorded(position=Position(3), recorded_at=YEAR_END, actor="test", event=evaluated))
    assert (ledger.evaluated, ledger.decided_to, ledger.partners) == (1, 3, {})
