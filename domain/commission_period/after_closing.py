"""What people did to a closed statement, and what of it is still to be paid (rules §7, after closing)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never

from domain.commission_period.events import (
    AfterClosingEvent,
    DisputeOutcome,
    DisputeResolved,
    ForfeitureDismissed,
    ForfeiturePosted,
    ForfeitureProposed,
    LineDisputed,
    PayoutFailed,
    StatementAcknowledged,
    StatementPaidOut,
    VarianceDismissed,
)
from domain.ids import DisputeId, Instant, LineId, Position
from domain.recorded import Recorded

NOTHING_YET = Position(0)

ClosedStatus = Literal["closed", "acknowledged", "disputed", "paid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who did something, when, where it stands in the log, and the reason given."""

    by: str
    at: Instant
    position: Position
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How a dispute ended. `amount_minor` was entered as an adjustment, 0 for a rejected one."""

    outcome: DisputeOutcome
    amount_minor: int
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A line that the partner says is wrong; None: nobody has resolved it yet."""

    id: DisputeId
    line: LineId
    at_stake_minor: int
    opened: Step
    resolution: Resolution | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """A payout of the statement: all of it but `lines`, or nothing but `lines`. A failed one has a `failure`."""

    reference: str
    paid_on: date
    amount_minor: int
    covers: Literal["all_but", "only"]
    lines: tuple[LineId, ...]
    made: Step
    failure: Step | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forfeiture:
    """What the partner may lose, or (`posted`) has lost, because its paperwork was missing for too long."""

    amount_minor: int
    missing: tuple[str, ...]
    state: Literal["proposed", "posted", "dismissed"]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftVariance:
    """What a calculation of this version would have stated otherwise, and finance let be."""

    calculation: int
    amount_minor: int
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterClosing:
    """Everything that happened to a statement since it was closed, in order; `acknowledged_at` is None until it is."""

    position: Position = NOTHING_YET
    """Of the last of it: what stands there or before has been seen."""
    acknowledged_at: Instant | None = None
    disputes: tuple[Dispute, ...] = ()
    payouts: tuple[Payout, ...] = ()
    forfeitures: tuple[Forfeiture, ...] = ()
    left_variances: tuple[LeftVariance, ...] = ()

    @property
    def open_disputes(self) -> tuple[Dispute, ...]:
        """Those that nobody has resolved."""
        return tuple(dispute for dispute in self.disputes if dispute.resolution is None)

    @property
    def settled_payouts(self) -> tuple[Payout, ...]:
        """Those that did not fail."""
        return tuple(payout for payout in self.payouts if payout.failure is None)

    @property
    def open_forfeiture(self) -> Forfeiture | None:
        """The one that is proposed and neither posted nor dismissed."""
        return next((forfeiture for forfeiture in self.forfeitures if forfeiture.state == "proposed"), None)


UNTOUCHED = AfterClosing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Where a closed statement's payable stands: `payable = paid + forfeited + withheld + due`, none below nothing."""

    payable_minor: int
    paid_minor: int
    forfeited_minor: int
    withheld_minor: int
    """What disputes hold back."""
    due_minor: int


def balance_of(after: AfterClosing, payable_minor: int) -> Balance:
    """What of a statement's payable was paid, was lost, is held by disputes and is due."""
    paid = sum(payout.amount_minor for payout in after.settled_payouts)
    forfeited = sum(forfeiture.amount_minor for forfeiture in after.forfeitures if forfeiture.state == "posted")
    left = payable_minor - paid - forfeited
    at_stake = sum(dispute.at_stake_minor for dispute in after.open_disputes if not is_paid(after, dispute.line))
    withheld = min(left, at_stake)
    return Balance(
        payable_minor=payable_minor,
        paid_minor=paid,
        forfeited_minor=forfeited,
        withheld_minor=withheld,
        due_minor=left - withheld,
    )


def is_paid(after: AfterClosing, line: LineId) -> bool:
    """Whether a line is in a settled payout; it is in one at most."""
    return any((line in payout.lines) == (payout.covers == "only") for payout in after.settled_payouts)


def next_coverage(after: AfterClosing) -> tuple[Literal["all_but", "only"], tuple[LineId, ...]]:
    """What a payout made now covers: nothing that is disputed, and nothing that a settled payout covers."""
    disputed = {dispute.line for dispute in after.open_disputes}
    whole = next((payout for payout in after.settled_payouts if payout.covers == "all_but"), None)
    if whole is not None:
        return "only", tuple(line for line in whole.lines if line not in disputed and not is_paid(after, line))
    paid = {line for payout in after.settled_payouts for line in payout.lines}
    return "all_but", tuple(sorted(disputed | paid))


def status_of(after: AfterClosing, payable_minor: int) -> ClosedStatus:
    """A dispute goes before everything; a statement is paid when nothing of it is due any more and something was."""
    if after.open_disputes:
        return "disputed"
    balance = balance_of(after, payable_minor)
    if balance.paid_minor and not balance.due_minor:
        return "paid"
    return "closed" if after.acknowledged_at is None else "acknowledged"


def evolve_after(after: AfterClosing, recorded: Recorded[AfterClosingEvent]) -> AfterClosing:
    """What happened to a closed statement after one more event; one that was seen already changes nothing."""
    if recorded.position <= after.position:
        return after
    event, after = recorded.event, replace(after, position=recorded.position)
    if isinstance(event, StatementAcknowledged):
        return replace(after, acknowledged_at=recorded.recorded_at)
    if isinstance(event, LineDisputed | DisputeResolved):
        return replace(after, disputes=_disputes(after, recorded, event))
    if isinstance(event, StatementPaidOut | PayoutFailed):
        return replace(after, payouts=_payouts(after, recorded, event))
    if isinstance(event, ForfeitureProposed | ForfeiturePosted | ForfeitureDismissed):
        return replace(after, forfeitures=_forfeitures(after, recorded, event))
    if isinstance(event, VarianceDismissed):
        left = LeftVariance(
            calculation=event.calculation, amount_minor=event.amount_minor, step=_step(recorded, event.reason)
        )
        return replace(after, left_variances=(*after.left_variances, left))
    assert_never(event)


def _step(recorded: Recorded[AfterClosingEvent], reason: str) -> Step:
    return Step(by=recorded.actor, at=recorded.recorded_at, position=recorded.position, reason=reason)


def _disputes(
    after: AfterClosing, recorded: Recorded[AfterClosingEvent], event: LineDisputed | DisputeResolved
) -> tuple[Dispute, ...]:
    step = _step(recorded, event.reason)
    if isinstance(event, LineDisputed):
        opened = Dispute(
            id=event.dispute, line=event.line, at_stake_minor=event.at_stake_minor, opened=step, resolution=None
        )
        return (*after.disputes, opened)
    resolution = Resolution(outcome=event.outcome, amount_minor=event.amount_minor, step=step)
    return tuple(
        replace(dispute, resolution=resolution) if dispute.id == event.dispute else dispute
        for dispute in after.disputes
    )


def _payouts(
    after: AfterClosing, recorded: Recorded[AfterClosingEvent], event: StatementPaidOut | PayoutFailed
) -> tuple[Payout, ...]:
    if isinstance(event, StatementPaidOut):
        made = Payout(
            reference=event.reference,
            paid_on=event.paid_on,
            amount_minor=event.amount_minor,
            covers=event.covers,
            lines=event.lines,
            made=_step(recorded, ""),
            failure=None,
        )
        return (*after.payouts, made)
    failure = _step(recorded, event.reason)
    return tuple(
        replace(payout, failure=failure) if payout.reference == event.reference else payout for payout in after.payouts
    )


def _forfeitures(
    after: AfterClosing,
    recorded: Recorded[AfterClosingEvent],
    event: ForfeitureProposed | ForfeiturePosted | ForfeitureDismissed,
) -> tuple[Forfeiture, ...]:
    step = _step(recorded, event.reason)
    if isinstance(event, ForfeitureProposed):
        proposed = Forfeiture(amount_minor=event.amount_minor, missing=event.missing, state="proposed", steps=(step,))
        return (*after.forfeitures, proposed)
    last = after.forfeitures[-1]
    if isinstance(event, ForfeiturePosted):
        decided = replace(last, state="posted", amount_minor=event.amount_minor, steps=(*last.steps, step))
    else:
        decided = replace(last, state="dismissed", steps=(*last.steps, step))
    return (*after.forfeitures[:-1], decided)
