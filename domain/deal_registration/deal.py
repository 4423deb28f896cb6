"""What the CRM says about a deal, folded by (`occurred_at`, delivery id) whatever the order of arrival (rules §5)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.changed import quickly_made
from domain.ids import Instant, Position
from domain.money import Money
from domain.refusal import Refusal

FactKind = Literal["value_stated", "won", "lost", "reopened", "refunded", "paid"]
DealState = Literal["open", "won", "lost"]

_STATE_AFTER: dict[FactKind, DealState] = {"won": "won", "lost": "lost", "reopened": "open"}


@quickly_made
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
    unpaid_at: Instant | None = None
    deal: str | None = None
    """The CRM's id under which it was said, where that is not the deal's own id of the registration."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """The win that counts. A win said again, before anything undid it, only replaces its day: it is the same sale."""

    won_on: date
    """As stated last."""
    sold_at: Instant
    """When it was won first."""
    recorded_at: Instant
    """When the service learned of it first, at `position`, under the terms of `terms_version`."""
    position: Position
    terms_version: int
    unpaid_at: Instant | None = None
    """From when its credit is withheld unless the customer has paid; None: payments play no part."""


def with_fact(facts: Sequence[DealFact], fact: DealFact) -> tuple[DealFact, ...]:
    """The facts of a deal with one more, in the order in which they happened."""
    return _in_order((*facts, fact))


def with_facts_of_another(facts: Sequence[DealFact], others: Iterable[DealFact]) -> tuple[DealFact, ...]:
    """The facts of two deals that are one, in the order in which they happened."""
    return _in_order({fact.position: fact for fact in (*facts, *others)}.values())


def _in_order(facts: Iterable[DealFact]) -> tuple[DealFact, ...]:
    return tuple(sorted(facts, key=lambda f: (f.occurred_at, f.delivery, f.position)))


def state_of(facts: Sequence[DealFact]) -> DealState:
    """The latest of won, lost and reopened."""
    for fact in reversed(facts):
        if fact.kind in _STATE_AFTER:
            return _STATE_AFTER[fact.kind]
    return "open"


def sale_of(facts: Sequence[DealFact]) -> Sale | None:
    """The sale that the facts tell of; None when the deal was never won, or the last win was undone."""
    wins: list[DealFact] = []
    for fact in _turns(facts):
        if fact.kind != "won":
            break
        wins.append(fact)
    if not wins:
        return None
    latest, first, learned = wins[0], wins[-1], min(wins, key=lambda fact: fact.position)
    assert latest.on is not None
    return Sale(
        won_on=latest.on,
        sold_at=first.occurred_at,
        recorded_at=learned.recorded_at,
        position=learned.position,
        terms_version=learned.terms_version,
        unpaid_at=latest.unpaid_at,
    )


def was_ever_won(facts: Sequence[DealFact]) -> bool:
    """Whether the CRM ever said won."""
    return "won" in [fact.kind for fact in facts]


def stated_value(facts: Sequence[DealFact]) -> Money | None:
    """The value that the CRM stated last."""
    return next((f.value for f in reversed(facts) if f.kind in ("value_stated", "won") and f.value is not None), None)


def refunds_of(facts: Sequence[DealFact]) -> tuple[DealFact, ...]:
    """The refunds that count: those after the last reopening, each id once, as it was said to have happened first."""
    counted: list[DealFact] = []
    known: set[str | None] = set()
    for fact in facts:
        if fact.kind == "reopened":
            counted.clear()
        elif fact.kind == "refunded" and fact.refund_id not in known:
            known.add(fact.refund_id)
            counted.append(fact)
    return tuple(counted)


def value_less_refunds(value: Money, facts: Sequence[DealFact]) -> Money:
    """A deal's value less the refunds that count, never below zero (rules §5)."""
    refunded = sum(fact.value.amount_minor for fact in refunds_of(facts) if fact.value is not None)
    return Money(amount_minor=max(0, value.amount_minor - refunded), currency=value.currency)


def is_paid(facts: Sequence[DealFact], value: Money) -> bool:
    """Whether the customer has paid the value: by payments in its currency, those since the last reopening."""
    paid = 0
    for fact in facts:
        if fact.kind == "reopened":
            paid = 0
        elif fact.kind == "paid" and fact.value is not None and fact.value.currency == value.currency:
            paid += fact.value.amount_minor
    return paid >= value.amount_minor


def refund_known(facts: Sequence[DealFact], refund_id: str) -> DealFact | None:
    """The refund that counts for this id: of several, the one that was said to have happened first."""
    return next((fact for fact in facts if fact.kind == "refunded" and fact.refund_id == refund_id), None)


def refuse_other_currency(value: Money, facts: Sequence[DealFact]) -> None:
    """Refuse a value in another currency than its refunds (rules §5)."""
    for fact in facts:
        if fact.kind == "refunded" and fact.value is not None and fact.value.currency != value.currency:
            raise currency_mismatch(fact.value, value)


def currency_mismatch(refund: Money, value: Money) -> Refusal:
    """A refund and a value in two currencies."""
    detail = f"A refund in {refund.currency} cannot be set against a value in {value.currency}."
    return Refusal("CURRENCY_MISMATCH", detail)


def _turns(facts: Sequence[DealFact]) -> Iterator[DealFact]:
    """What turned the deal's state, the latest first."""
    return (fact for fact in reversed(facts) if fact.kind in _STATE_AFTER)
