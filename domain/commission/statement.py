"""What a commission period owes a partner: a pure function of credits, terms, rates and what was closed (rules §7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.calendar import Period, period_from
from domain.commission.calculation import CALCULATION, ComputedLine, lines_of
from domain.commission.credit import DealOutcome
from domain.commission.lines import Adjustment, Line, Statement, Totals
from domain.commission.settlement import adjustments_of, entered_adjustments
from domain.commission.windows import is_period, period_after, period_on
from domain.commission_period.events import CommissionPeriodClosed
from domain.entered_adjustment.aggregate import Entered
from domain.money import figure_in, round_half_up
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme

IDLE_PERIODS_LIMIT = 120
"""After so many periods without lines the balance is taken as it is to the period that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementInputs:
    """Everything that a partner's statements follow from.

    `outcomes` are those of every registration that credits the partner or ever did; credits of others in them are
    passed over. `closed` are the partner's closings, in any order, and `entered` the adjustments that people entered.
    `calculation` is the version by which open periods are computed: another than today's only where a closing of its
    time is recomputed.
    """

    programme: Programme
    partner: Partner
    outcomes: tuple[DealOutcome, ...]
    closed: tuple[CommissionPeriodClosed, ...] = ()
    entered: Entered = ()
    calculation: int = CALCULATION


def statement(inputs: StatementInputs, period: Period) -> Statement:
    """The statement of a period: as it was closed, or as everything known now makes it.

    A period before the first open one that was never closed by itself states nothing, and so does what is no period of
    this programme.
    """
    for closing in inputs.closed:
        if closing.period == str(period):
            return closing.statement
    if is_period(inputs.programme, period):
        for stated, found in open_periods(inputs, period):
            if stated == period:
                return found
    return _stated(inputs, period, (), (), 0)


def open_statements(inputs: StatementInputs, through: Period | None = None) -> tuple[Statement, ...]:
    """The statements of the open periods that state something, up to a period, or the last one that has lines."""
    return tuple(found for _, found in open_periods(inputs, through) if found.states_something)


def open_periods(inputs: StatementInputs, through: Period | None = None) -> Iterator[tuple[Period, Statement]]:
    """Every open period with its statement, from the first one through another, or the last one that has lines.

    A later open period's opening balance is the one projected from those before it.
    """
    by_period = _lines_by_period(inputs, inputs.calculation)
    period = first_open_period(inputs, by_period)
    last_with_lines = max([period, *by_period])
    last = through or last_with_lines
    adjustments, opening = _adjustments(inputs, by_period, period), _balance(inputs)
    idle = 0
    while period <= last:
        lines = tuple(computed.line for computed in by_period.get(period, ()))
        found = _stated(inputs, period, lines, adjustments, opening)
        yield period, found
        adjustments, opening = (), found.totals.closing_balance_minor
        idle = idle + 1 if period >= last_with_lines else 0
        period = last if idle >= IDLE_PERIODS_LIMIT and period < last else period_after(inputs.programme, period)


def lines_today(inputs: StatementInputs) -> Iterator[Line]:
    """Every line of the partner as it is computed today, as if no period had ever been closed."""
    for _, found in open_periods(replace(inputs, closed=(), entered=())):
        yield from found.lines


def first_open_period(inputs: StatementInputs, by_period: dict[Period, list[ComputedLine]] | None = None) -> Period:
    """The period after the last closed one; when none is closed, the first that the partner could state anything in."""
    last = _last_closing(inputs)
    if last is not None:
        return period_after(inputs.programme, period_from(last.period))
    lines = _lines_by_period(inputs, inputs.calculation) if by_period is None else by_period
    return min([period_on(inputs.programme, inputs.partner.enrolled_on), *lines])


def counts_as_closed(inputs: StatementInputs, period: Period) -> bool:
    """Whether a period is closed, or lies before one that is."""
    last = _last_closing(inputs)
    return last is not None and period <= period_from(last.period)


def _last_closing(inputs: StatementInputs) -> CommissionPeriodClosed | None:
    return max(inputs.closed, key=lambda closing: period_from(closing.period), default=None)


def _balance(inputs: StatementInputs) -> int:
    """What the last closed period carries forward."""
    last = _last_closing(inputs)
    return 0 if last is None else last.statement.totals.closing_balance_minor


def _lines_by_period(inputs: StatementInputs, calculation: int) -> dict[Period, list[ComputedLine]]:
    """The lines of all of the partner's credits, as they are computed today, by the period that they were won in."""
    own = [credit for outcome in inputs.outcomes for credit in outcome.credits if credit.partner == inputs.partner.id]
    by_period: dict[Period, list[ComputedLine]] = {}
    for computed in lines_of(inputs.programme, inputs.partner, own, calculation):
        by_period.setdefault(computed.period, []).append(computed)
    return by_period


def _adjustments(
    inputs: StatementInputs, by_period: dict[Period, list[ComputedLine]], first_open: Period
) -> tuple[Adjustment, ...]:
    """What the closed periods would state otherwise today, each by the calculation that it was closed with.

    Behind them stands what people entered and no closing has settled.
    """
    entered = entered_adjustments(inputs.entered, inputs.closed, first_open, held=inputs.partner.lines_are_held)
    if not inputs.closed:
        return entered
    computed = {inputs.calculation: by_period}
    restated: dict[Period, Sequence[ComputedLine]] = {}
    for period in by_period:
        if period < first_open:
            version = _calculation_of(inputs, period)
            if version not in computed:
                computed[version] = _lines_by_period(inputs, version)
            restated[period] = computed[version][period]
    derived = adjustments_of(inputs.programme, inputs.partner.id, restated, inputs.closed, inputs.outcomes)
    return (*derived, *entered)


def _calculation_of(inputs: StatementInputs, period: Period) -> int:
    """The version that a period was closed with; one that only counts as closed was, with the next that was closed."""
    later = [closing for closing in inputs.closed if period_from(closing.period) >= period]
    return min(later, key=lambda closing: period_from(closing.period)).calculation


def _stated(
    inputs: StatementInputs, period: Period, lines: tuple[Line, ...], adjustments: tuple[Adjustment, ...], opening: int
) -> Statement:
    return Statement(
        partner=inputs.partner.id,
        period=str(period),
        currency=inputs.partner.currency,
        lines=lines,
        adjustments=adjustments,
        totals=_totals(inputs, period, lines, adjustments, opening),
    )


def _totals(
    inputs: StatementInputs, period: Period, lines: tuple[Line, ...], adjustments: tuple[Adjustment, ...], opening: int
) -> Totals:
    """The sums of §7, with the minimum payout that is in force on the period's last day."""
    commission = sum(line.commission_minor for line in lines)
    adjusted = sum(adjustment.amount_minor for adjustment in adjustments)
    held = sum(line.held_minor for line in lines) + sum(adjustment.held_minor for adjustment in adjustments)
    due = opening + commission + adjusted - held
    payable = due if due > 0 and due >= _minimum_payout(inputs, period) else 0
    return Totals(
        commission_minor=commission,
        adjustments_minor=adjusted,
        held_minor=held,
        opening_balance_minor=opening,
        payable_minor=payable,
        closing_balance_minor=due - payable,
    )


def _minimum_payout(inputs: StatementInputs, period: Period) -> int:
    minimum = inputs.programme.terms_on(period.ends_on).terms.minimum_payout_minor
    return round_half_up(figure_in(minimum, inputs.programme.currency, inputs.partner.currency))
