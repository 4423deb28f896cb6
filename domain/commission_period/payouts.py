"""Paying out a closed statement, a payout that fails, and what keeps a statement from being paid (rules §7)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.commission_period.after_closing import balance_of, next_coverage
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import PayoutFailed, StatementPaidOut
from domain.partner.aggregate import Partner
from domain.partner.paperwork import missing_on
from domain.programme.terms import Terms
from domain.refusal import Refusal

PAYOUTS_OF_A_STATEMENT_AT_MOST = 100

HoldReason = Literal["PARTNER_SUSPENDED", "PAPERWORK_MISSING"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutHold:
    """Why a partner may not be paid now; `missing` names the paperwork that is wanted."""

    because: HoldReason
    missing: tuple[str, ...] = ()


# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class PayOut:
    """A statement was paid on a day under a reference. `holds`: what keeps its partner from being paid."""

    reference: str
    paid_on: date
    holds: tuple[PayoutHold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailPayout:
    """The payout of this reference did not arrive, and why."""

    reference: str
    reason: str


def payout_holds(partner: Partner, terms: Terms, today: date) -> tuple[PayoutHold, ...]:
    """What keeps a partner from being paid on a day: it is suspended (or left for fraud), or its paperwork is missing.

    A partner that was terminated for another cause is still paid what was closed (rules §8).
    """
    holds = []
    if partner.lines_are_held:
        holds.append(PayoutHold(because="PARTNER_SUSPENDED"))
    missing = missing_on(partner.paperwork, terms.payout_paperwork, today)
    if missing:
        holds.append(PayoutHold(because="PAPERWORK_MISSING", missing=missing))
    return tuple(holds)


# decide


def pay_out(state: ClosedPeriod | None, command: PayOut) -> list[StatementPaidOut]:
    """Pay what is due; the same payout again gives nothing."""
    if state is None:
        raise Refusal("WRONG_STATE", "This period is still open; only a closed statement is paid.")
    known = next((payout for payout in state.after.payouts if payout.reference == command.reference), None)
    if known is not None:
        if known.failure is None and known.paid_on == command.paid_on:
            return []
        raise Refusal("ALREADY_EXISTS", f"This statement has a payout {command.reference} already.")
    due = balance_of(state.after, state.payable_minor).due_minor
    if due == 0:
        raise Refusal("NOTHING_PAYABLE", "Nothing of this statement is due: it was paid, is disputed, or owes nothing.")
    if command.holds:
        raise _held(command.holds)
    if len(state.after.payouts) >= PAYOUTS_OF_A_STATEMENT_AT_MOST:
        raise Refusal("WRONG_STATE", f"A statement is paid in at most {PAYOUTS_OF_A_STATEMENT_AT_MOST} attempts.")
    covers, lines = next_coverage(state.after)
    stated = state.closing.statement
    return [
        StatementPaidOut(
            partner=stated.partner,
            period=stated.period,
            reference=command.reference,
            paid_on=command.paid_on,
            amount_minor=due,
            currency=stated.currency,
            covers=covers,
            lines=lines,
        )
    ]


def fail_payout(state: ClosedPeriod | None, command: FailPayout) -> list[PayoutFailed]:
    """Say that a payout did not arrive; what it paid is due again."""
    payouts = () if state is None else state.after.payouts
    known = next((payout for payout in payouts if payout.reference == command.reference), None)
    if state is None or known is None:
        raise Refusal("NOT_FOUND", f"This statement has no payout {command.reference}.")
    if known.failure is not None:
        return []
    return [
        PayoutFailed(
            partner=state.closing.partner,
            period=state.closing.period,
            reference=command.reference,
            reason=command.reason,
        )
    ]


def _held(holds: tuple[PayoutHold, ...]) -> Refusal:
    missing = [kind for hold in holds for kind in hold.missing]
    if any(hold.because == "PARTNER_SUSPENDED" for hold in holds):
        return Refusal("PARTNER_SUSPENDED", "The partner's pay is held: it is suspended, or it left for fraud.")
    return Refusal(
        "PAPERWORK_MISSING", f"The partner has to hand in {', '.join(missing)} before it is paid.", missing=missing
    )
