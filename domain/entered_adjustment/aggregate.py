"""Entering adjustments: a resolved dispute, a clawback, a variance, or whatever finance has a reason for (rules §7).

They are never derived, and stand on both sides of the law: what is closed and open is what is recomputed and entered.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.entered_adjustment.events import AdjustmentEntered, EnteredKind
from domain.ids import AdjustmentId, DisputeId, LineId, Position
from domain.money import Money
from domain.partner.aggregate import Partner
from domain.recorded import Recorded
from domain.refusal import Refusal

ADJUSTMENTS_OF_A_PARTNER_AT_MOST = 10_000

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterAdjustment:
    """Enter an amount and why. A clawback takes back, so it is negative."""

    adjustment: AdjustmentId
    kind: EnteredKind
    amount: Money
    reason: str
    period: str | None = None
    line: LineId | None = None
    dispute: DisputeId | None = None
    evidence: tuple[Position, ...] = ()


# state

Entered = tuple[Recorded[AdjustmentEntered], ...]
"""All adjustments that were entered for a partner, in order."""


# decide


def decide(entered: Entered, partner: Partner, command: EnterAdjustment) -> list[AdjustmentEntered]:
    """Enter an adjustment, in the partner's currency."""
    if command.amount.currency != partner.currency:
        raise Refusal("MALFORMED", f"The partner's statements are in {partner.currency}.", field="amount")
    if command.amount.amount_minor == 0:
        raise Refusal("MALFORMED", "An adjustment changes what is owed.", field="amount")
    if command.kind == "clawback" and command.amount.amount_minor > 0:
        raise Refusal("MALFORMED", "A clawback takes back: its amount is negative.", field="amount")
    if len(entered) >= ADJUSTMENTS_OF_A_PARTNER_AT_MOST:
        raise Refusal("WRONG_STATE", f"A partner has at most {ADJUSTMENTS_OF_A_PARTNER_AT_MOST} adjustments.")
    return [
        AdjustmentEntered(
            partner=partner.id,
            adjustment=command.adjustment,
            kind=command.kind,
            amount=command.amount,
            reason=command.reason,
            period=command.period,
            line=command.line,
            dispute=command.dispute,
            evidence=command.evidence,
        )
    ]


# evolve and fold


def evolve(entered: Entered, recorded: Recorded[AdjustmentEntered]) -> Entered:
    """The adjustments after one more."""
    return (*entered, recorded)


def fold(history: Iterable[Recorded[AdjustmentEntered]], entered: Entered = ()) -> Entered:
    """The adjustments after a history."""
    return (*entered, *history)
