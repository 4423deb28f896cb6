"""Bonuses, SPIFFs, rewards and the period's floor: lines of their own beside the commission lines (rules §8).

Each is worked out from the commission lines of all time, so that whatever changes those changes these as well, and a
closed period is adjusted for both alike. A target is reached in credit order; what is credited and held counts for it,
as it counts for the bands, but a bonus that was reached only with held revenue is held for the same reasons.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from domain.calendar import Period, period_from
from domain.commission.credit import Credit
from domain.commission.lines import ComputedLine, Line, LineKind, Slice, Step, StepKind
from domain.commission.plan import Plans
from domain.ids import LineId, Position
from domain.money import Money, allocate, exact_decimal_of, round_half_up
from domain.partner.aggregate import Partner
from domain.partner.rewards import Reward
from domain.partner.targets import Target
from domain.programme.spiffs import Spiff

_BASIS = 10_000
_Paid = tuple[Credit, ComputedLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Earned:
    """What an incentive line states beside the deal that it is about."""

    id: str
    kind: LineKind
    incentive: str
    rules: tuple[Position, ...]
    commission_minor: int
    step: StepKind | None = None
    figure_minor: int = 0
    slices: tuple[Slice, ...] = ()


def incentive_lines(
    plans: Plans, partner: Partner, spiffs: Sequence[Spiff], paid: Sequence[_Paid]
) -> Iterator[ComputedLine]:
    """What a partner earns beside its commission lines, which stand here with their credits, in credit order."""
    days = [credit.won_on for credit, _ in paid]
    for target in partner.pay.targets:
        period = period_from(target.period)
        own = paid[bisect_left(days, period.first_on) : bisect_right(days, period.ends_on)]
        yield from _target_lines(partner, target, own)
    yield from _spiff_lines(plans, partner, spiffs, paid)
    yield from _floor_lines(plans, partner, paid)
    yield from (_reward_line(plans, partner, reward) for reward in partner.pay.rewards)


def _target_lines(partner: Partner, target: Target, paid: Iterable[_Paid]) -> Iterator[ComputedLine]:
    """The bonus of the deal that reaches the target, and for all revenue beyond it the accelerator."""
    reached, certain, bonus = 0, 0, None
    reasons: dict[str, None] = {}
    name = f"target {target.period}"
    rules = (target.position,)
    for credit, computed in paid:
        before, line = reached, computed.line
        reached += line.credited_minor
        certain += 0 if line.held_because else line.credited_minor
        reasons.update(dict.fromkeys(line.held_because))
        beyond = min(line.credited_minor, reached - target.target_minor)
        if before < target.target_minor <= reached and target.bonus_minor:
            earned = _Earned(
                id=f"line_{partner.id}_bonus_{target.period}",
                kind="bonus",
                incentive=name,
                rules=rules,
                commission_minor=target.bonus_minor,
                step="target",
                figure_minor=target.target_minor,
            )
            bonus = _line(partner, computed, earned)
        if beyond > 0 and target.accelerator_basis_points:
            slices, amount = _at_rate(beyond, target.accelerator_basis_points, partner.currency)
            earned = _Earned(
                id=f"{credit.line}_beyond_{target.period}",
                kind="bonus",
                incentive=name,
                rules=rules,
                commission_minor=amount,
                step="beyond_target",
                figure_minor=target.target_minor,
                slices=slices,
            )
            yield _line(partner, computed, earned)
    if bonus is not None:
        held = () if certain >= target.target_minor else tuple(reasons)
        yield replace(bonus, line=replace(bonus.line, held_because=held))


def _spiff_lines(
    plans: Plans, partner: Partner, spiffs: Sequence[Spiff], paid: Iterable[_Paid]
) -> Iterator[ComputedLine]:
    """For each deal with a product that a SPIFF names: its rate on what is credited, or a part of its amount."""
    of_day: dict[tuple[date, tuple[str, ...]], tuple[Spiff, ...]] = {}
    for credit, computed in paid:
        key = (credit.won_on, credit.products)
        if key not in of_day:
            of_day[key] = tuple(spiff for spiff in spiffs if spiff.is_for(credit.won_on, credit.products))
        for spiff in of_day[key] if computed.line.credited_minor else ():
            slices, amount = _at_rate(computed.line.credited_minor, spiff.rate_basis_points, partner.currency)
            whole = plans.figure(spiff.amount_minor)
            if whole:
                shares = [(share.partner, share.basis_points) for share in credit.shares]
                slices, amount = (), allocate(whole, shares, credit.lead)[credit.own_share]
            earned = _Earned(
                id=f"{credit.line}_spiff_{spiff.id}",
                kind="spiff",
                incentive=spiff.id,
                rules=(spiff.position,),
                commission_minor=amount,
                step="spiff" if whole else None,
                figure_minor=whole,
                slices=slices,
            )
            yield _line(partner, computed, earned)


def _floor_lines(plans: Plans, partner: Partner, paid: Iterable[_Paid]) -> Iterator[ComputedLine]:
    """What is missing to the period's floor, in a period with a commission line, by the terms of its last day.

    It is stated with the first line that is not held, and held only where all are.
    """
    stated: dict[Period, int] = {}
    about: dict[Period, ComputedLine] = {}
    for _, computed in paid:
        stated[computed.period] = stated.get(computed.period, 0) + computed.line.commission_minor
        if computed.period not in about or about[computed.period].line.held_because:
            about[computed.period] = computed
    for period, commission in stated.items():
        terms = plans.terms_on(period.ends_on)
        floor = plans.figure(terms.terms.period_floor_minor)
        if commission < floor:
            earned = _Earned(
                id=f"line_{partner.id}_floor_{period}",
                kind="bonus",
                incentive=f"floor {period}",
                rules=terms.rules,
                commission_minor=floor - commission,
                step="period_floor",
                figure_minor=floor,
            )
            yield _line(partner, about[period], earned)


def _line(partner: Partner, about: ComputedLine, earned: _Earned) -> ComputedLine:
    """A line about the deal of a commission line, held as that is, with nothing credited a second time."""
    step = None
    if earned.step is not None:
        step = Step(step=earned.step, figure_minor=earned.figure_minor, commission_minor=earned.commission_minor)
    line = replace(
        about.line,
        id=LineId(earned.id),
        value=Money(amount_minor=0, currency=partner.currency),
        exchange_rate=None,
        credited_minor=0,
        cumulative_before_minor=0,
        slices=earned.slices,
        commission_minor=earned.commission_minor,
        evidence=tuple(sorted({*about.line.evidence, *earned.rules})),
        kind=earned.kind,
        steps=() if step is None else (step,),
        tier_table=None,
        own_terms=None,
        incentive=earned.incentive,
    )
    return replace(about, line=line, rules=earned.rules)


def _reward_line(plans: Plans, partner: Partner, reward: Reward) -> ComputedLine:
    """The reward of a year, on the day on which it was evaluated, about the deal that counted last for it."""
    line = Line(
        id=LineId(f"line_{partner.id}_reward_{reward.year}"),
        registration=reward.registration,
        deal=None,
        account=reward.account,
        products=(),
        won_on=reward.evaluated_on,
        value=Money(amount_minor=0, currency=partner.currency),
        exchange_rate=None,
        share_basis_points=_BASIS,
        credited_minor=0,
        cumulative_before_minor=0,
        slices=(),
        commission_minor=reward.amount_minor,
        held_because=("PARTNER_SUSPENDED",) if partner.lines_are_held else (),
        terms_version=plans.terms_on(reward.evaluated_on).version.version,
        evidence=(reward.position,),
        kind="reward",
        steps=(Step(step="reward", figure_minor=reward.amount_minor, commission_minor=reward.amount_minor),),
        incentive=f"reward {reward.year}",
    )
    return ComputedLine(
        line=line,
        period=plans.period_on(reward.evaluated_on),
        window=plans.window_on(reward.evaluated_on),
        rules=(reward.position,),
    )


def _at_rate(base_minor: int, rate_basis_points: int, currency: str) -> tuple[tuple[Slice, ...], int]:
    """A rate on revenue: the working, exact, and the amount, rounded once."""
    exact = Fraction(base_minor * rate_basis_points, _BASIS)
    part = Slice(
        tier=1,
        rate_basis_points=rate_basis_points,
        base_minor=base_minor,
        commission=exact_decimal_of(exact, currency),
    )
    return (part,), round_half_up(exact)
