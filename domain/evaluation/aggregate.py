"""Evaluating partner tiers, and the reward of a year (rules §8). The population that was seen is in the event.

What each partner is given by it is an event of its own stream, and says nothing of any other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar import Period, end_of_day, local_date
from domain.commission.statement import StatementInputs
from domain.evaluation.events import EvaluationEvent, PartnerTiersEvaluated, Ranked, RewardEvaluated
from domain.evaluation.population import Credited, population, ranked
from domain.ids import Instant, Position
from domain.money import figure_in, round_half_up
from domain.partner.events import PartnerEvent, PartnerRewarded, PartnerTierChanged
from domain.programme.aggregate import Programme
from domain.programme.terms import PartnerTierRule
from domain.refusal import Refusal

_BASIS = 10_000
QUARTERS = 4

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatePartnerTiers:
    """Give every active partner its tier by the four quarters up to one that has ended (rules §8).

    `inputs` are those of all partners, read to `read_to`; `effective_from` None: today.
    """

    quarter: Period
    effective_from: date | None
    inputs: tuple[StatementInputs, ...]
    now: Instant
    read_to: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateReward:
    """Reward the partners that were credited most in the fiscal year that began in `year`.

    `rewards_minor` are in the programme's currency, that of the first rank first; one for each rank that is rewarded. A
    partner is paid the figure in its own currency, as the bands are read.
    """

    year: int
    rewards_minor: tuple[int, ...]
    inputs: tuple[StatementInputs, ...]
    now: Instant
    read_to: Position


# decide


def evaluate_tiers(
    programme: Programme, command: EvaluatePartnerTiers
) -> tuple[PartnerTiersEvaluated, tuple[PartnerEvent, ...]]:
    """The evaluation, and the change of each partner whose tier, or what it brings, is another than before."""
    today = local_date(command.now, programme.zone)
    effective_from = command.effective_from or today
    _require_ended(programme, command.quarter.ends_on, command.now)
    if effective_from < today:
        raise Refusal("EFFECTIVE_IN_THE_PAST", f"A change of tier is effective from {today} at the earliest.")
    first = command.quarter
    for _ in range(QUARTERS - 1):
        first = first.previous()
    found = population(command.inputs, first.first_on, command.quarter.ends_on)
    evaluated = PartnerTiersEvaluated(
        quarter=str(command.quarter),
        first_on=first.first_on,
        last_on=command.quarter.ends_on,
        effective_from=effective_from,
        rules=programme.terms_at(command.now).terms.partner_tiers,
        population=ranked(found),
        read_to=command.read_to,
    )
    return evaluated, tuple(_tier_changes(evaluated, found))


def _tier_changes(evaluated: PartnerTiersEvaluated, found: Sequence[Credited]) -> Iterable[PartnerEvent]:
    size = len(found)
    for one, place in zip(found, evaluated.population, strict=True):
        rule = rule_for(evaluated.rules, place, size)
        before = one.partner.pay.tier_on(evaluated.effective_from)
        if before is None or before.rule != rule:
            yield PartnerTierChanged(
                partner=one.partner.id,
                rule=rule,
                before=None if before is None else before.rule.tier,
                effective_from=evaluated.effective_from,
                quarter=evaluated.quarter,
            )


def rule_for(rules: Sequence[PartnerTierRule], place: Ranked, size: int) -> PartnerTierRule:
    """The tier of a rank among so many: the first whose part of the population, rounded up, it is in.

    Who was credited nothing is in the last one.
    """
    if place.credited_minor <= 0:
        return rules[-1]
    return next(rule for rule in rules if place.rank <= -(-size * rule.top_basis_points // _BASIS))


def evaluate_reward(programme: Programme, command: EvaluateReward) -> tuple[RewardEvaluated, tuple[PartnerEvent, ...]]:
    """The evaluation, and the reward of each partner whose rank is rewarded; who was credited nothing has none."""
    month = programme.terms_at(command.now).terms.fiscal_year_start_month
    first_on = date(command.year, month, 1)
    last_on = date(command.year + 1, month, 1) - timedelta(days=1)
    _require_ended(programme, last_on, command.now)
    found = population(command.inputs, first_on, last_on)
    evaluated = RewardEvaluated(
        year=f"{command.year:04d}",
        first_on=first_on,
        last_on=last_on,
        evaluated_on=local_date(command.now, programme.zone),
        rewards_minor=command.rewards_minor,
        population=ranked(found),
        read_to=command.read_to,
    )
    return evaluated, tuple(_rewards(programme, evaluated, found))


def _rewards(programme: Programme, evaluated: RewardEvaluated, found: Sequence[Credited]) -> Iterable[PartnerEvent]:
    for one, place in zip(found, evaluated.population, strict=True):
        if one.last is None or one.credited_minor == 0 or place.rank > len(evaluated.rewards_minor):
            continue
        reward = evaluated.rewards_minor[place.rank - 1]
        yield PartnerRewarded(
            partner=one.partner.id,
            year=evaluated.year,
            credited_minor=one.credited_minor,
            amount_minor=round_half_up(figure_in(reward, programme.currency, one.partner.currency)),
            evaluated_on=evaluated.evaluated_on,
            registration=one.last.registration,
            account=one.last.account_name,
        )


def _require_ended(programme: Programme, last_on: date, now: Instant) -> None:
    if end_of_day(last_on, programme.zone) > now:
        raise Refusal("PERIOD_NOT_ENDED", f"What is evaluated ends with {last_on}.")


# replay


def seen_again(event: EvaluationEvent, inputs: Iterable[StatementInputs]) -> tuple[Ranked, ...]:
    """The population that the log up to the evaluation leads to: replay compares it with what was stored."""
    return ranked(population(inputs, event.first_on, event.last_on))
