"""What is entered beside what the log leads to. These are the stored format: add, never edit."""

from dataclasses import dataclass
from typing import Literal

from domain.ids import AdjustmentId, DisputeId, LineId, PartnerId, Position
from domain.money import Money

EnteredKind = Literal["dispute", "clawback", "variance", "manual"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentEntered:
    """Finance enters an amount, which may be negative, into the partner's first open period, and says why.

    `period`, `line` and `dispute` say what it is about, None where it is about none; `evidence` what it rests on.
    """

    partner: PartnerId
    adjustment: AdjustmentId
    kind: EnteredKind
    amount: Money
    reason: str
    period: str | None
    line: LineId | None
    dispute: DisputeId | None
    evidence: tuple[Position, ...]
