"""What a commission period owes a partner: a pure function of credits, terms, rates and what was closed (rules §7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.calendar import Period, period_from
from domain.commission.calculation import CALCULATION, ComputedLine, lines_of
from domain.commission.credit import DealOutcome
from domain.commission.lines import Adjustment, Line, Statement
from domain.commission.settlement import adjustments_of, entered_adjustments
from domain.commission.totals import NOTHING_STATED, Carried, sums_of, totals_of_open
from domain.commission.windows import is_period, period_after, period_on
from domain.commission_period.events import CommissionPeriodClosed
from domain.entered_adjustment.aggregate import Entered
from domain.ids import LineId, RegistrationId
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme

LinesByPeriod = Mapping[Period, Sequence[ComputedLine]]


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
    return Statement(
        partner=inputs.partner.id,
        period=str(period),
        currency=inputs.partner.currency,
        lines=(),
        adjustments=(),
        totals=NOTHING_STATED,
    )


def open_periods(inputs: StatementInputs, through: Period | None = None) -> Iterator[tuple[Period, Statement]]:
    """Every open period with its statement, from the first one through another, or the last one that has lines.

    A later open period's opening balance is the one projected from those before it.
    """
    by_period = _lines_by_period(inputs, inputs.calculation)
    carried, adjustments = carried_into(inputs, by_period)
    sums = {period: sums_of(computed.line for computed in lines) for period, lines in by_period.items()}
    for period, totals in totals_of_open(inputs.programme, inputs.partner, carried, sums, through):
        yield (
            period,
            Statement(
                partner=inputs.partner.id,
                period=str(period),
                currency=inputs.partner.currency,
                lines=tuple(computed.line for computed in by_period.get(period, ())),
                adjustments=adjustments if period == carried.first_open else (),
                totals=totals,
            ),
        )


def carried_into(inputs: StatementInputs, by_period: LinesByPeriod) -> tuple[Carried, tuple[Adjustment, ...]]:
    """What the open periods begin with, and the adjustments that the first of them states."""
    last = _last_closing(inputs)
    first_open = first_open_period(inputs, by_period)
    adjustments = _adjustments(inputs, by_period, first_open)
    gone: list[tuple[LineId, RegistrationId]] = []
    for adjustment in adjustments if last is not None else ():
        stated = {computed.line.id for computed in by_period.get(period_from(adjustment.period), ())}
        gone += [(part.line, part.registration) for part in adjustment.lines if part.line not in stated]
    carried = Carried(
        first_open=first_open,
        closed_through=None if last is None else period_from(last.period).ends_on,
        opening_minor=0 if last is None else last.statement.totals.closing_balance_minor,
        adjustments=len(adjustments),
        adjusted_minor=sum(one.amount_minor for one in adjustments),
        held_minor=sum(one.held_minor for one in adjustments),
        gone=tuple(gone),
    )
    return carried, adjustments


def lines_today(inputs: StatementInputs) -> Iterator[Line]:
    """Every line of the partner as it is computed today, as if no period had ever been closed."""
    for _, found in open_periods(replace(inputs, closed=(), entered=())):
        yield from found.lines


def first_open_period(inputs: StatementInputs, by_period: LinesByPeriod | None = None) -> Period:
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


def _lines_by_period(inputs: StatementInputs, calculation: int) -> LinesByPeriod:
    """The lines of all of the partner's credits, as they are computed today, by the period that they were won in."""
    own = [credit for outcome in inputs.outcomes for credit in outcome.credits if credit.partner == inputs.partner.id]
    return by_their_period(lines_of(inputs.programme, inputs.partner, own, calculation))


def by_their_period(lines: Iterable[ComputedLine]) -> dict[Period, list[ComputedLine]]:
    """Lines by the period that states them, in the order in which they come."""
    by_period: dict[Period, list[ComputedLine]] = {}
    for computed in lines:
        by_period.setdefault(computed.period, []).append(computed)
    return by_period


def _adjustments(inputs: StatementInputs, by_period: LinesByPeriod, first_open: Period) -> tuple[Adjustment, ...]:
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
