"""What happens to a commission period. These are the stored format: add, never edit."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.commission.lines import Statement
from domain.ids import DisputeId, LineId, PartnerId, Position

DisputeOutcome = Literal["upheld", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionPeriodClosed:
    """The period is closed for ever with this statement.

    `digest` is that of the statement's document, `calculation` the version of the calculation that made it, and
    `read_to` the position up to which the log was read for it: what comes later is an adjustment in a later period.
    """

    partner: PartnerId
    period: str
    statement: Statement
    digest: str
    calculation: int
    read_to: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAcknowledged:
    """The partner has seen the closed statement and agrees with it."""

    partner: PartnerId
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDisputed:
    """The partner says that a line of its closed statement is wrong. What the line pays is held until that is resolved.

    `line` is the id of a line, of a line that a prior-period adjustment names, or of an entered adjustment.
    `at_stake_minor` is what the statement would pay for it.
    """

    partner: PartnerId
    period: str
    dispute: DisputeId
    line: LineId
    at_stake_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeResolved:
    """Finance says who is right, and why. The line is released as it was stated.

    Upheld: `amount_minor`, which may be negative, is entered beside it as an adjustment. Rejected: it is 0.
    """

    partner: PartnerId
    period: str
    dispute: DisputeId
    outcome: DisputeOutcome
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPaidOut:
    """What a closed statement owed was paid. `covers`: everything in it but `lines`, or nothing but `lines`."""

    partner: PartnerId
    period: str
    reference: str
    paid_on: date
    amount_minor: int
    currency: str
    covers: Literal["all_but", "only"]
    lines: tuple[LineId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFailed:
    """The payout of this reference did not arrive: what it paid is payable again."""

    partner: PartnerId
    period: str
    reference: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfeitureProposed:
    """The paperwork that a payout needs was missing for too long: the partner may lose what is still due."""

    partner: PartnerId
    period: str
    amount_minor: int
    currency: str
    missing: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfeiturePosted:
    """Finance has posted the forfeiture: so much of the statement is not paid any more."""

    partner: PartnerId
    period: str
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfeitureDismissed:
    """Finance does not let the partner lose it: it stays due."""

    partner: PartnerId
    period: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceDismissed:
    """Finance lets be what a newer calculation would have made of the period.

    `calculation` is that one's version, and `amount_minor` by how much it would have stated the period otherwise when
    finance looked: another amount is another variance.
    """

    partner: PartnerId
    period: str
    calculation: int
    amount_minor: int
    currency: str
    reason: str


AfterClosingEvent = (
    StatementAcknowledged
    | LineDisputed
    | DisputeResolved
    | StatementPaidOut
    | PayoutFailed
    | ForfeitureProposed
    | ForfeiturePosted
    | ForfeitureDismissed
    | VarianceDismissed
)
"""What people do to a closed statement: nothing in it but its status changes."""

CommissionPeriodEvent = CommissionPeriodClosed | AfterClosingEvent
