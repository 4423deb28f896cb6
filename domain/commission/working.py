"""What one credit earns by its bands: the commission line with its working (rules §6).

The order of operations of version 1 of the calculation (decision 0019): value less refunds, converted, split into
credits, bands, refunds pro rata, rounded once, split of the whole deal's commission, the line's floor, the line's cap,
the period's cap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, get_args

from domain.changed import quickly_made
from domain.commission.bands import Climb, working_of
from domain.commission.credit import Credit, HeldBecause
from domain.commission.lines import ComputedLine, Line, RateUsed, Slice, Step
from domain.commission.plan import Plan, Plans
from domain.commission.revenue import Revenue, revenue_of
from domain.money import allocate, exact_decimal_of, round_half_up
from domain.partner.aggregate import Partner
from domain.programme.terms import ExchangeRate

HELD_BECAUSE: Final[tuple[HeldBecause, ...]] = get_args(HeldBecause)
"""Why a line may be held, in the order in which a line says so (rules §5)."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class _Deal:
    """A credit's revenue, and what its window and table have come to before it and after."""

    before: Revenue
    revenue: Revenue
    after: Revenue


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class _Working:
    """How a line earns its commission."""

    slices: tuple[Slice, ...] = ()
    steps: tuple[Step, ...] = ()
    commission_minor: int = 0


def commission_line(
    plans: Plans, partner: Partner, credit: Credit, *, before: Revenue, stated_minor: int
) -> tuple[ComputedLine, Revenue]:
    """The line of a credit, and what its window and table have come to after it.

    `before` is what they had come to; `stated_minor` the commission of its period so far.
    """
    plan = plans.plan_of(credit)
    revenue, rate = revenue_of(plans, partner.currency, credit)
    after = before if revenue is None else before + revenue
    worked = _Working()
    if revenue is not None:
        worked = _work(plan, partner.currency, credit, _Deal(before=before, revenue=revenue, after=after))
        worked = _within_cap(plan, worked, stated_minor)
    line = Line(
        id=credit.line,
        registration=credit.registration,
        deal=credit.deal,
        account=credit.account_name,
        products=credit.products,
        won_on=credit.won_on,
        value=credit.value,
        exchange_rate=_rate_used(rate),
        share_basis_points=credit.shares[credit.own_share].basis_points,
        credited_minor=0 if revenue is None else revenue.part_minor,
        cumulative_before_minor=before.climbing(plan),
        slices=worked.slices,
        commission_minor=worked.commission_minor,
        held_because=_held_because(partner, credit, rate_missing=revenue is None),
        terms_version=plan.terms_version,
        evidence=credit.evidence,
        steps=worked.steps,
        tier_table=plan.table,
        own_terms=plan.own_terms,
    )
    rules = plan.rules if rate is None else (*plan.rules, rate.position)
    period, window = plans.period_on(credit.won_on), plans.window_on(credit.won_on)
    return ComputedLine(line=line, period=period, window=window, rules=rules), after


def _rate_used(rate: ExchangeRate | None) -> RateUsed | None:
    return None if rate is None else RateUsed(base=rate.base, quote=rate.quote, rate=rate.rate, date=rate.date)


def _work(plan: Plan, currency: str, credit: Credit, deal: _Deal) -> _Working:
    """The slices of a line, exact; their sum, rounded once; and what is done to that."""
    climb = Climb(
        before_minor=deal.before.climbing(plan),
        after_minor=deal.after.climbing(plan),
        paid_before_minor=deal.before.paid_for(plan),
        paid_after_minor=deal.after.paid_for(plan),
    )
    workings = working_of(plan.method, plan.bands, climb)
    slices = tuple(
        Slice(
            tier=part.tier,
            rate_basis_points=part.rate_basis_points,
            base_minor=part.base_minor,
            commission=exact_decimal_of(part.commission, currency),
        )
        for part in workings
    )
    exact = sum((part.commission for part in workings), Fraction(0))
    steps = tuple(_steps(plan, credit, deal.revenue, exact))
    commission = steps[-1].commission_minor if steps else round_half_up(exact)
    return _Working(slices=slices, steps=steps, commission_minor=commission)


def _steps(plan: Plan, credit: Credit, revenue: Revenue, exact: Fraction) -> Iterator[Step]:
    """What is done to the exact commission of a line after its bands, in order."""
    if plan.refund_method == "pro_rata" and revenue.remains < 1:
        exact *= revenue.remains
        figure = revenue.gross_part_minor if plan.method == "retroactive" else revenue.climbing(plan)
        yield Step(step="refund", figure_minor=figure, commission_minor=round_half_up(exact))
    commission = round_half_up(exact)
    if plan.split_mode == "tier_then_split" and plan.method == "marginal" and len(credit.shares) > 1:
        shares = [(share.partner, share.basis_points) for share in credit.shares]
        part = allocate(commission, shares, credit.lead)[credit.own_share]
        yield Step(step="split", figure_minor=commission, commission_minor=part)
        commission = part
    limited = _limited(plan, commission) if revenue.part_minor else None
    if limited is not None:
        yield limited


def _limited(plan: Plan, commission: int) -> Step | None:
    """A line for a deal that still has a value is raised to the floor, and no line is above the cap."""
    if plan.line_floor_minor and commission < plan.line_floor_minor:
        return Step(step="line_floor", figure_minor=plan.line_floor_minor, commission_minor=plan.line_floor_minor)
    if plan.line_cap_minor and commission > plan.line_cap_minor:
        return Step(step="line_cap", figure_minor=plan.line_cap_minor, commission_minor=plan.line_cap_minor)
    return None


def _within_cap(plan: Plan, worked: _Working, stated_minor: int) -> _Working:
    """The line that would take its period above the cap gets what is left of it, in credit order."""
    left = max(0, plan.period_cap_minor - stated_minor)
    if not plan.period_cap_minor or worked.commission_minor <= left:
        return worked
    step = Step(step="period_cap", figure_minor=left, commission_minor=left)
    return _Working(slices=worked.slices, steps=(*worked.steps, step), commission_minor=left)


def _held_because(partner: Partner, credit: Credit, *, rate_missing: bool) -> tuple[str, ...]:
    reasons: set[str] = set(credit.held_because)
    if rate_missing:
        reasons.add("RATE_MISSING")
    if partner.lines_are_held:
        reasons.add("PARTNER_SUSPENDED")
    return tuple(sorted(reasons, key=HELD_BECAUSE.index))
