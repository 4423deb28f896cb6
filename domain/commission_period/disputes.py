"""Disputing a line of a closed statement, and resolving that (rules §7)."""

from dataclasses import dataclass

from domain.commission.lines import Statement
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import DisputeOutcome, DisputeResolved, LineDisputed
from domain.ids import DisputeId, LineId
from domain.money import Money
from domain.refusal import Refusal

DISPUTES_OF_A_STATEMENT_AT_MOST = 1_000

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLine:
    """The partner says that a line is wrong, and why."""

    dispute: DisputeId
    line: LineId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveDispute:
    """Finance says who is right. `amount` is entered as an adjustment when the dispute is upheld, else None."""

    dispute: DisputeId
    outcome: DisputeOutcome
    reason: str
    amount: Money | None


# decide


def dispute(state: ClosedPeriod | None, command: DisputeLine) -> list[LineDisputed]:
    """Dispute a line of a closed statement. What it pays is held from now on, unless it was paid already."""
    if state is None:
        raise Refusal("WRONG_STATE", "This period is still open; a line is disputed when its statement is closed.")
    stated = state.closing.statement
    at_stake = _at_stake(stated, command.line)
    if at_stake is None:
        raise Refusal("MALFORMED", "This statement has no such line.", field="line")
    known = next((one for one in state.after.open_disputes if one.line == command.line), None)
    if known is not None:
        raise Refusal("ALREADY_EXISTS", f"This line is disputed already: {known.id}.", dispute=known.id)
    if len(state.after.disputes) >= DISPUTES_OF_A_STATEMENT_AT_MOST:
        raise Refusal("WRONG_STATE", f"A statement is disputed at most {DISPUTES_OF_A_STATEMENT_AT_MOST} times.")
    return [
        LineDisputed(
            partner=stated.partner,
            period=stated.period,
            dispute=command.dispute,
            line=command.line,
            at_stake_minor=at_stake,
            currency=stated.currency,
            reason=command.reason,
        )
    ]


def resolve(state: ClosedPeriod | None, command: ResolveDispute) -> list[DisputeResolved]:
    """Uphold or reject a dispute; the same again gives nothing."""
    known = None if state is None else next((one for one in state.after.disputes if one.id == command.dispute), None)
    if state is None or known is None:
        raise Refusal("NOT_FOUND", "There is no such dispute.")
    amount_minor = _amount(command, state.closing.statement.currency)
    if known.resolution is not None:
        if (known.resolution.outcome, known.resolution.amount_minor) == (command.outcome, amount_minor):
            return []
        raise Refusal("WRONG_STATE", f"This dispute was {known.resolution.outcome} already.")
    return [
        DisputeResolved(
            partner=state.closing.partner,
            period=state.closing.period,
            dispute=command.dispute,
            outcome=command.outcome,
            amount_minor=amount_minor,
            currency=state.closing.statement.currency,
            reason=command.reason,
        )
    ]


def _amount(command: ResolveDispute, currency: str) -> int:
    """What is entered as an adjustment."""
    if command.outcome == "rejected":
        if command.amount is not None:
            raise Refusal("MALFORMED", "A rejected dispute leads to no amount.", field="amount")
        return 0
    if command.amount is None or command.amount.amount_minor == 0:
        raise Refusal("MALFORMED", "State by how much the upheld dispute changes what is owed.", field="amount")
    if command.amount.currency != currency:
        raise Refusal("MALFORMED", f"The statement is in {currency}.", field="amount")
    return command.amount.amount_minor


def _at_stake(stated: Statement, line: LineId) -> int | None:
    """What a statement pays for a line, in its lines and its adjustments; None when it names no such line."""
    found = [one.commission_minor - one.held_minor for one in stated.lines if one.id == line]
    for adjustment in stated.adjustments:
        if str(adjustment.id) == line:
            found.append(adjustment.amount_minor - adjustment.held_minor)
        found += [one.amount_minor - one.held_minor for one in adjustment.lines if one.line == line]
    return max(0, sum(found)) if found else None
