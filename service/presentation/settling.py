"""What people did to closed statements, as the HTTP contract shows it; to a partner nobody else's key is named."""

from collections.abc import Sequence

from domain.calendar import instant_text
from domain.commission_period.after_closing import Dispute, Forfeiture, Payout, Step, balance_of
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.payouts import PayoutHold
from domain.entered_adjustment.events import AdjustmentEntered
from domain.ids import Instant, PartnerId
from domain.money import Money
from domain.recorded import Recorded
from service.presentation.values import Document, money

MICROSECONDS_OF_A_DAY = 86_400_000_000


def dispute_document(
    dispute: Dispute, partner: PartnerId, period: str, currency: str, *, now: Instant, viewer: PartnerId | None
) -> Document:
    """A dispute, and how many whole days it took, or has been open for."""
    resolution = dispute.resolution
    end = now if resolution is None else resolution.step.at
    return {
        "id": dispute.id,
        "partner": partner,
        "period": period,
        "line": dispute.line,
        "state": "open" if resolution is None else resolution.outcome,
        "held_because": ["DISPUTED"] if resolution is None else [],
        "at_stake": money(Money(amount_minor=dispute.at_stake_minor, currency=currency)),
        "opened": _step(dispute.opened, viewer),
        "age_days": max(0, end - dispute.opened.at) // MICROSECONDS_OF_A_DAY,
        "resolution": resolution
        and {
            "outcome": resolution.outcome,
            "amount": money(Money(amount_minor=resolution.amount_minor, currency=currency)),
            **_step(resolution.step, viewer),
        },
    }


def payout_document(
    payout: Payout, partner: PartnerId, period: str, currency: str, *, viewer: PartnerId | None
) -> Document:
    """A payout of a statement."""
    return {
        "partner": partner,
        "period": period,
        "reference": payout.reference,
        "paid_on": payout.paid_on.isoformat(),
        "amount": money(Money(amount_minor=payout.amount_minor, currency=currency)),
        "state": "paid" if payout.failure is None else "failed",
        "covers": payout.covers,
        "lines": list(payout.lines),
        "made": _step(payout.made, viewer),
        "failed": None if payout.failure is None else _step(payout.failure, viewer),
    }


def settlement_document(
    period: ClosedPeriod, holds: Sequence[PayoutHold], *, now: Instant, viewer: PartnerId | None
) -> Document:
    """Where a closed statement's payable stands, why it is not paid, and all that people did to it."""
    stated, after = period.closing.statement, period.after
    partner, named, currency = stated.partner, stated.period, stated.currency
    balance = balance_of(after, period.payable_minor)
    amounts = {
        "payable": balance.payable_minor,
        "paid": balance.paid_minor,
        "forfeited": balance.forfeited_minor,
        "withheld": balance.withheld_minor,
        "due": balance.due_minor,
    }
    return {
        "partner": partner,
        "period": named,
        "status": period.status,
        **{name: money(Money(amount_minor=amount, currency=currency)) for name, amount in amounts.items()},
        "acknowledged_at": None if after.acknowledged_at is None else instant_text(after.acknowledged_at),
        "holds": [hold_document(hold) for hold in holds],
        "disputes": [dispute_document(one, partner, named, currency, now=now, viewer=viewer) for one in after.disputes],
        "payouts": [payout_document(one, partner, named, currency, viewer=viewer) for one in after.payouts],
        "forfeitures": [_forfeiture(one, currency, viewer) for one in after.forfeitures],
    }


def hold_document(hold: PayoutHold) -> Document:
    """What keeps a partner from being paid."""
    return {"because": hold.because, "missing": list(hold.missing)}


def entered_document(recorded: Recorded[AdjustmentEntered], viewer: PartnerId | None) -> Document:
    """An adjustment that a person entered."""
    event = recorded.event
    return {
        "id": event.adjustment,
        "partner": event.partner,
        "kind": event.kind,
        "amount": money(event.amount),
        "about": {"period": event.period, "line": event.line, "dispute": event.dispute},
        "reason": event.reason,
        "entered_at": instant_text(recorded.recorded_at),
        "by": recorded.actor if viewer is None else None,
        "evidence": [*event.evidence, recorded.position],
    }


def _forfeiture(forfeiture: Forfeiture, currency: str, viewer: PartnerId | None) -> Document:
    return {
        "state": forfeiture.state,
        "amount": money(Money(amount_minor=forfeiture.amount_minor, currency=currency)),
        "missing": list(forfeiture.missing),
        "steps": [_step(step, viewer) for step in forfeiture.steps],
    }


def _step(step: Step, viewer: PartnerId | None) -> Document:
    return {
        "position": step.position,
        "at": instant_text(step.at),
        "by": step.by if viewer is None else None,
        "reason": step.reason,
    }
