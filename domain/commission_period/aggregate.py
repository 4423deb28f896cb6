"""Closing commission periods, and the partner's acknowledgement (rules §7).

What else people do to a closed statement is decided beside this: `disputes.py`, `payouts.py`, `forfeiture.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from domain.calendar import Period, end_of_day, local_date, zone_named
from domain.commission.calculation import CALCULATION
from domain.commission.document import digest_of
from domain.commission.lines import Statement
from domain.commission.statement import StatementInputs, counts_as_closed, open_periods, statement
from domain.commission.windows import is_period
from domain.commission_period.after_closing import UNTOUCHED, AfterClosing, ClosedStatus, evolve_after, status_of
from domain.commission_period.events import CommissionPeriodClosed, CommissionPeriodEvent, StatementAcknowledged
from domain.ids import Instant, PartnerId, Position
from domain.recorded import Recorded, at_the_place_of
from domain.refusal import Refusal

FORCED_AHEAD_DAYS = 366
"""A period that has not ended can be closed by force; one that begins later than in so many days can not."""

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePeriod:
    """Close a period of one partner, and with it the partner's earlier periods that state nothing.

    `inputs` were read to the position `read_to`; `forced` closes a period that has not ended.
    """

    inputs: StatementInputs
    period: Period
    now: Instant
    read_to: Position
    forced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeStatement:
    """The partner agrees with the closed statement."""


# state


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPeriod:
    """A period that is closed for ever, and what happened since. Before that there is no state: the period is open."""

    closing: CommissionPeriodClosed
    closed_at: Instant
    position: Position
    after: AfterClosing = UNTOUCHED

    @property
    def payable_minor(self) -> int:
        """What the statement came to."""
        return self.closing.statement.totals.payable_minor

    @property
    def status(self) -> ClosedStatus:
        """Where the statement is in its life."""
        return status_of(self.after, self.payable_minor)


# decide


def close(command: ClosePeriod) -> list[CommissionPeriodClosed]:
    """The closings, in order of period and each for its own stream; none when the period is closed already."""
    inputs, period = command.inputs, command.period
    if not is_period(inputs.programme, period):
        raise Refusal("NOT_FOUND", f"{period} is no commission period of this programme.")
    if counts_as_closed(inputs, period):
        return []
    _require_ended(command)
    closings = []
    for stated, found in open_periods(inputs, period):
        if stated < period and found.states_something:
            raise Refusal(
                "EARLIER_PERIOD_OPEN",
                f"{inputs.partner.name} has something to state in {stated}, which is to be closed first.",
                partner=inputs.partner.id,
                period=str(stated),
            )
        closings.append(_closing(command, found))
    return closings or [_closing(command, statement(inputs, period))]


def _require_ended(command: ClosePeriod) -> None:
    zone = zone_named(command.inputs.programme.time_zone)
    if end_of_day(command.period.ends_on, zone) <= command.now:
        return
    latest = local_date(command.now, zone) + timedelta(days=FORCED_AHEAD_DAYS)
    if not command.forced or command.period.first_on > latest:
        raise Refusal("PERIOD_NOT_ENDED", f"{command.period} ends with {command.period.ends_on}.")


def _closing(command: ClosePeriod, stated: Statement) -> CommissionPeriodClosed:
    return CommissionPeriodClosed(
        partner=stated.partner,
        period=stated.period,
        statement=stated,
        digest=digest_of(stated),
        calculation=CALCULATION,
        read_to=command.read_to,
    )


def decide(
    state: ClosedPeriod | None, command: AcknowledgeStatement, partner: PartnerId, period: Period
) -> list[CommissionPeriodEvent]:
    """Acknowledge a closed statement; already so gives nothing."""
    if state is None:
        raise Refusal("WRONG_STATE", f"{period} is still open; a statement is acknowledged when it is closed.")
    if state.after.acknowledged_at is not None:
        return []
    if state.after.open_disputes:
        raise Refusal("WRONG_STATE", "A line of this statement is disputed; it can be acknowledged once that is over.")
    return [StatementAcknowledged(partner=partner, period=str(period))]


# evolve and fold


def evolve(state: ClosedPeriod | None, recorded: Recorded[CommissionPeriodEvent]) -> ClosedPeriod:
    """The period after one more event."""
    event = recorded.event
    if isinstance(event, CommissionPeriodClosed):
        return ClosedPeriod(closing=event, closed_at=recorded.recorded_at, position=recorded.position)
    assert state is not None
    return replace(state, after=evolve_after(state.after, at_the_place_of(recorded, event)))


def fold(history: Iterable[Recorded[CommissionPeriodEvent]], state: ClosedPeriod | None = None) -> ClosedPeriod | None:
    """The period after a history."""
    for recorded in history:
        state = evolve(state, recorded)
    return state
