"""What the CRM says about a deal, folded by (`occurred_at`, delivery id) whatever the order of arrival (rules §5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.ids import Instant, Position
from domain.money import Money

FactKind = Literal["value_stated", "won", "lost", "reopened", "refunded", "paid"]
DealState = Literal["open", "won", "lost"]

_STATE_AFTER: dict[FactKind, DealState] = {"won": "won", "lost": "lost", "reopened": "open"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFact:
    """One fact about a deal. What a kind does not say is None."""

    kind: FactKind
    occurred_at: Instant
    delivery: str
    position: Position
    recorded_at: Instant
    value: Money | None = None
    """The value stated (`value_stated`, `won`), or the amount refunded or paid."""
    on: date | None = None
    """The day won, refunded or paid."""
    refund_id: str | None = None
    reason: str | None = None
    terms_version: int = 0


def with_fact(facts: Sequence[DealFact], fact: DealFact) -> tuple[DealFact, ...]:
    """The facts of a deal with one more, in the order in which they happened."""
    return tuple(sorted((*facts, fact), key=lambda f: (f.occurred_at, f.delivery, f.position)))


def state_of(facts: Sequence[DealFact]) -> DealState:
    """The latest of won, lost and reopened."""
    for fact in reversed(facts):
        if fact.kind in _STATE_AFTER:
            return _STATE_AFTER[fact.kind]
    return "open"


def win_of(facts: Sequence[DealFact]) -> DealFact | None:
    """The win that counts: the latest one, when nothing undid it."""
    if state_of(facts) != "won":
        return None
    return next(fact for fact in reversed(facts) if fact.kind == "won")


def was_ever_won(facts: Sequence[DealFact]) -> bool:
    """Whether the CRM ever said won."""
    return any(fact.kind == "won" for fact in facts)


def stated_value(facts: Sequence[DealFact]) -> DealFact | None:
    """The latest fact that states a value."""
    stating = (f for f in reversed(facts) if f.kind in ("value_stated", "won") and f.value is not None)
    return next(stating, None)


def refunds_of(facts: Sequence[DealFact]) -> tuple[DealFact, ...]:
    """The refunds that count: those after the last reopening."""
    counted: list[DealFact] = []
    for fact in facts:
        if fact.kind == "reopened":
            counted.clear()
        elif fact.kind == "refunded":
            counted.append(fact)
    return tuple(counted)


def knows_refund(facts: Sequence[DealFact], refund_id: str) -> bool:
    """Whether a refund with this id was recorded before."""
    return any(fact.refund_id == refund_id for fact in facts if fact.kind == "refunded")
