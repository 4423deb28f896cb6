"""What happens to a commission period. These are the stored format: add, never edit."""

from dataclasses import dataclass

from domain.commission.lines import Statement
from domain.ids import PartnerId, Position


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


CommissionPeriodEvent = CommissionPeriodClosed | StatementAcknowledged
