"""A conflict case as it stands: what it is about, its steps so far, and how it was decided (rules §4)."""

from dataclasses import dataclass
from typing import Literal

from domain.changed import quickly_made
from domain.conflict_case.events import (
    CaseEscalated,
    CaseKind,
    ConflictCaseEvent,
    Duplicate,
    Outcome,
    ReviewReason,
)
from domain.ids import AccountId, CaseId, Instant, Position, Product, RegistrationId, Share
from domain.recorded import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How a case was decided."""

    outcome: Outcome
    rule: str
    reason: str
    overrides_priority: bool
    against: RegistrationId | None
    same_as: AccountId | None
    decided_at: Instant
    position: Position
    shares: tuple[Share, ...] = ()
    sharing: tuple[RegistrationId, ...] = ()
    """Of a split before a win: the registrations that go on as one co-sell opportunity."""


CaseStatus = Literal["identified", "investigating", "mediating", "decided", "communicated", "closed", "moot"]


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A conflict case and its steps so far."""

    id: CaseId
    kind: CaseKind
    status: CaseStatus
    challenger: RegistrationId
    holder: RegistrationId | None
    product: Product | None
    because: ReviewReason | None
    near_simultaneous: bool
    decision: Decision | None
    steps: tuple[Recorded[ConflictCaseEvent], ...]
    due_at: Instant | None = None
    """By when the next step should be taken; None without a deadline."""
    escalations: tuple[Recorded[CaseEscalated], ...] = ()
    duplicates: tuple[Duplicate, ...] = ()

    @property
    def registrations(self) -> tuple[RegistrationId, ...]:
        """Those that it is about: challenger and holder, and those that its decision turned out to be about as well."""
        decision = self.decision
        decided = () if decision is None else (decision.against, *decision.sharing)
        return tuple(dict.fromkeys(r for r in (self.challenger, self.holder, *decided) if r is not None))

    @property
    def is_undecided(self) -> bool:
        """Whether somebody still has to decide it."""
        return self.status in ("identified", "investigating", "mediating")
