"""What a partner may lose because the paperwork that a payout needs is missing for too long (rules §7).

Proposed after a date by an explicit event, and posted or dismissed by finance. Nothing is ever lost by itself.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.commission_period.after_closing import balance_of
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import ForfeitureDismissed, ForfeiturePosted, ForfeitureProposed
from domain.refusal import Refusal

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeForfeiture:
    """Propose that what is still due is lost. `closed_on` is the day of the closing; `missing` what is wanted today."""

    closed_on: date
    today: date
    after_days: int
    missing: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostForfeiture:
    """Finance posts what was proposed. `missing` is what is still wanted today."""

    missing: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissForfeiture:
    """Finance dismisses what was proposed."""

    reason: str


# decide


def propose(state: ClosedPeriod | None, command: ProposeForfeiture) -> list[ForfeitureProposed]:
    """Propose a forfeiture; refused before its date, while a line is disputed, and when no paperwork is missing."""
    if state is None:
        raise Refusal("WRONG_STATE", "This period is still open; only what is closed and due can be forfeited.")
    if state.after.open_forfeiture is not None:
        return []
    if state.after.open_disputes:
        raise Refusal("WRONG_STATE", "A line of this statement is disputed; that is to be resolved first.")
    _refuse_complete_paperwork(command.missing)
    due = balance_of(state.after, state.payable_minor).due_minor
    if due == 0:
        raise Refusal("NOTHING_PAYABLE", "Nothing of this statement is due.")
    if command.after_days == 0:
        raise Refusal("FORFEITURE_NOT_DUE", "By the terms in force nothing is forfeited.")
    earliest = command.closed_on + timedelta(days=command.after_days)
    if command.today < earliest:
        raise Refusal("FORFEITURE_NOT_DUE", f"Nothing is forfeited before {earliest}.", earliest=str(earliest))
    stated = state.closing.statement
    return [
        ForfeitureProposed(
            partner=stated.partner,
            period=stated.period,
            amount_minor=due,
            currency=stated.currency,
            missing=command.missing,
            reason=command.reason,
        )
    ]


def post(state: ClosedPeriod | None, command: PostForfeiture) -> list[ForfeiturePosted]:
    """Post what was proposed, as far as it is still due; refused once the paperwork is there."""
    state = _proposed(state)
    if state.after.open_disputes:
        raise Refusal("WRONG_STATE", "A line of this statement is disputed; that is to be resolved first.")
    _refuse_complete_paperwork(command.missing)
    due = balance_of(state.after, state.payable_minor).due_minor
    if due == 0:
        raise Refusal("NOTHING_PAYABLE", "Nothing of this statement is due any more.")
    stated = state.closing.statement
    return [
        ForfeiturePosted(
            partner=stated.partner,
            period=stated.period,
            amount_minor=due,
            currency=stated.currency,
            reason=command.reason,
        )
    ]


def dismiss(state: ClosedPeriod | None, command: DismissForfeiture) -> list[ForfeitureDismissed]:
    """Dismiss what was proposed: it stays due."""
    closing = _proposed(state).closing
    return [ForfeitureDismissed(partner=closing.partner, period=closing.period, reason=command.reason)]


def _proposed(state: ClosedPeriod | None) -> ClosedPeriod:
    if state is None or state.after.open_forfeiture is None:
        raise Refusal("WRONG_STATE", "No forfeiture of this statement is proposed.")
    return state


def _refuse_complete_paperwork(missing: tuple[str, ...]) -> None:
    if not missing:
        raise Refusal("WRONG_STATE", "The paperwork that a payout needs is on file.")
