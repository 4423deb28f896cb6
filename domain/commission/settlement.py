"""What was settled for closed periods, and the adjustments that recomputing them calls for (rules §7).

`restated - settled`, line by line. Settled of a line is what a closing stated for it less what was held then, plus what
every later closed adjustment added, less what was held of that. So a hold that begins after settlement takes nothing
back, a held line is paid once when it is released, and everything closed plus everything open is everything recomputed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.calendar import Period, period_from
from domain.commission.calculation import ComputedLine
from domain.commission.credit import DealOutcome
from domain.commission.lines import AdjustedLine, Adjustment
from domain.commission.windows import Window, window_on
from domain.commission_period.events import CommissionPeriodClosed
from domain.entered_adjustment.aggregate import Entered
from domain.ids import AdjustmentId, LineId, PartnerId, Position, RegistrationId
from domain.programme.aggregate import Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledLine:
    """What one line of a closed period was settled with, and the registration that it was for."""

    registration: RegistrationId
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A line whose closed period would be stated otherwise today."""

    period: Period
    window: Window
    adjusted: AdjustedLine
    computed: ComputedLine | None


def settled_lines(closed: Iterable[CommissionPeriodClosed]) -> Mapping[Period, Mapping[LineId, SettledLine]]:
    """What each line of each closed period was settled with, by closings and the adjustments closed since."""
    settled: dict[Period, dict[LineId, SettledLine]] = {}
    for closing in closed:
        own = settled.setdefault(period_from(closing.period), {})
        for line in closing.statement.lines:
            _add(own, line.id, line.registration, line.commission_minor - line.held_minor)
        for adjustment in closing.statement.adjustments:
            if adjustment.id is not None:
                continue
            earlier = settled.setdefault(period_from(adjustment.period), {})
            for part in adjustment.lines:
                _add(earlier, part.line, part.registration, part.amount_minor - part.held_minor)
    return settled


def _add(settled: dict[LineId, SettledLine], line: LineId, registration: RegistrationId, amount_minor: int) -> None:
    before = settled[line].amount_minor if line in settled else 0
    settled[line] = SettledLine(registration=registration, amount_minor=before + amount_minor)


def adjustments_of(
    programme: Programme,
    partner: PartnerId,
    restated: Mapping[Period, Sequence[ComputedLine]],
    closed: Sequence[CommissionPeriodClosed],
    outcomes: Sequence[DealOutcome],
) -> tuple[Adjustment, ...]:
    """The prior-period adjustments that the first open period states, in order of the periods that they are for.

    `restated` holds the lines, as they are computed today, of every period that counts as closed.
    """
    settled = settled_lines(closed)
    changes = [
        change
        for period in sorted({*restated, *settled})
        for change in _changes(programme, period, restated.get(period, ()), settled.get(period, {}))
    ]
    known_to = max((closing.read_to for closing in closed), default=Position(0))
    adjustments = []
    for period in sorted({change.period for change in changes}):
        own = [change for change in changes if change.period == period]
        windows = {change.window for change in own}
        related = [change for change in changes if change.window in windows]
        adjustments.append(
            Adjustment(
                period=str(period),
                amount_minor=sum(change.adjusted.amount_minor for change in own),
                held_minor=sum(change.adjusted.held_minor for change in own),
                lines=tuple(change.adjusted for change in own),
                evidence=_evidence(partner, own, related, outcomes, known_to),
            )
        )
    return tuple(adjustments)


def entered_adjustments(
    entered: Entered, closed: Iterable[CommissionPeriodClosed], stated_in: Period, *, held: bool
) -> tuple[Adjustment, ...]:
    """The entered amounts that no closing has settled yet, in order of position.

    What a closing stated and held is stated again, and paid once: like a line, an entered amount that pays is held
    while the partner's pay is.
    """
    settled: dict[AdjustmentId, int] = {}
    for closing in closed:
        for stated in closing.statement.adjustments:
            if stated.id is not None:
                settled[stated.id] = settled.get(stated.id, 0) + stated.amount_minor - stated.held_minor
    adjustments = []
    for recorded in entered:
        event = recorded.event
        amount = event.amount.amount_minor - settled.get(event.adjustment, 0)
        if amount:
            adjustments.append(
                Adjustment(
                    period=event.period or str(stated_in),
                    amount_minor=amount,
                    held_minor=max(0, amount) if held else 0,
                    lines=(),
                    evidence=(*event.evidence, recorded.position),
                    kind=event.kind,
                    id=event.adjustment,
                    reason=event.reason,
                )
            )
    return tuple(adjustments)


def _changes(
    programme: Programme, period: Period, restated: Sequence[ComputedLine], settled: Mapping[LineId, SettledLine]
) -> Iterable[_Change]:
    """The lines of a period that are stated otherwise than they were settled, in credit order; vanished ones last."""
    for computed in restated:
        line = computed.line
        was = settled[line.id].amount_minor if line.id in settled else 0
        amount = line.commission_minor - was
        held = max(0, amount) if line.held_because else 0
        if amount:
            adjusted = AdjustedLine(line=line.id, registration=line.registration, amount_minor=amount, held_minor=held)
            yield _Change(period=period, window=computed.window, adjusted=adjusted, computed=computed)
    stated = {computed.line.id for computed in restated}
    for gone in sorted(settled.keys() - stated):
        was = settled[gone].amount_minor
        if was:
            registration = settled[gone].registration
            adjusted = AdjustedLine(line=gone, registration=registration, amount_minor=-was, held_minor=0)
            window = window_on(programme, period.first_on)
            yield _Change(period=period, window=window, adjusted=adjusted, computed=None)


def _evidence(
    partner: PartnerId,
    own: Sequence[_Change],
    related: Sequence[_Change],
    outcomes: Sequence[DealOutcome],
    known_to: Position,
) -> tuple[Position, ...]:
    """The events that caused a period's adjustment: what was recorded, since the last closing, about the lines changed.

    A line may change because an earlier one of its window did, so the `related` ones of the same windows count too, and
    the rates and terms of all. When nothing about them is new (a line goes on being held, a partner was reinstated),
    everything about the period's `own` changes is named.
    """
    causes = {position for change in related for position in _about(partner, change, outcomes)}
    causes.update(position for change in related if change.computed for position in change.computed.rules)
    new = {position for position in causes if position > known_to}
    return tuple(sorted(new or {position for change in own for position in _about(partner, change, outcomes)}))


def _about(partner: PartnerId, change: _Change, outcomes: Sequence[DealOutcome]) -> Iterable[Position]:
    """The events about one changed line. Of one that vanished: about its registration, or deals that credit no more."""
    if change.computed is not None:
        yield from change.computed.line.evidence
        return
    gone = change.adjusted
    for outcome in outcomes:
        lines = [credit.line for credit in outcome.credits if credit.partner == partner]
        if outcome.registration == gone.registration or gone.line in lines or not lines:
            yield from outcome.evidence
