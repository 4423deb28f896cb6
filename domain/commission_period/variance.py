"""What a changed calculation would have made of periods that an earlier one closed (rules §7).

Both are computed from everything known today, so that only the calculation differs. It never becomes an adjustment by
itself: finance posts it as an entered `variance`, or dismisses it.
"""

from dataclasses import dataclass

from domain.calendar import Period, period_from
from domain.commission.calculation import CALCULATIONS, lines_of
from domain.commission.statement import StatementInputs
from domain.commission_period.after_closing import LeftVariance
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import VarianceDismissed
from domain.entered_adjustment.aggregate import EnterAdjustment
from domain.ids import AdjustmentId, LineId
from domain.money import Money
from domain.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class LineVariance:
    """A line that the newer calculation makes another."""

    line: LineId
    closed_with_minor: int
    now_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """A closed period that the newer calculation would have stated otherwise."""

    period: str
    calculation: int
    lines: tuple[LineVariance, ...]

    @property
    def amount_minor(self) -> int:
        """By how much."""
        return sum(line.now_minor - line.closed_with_minor for line in self.lines)


def variances(inputs: StatementInputs) -> tuple[Variance, ...]:
    """Every closed period that today's calculation would state otherwise than the one that closed it, in order."""
    by_version: dict[int, dict[Period, dict[LineId, int]]] = {}
    found = []
    for closing in sorted(inputs.closed, key=lambda closing: period_from(closing.period)):
        if closing.calculation == inputs.calculation or closing.calculation not in CALCULATIONS:
            continue
        for version in (closing.calculation, inputs.calculation):
            if version not in by_version:
                by_version[version] = _commissions(inputs, version)
        period = period_from(closing.period)
        then = by_version[closing.calculation].get(period, {})
        now = by_version[inputs.calculation].get(period, {})
        lines = tuple(
            LineVariance(line=line, closed_with_minor=then.get(line, 0), now_minor=now.get(line, 0))
            for line in sorted({*then, *now})
            if then.get(line, 0) != now.get(line, 0)
        )
        if lines:
            found.append(Variance(period=closing.period, calculation=closing.calculation, lines=lines))
    return tuple(found)


def _commissions(inputs: StatementInputs, version: int) -> dict[Period, dict[LineId, int]]:
    own = [credit for outcome in inputs.outcomes for credit in outcome.credits if credit.partner == inputs.partner.id]
    found: dict[Period, dict[LineId, int]] = {}
    for computed in lines_of(inputs.programme, inputs.partner, own, version):
        found.setdefault(computed.period, {})[computed.line.id] = computed.line.commission_minor
    return found


# what finance does about it


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedVariance:
    """A closed period with its variance today, what was entered for it already, and the version that makes it."""

    state: ClosedPeriod
    variance: Variance
    entered_minor: int
    made_by: int

    @property
    def left_minor(self) -> int:
        """What is still to be posted or dismissed: it may be negative."""
        return self.variance.amount_minor - self.entered_minor

    @property
    def dismissed(self) -> LeftVariance | None:
        """The decision to let this very variance be; another version, or another amount, is another variance."""
        for left in reversed(self.state.after.left_variances):
            if (left.calculation, left.amount_minor) == (self.made_by, self.variance.amount_minor):
                return left
        return None


def closed_variance(inputs: StatementInputs, state: ClosedPeriod | None) -> ClosedVariance | None:
    """A period's variance; None where it is open, or stated today as it was closed."""
    if state is None:
        return None
    found = next((one for one in variances(inputs) if one.period == state.closing.statement.period), None)
    return None if found is None else as_it_stands(inputs, state, found)


def as_it_stands(inputs: StatementInputs, state: ClosedPeriod, found: Variance) -> ClosedVariance:
    """A variance that was found, with what was done about it."""
    events = [recorded.event for recorded in inputs.entered]
    entered = sum(one.amount.amount_minor for one in events if (one.kind, one.period) == ("variance", found.period))
    return ClosedVariance(state=state, variance=found, entered_minor=entered, made_by=inputs.calculation)


def dismiss(found: ClosedVariance | None, reason: str) -> list[VarianceDismissed]:
    """Let a closed period be as it was closed; once it was dismissed, the same variance gives nothing."""
    found = _still_to_settle(found)
    if found.dismissed is not None:
        return []
    stated = found.state.closing.statement
    return [
        VarianceDismissed(
            partner=stated.partner,
            period=stated.period,
            calculation=found.made_by,
            amount_minor=found.variance.amount_minor,
            currency=stated.currency,
            reason=reason,
        )
    ]


def post(found: ClosedVariance | None, adjustment: AdjustmentId, reason: str) -> EnterAdjustment:
    """What enters the rest of a variance as an adjustment. One that was dismissed may be posted all the same."""
    found = _still_to_settle(found)
    stated = found.state.closing.statement
    return EnterAdjustment(
        adjustment=adjustment,
        kind="variance",
        amount=Money(amount_minor=found.left_minor, currency=stated.currency),
        reason=reason,
        period=stated.period,
        evidence=(found.state.position,),
    )


def _still_to_settle(found: ClosedVariance | None) -> ClosedVariance:
    if found is None or not found.left_minor:
        raise Refusal("WRONG_STATE", "This period has no variance that is still to be posted or dismissed.")
    return found
