"""What a fact about a deal does to the claims of its registration (rules §5)."""

from datetime import date
from typing import assert_never

from domain.account import queueing, sales
from domain.account.state import Account
from domain.changed import changed
from domain.deal_registration import deal
from domain.deal_registration.deal import DealFact, FactKind
from domain.deal_registration.events import (
    DealLost,
    DealPaid,
    DealRefunded,
    DealReopened,
    DealValueStated,
    DealWon,
)
from domain.ids import Instant, Position, RegistrationId
from domain.money import Money
from domain.recorded import Recorded

FactEvent = DealValueStated | DealWon | DealLost | DealReopened | DealRefunded | DealPaid


def fact_of(recorded: Recorded[FactEvent]) -> DealFact:
    """The fact that an event recorded."""
    event = recorded.event
    if isinstance(event, DealValueStated):
        return _fact(recorded, "value_stated", value=event.value)
    if isinstance(event, DealWon):
        return _fact(
            recorded,
            "won",
            value=event.value,
            on=event.won_on,
            terms_version=event.terms_version,
            unpaid_at=event.unpaid_at,
        )
    if isinstance(event, DealLost):
        return _fact(recorded, "lost", reason=event.reason)
    if isinstance(event, DealReopened):
        return _fact(recorded, "reopened")
    if isinstance(event, DealRefunded):
        return _fact(recorded, "refunded", value=event.amount, on=event.refunded_on, refund_id=event.refund_id)
    if isinstance(event, DealPaid):
        return _fact(recorded, "paid", value=event.amount, on=event.paid_on)
    assert_never(event)


def _fact(
    recorded: Recorded[FactEvent],
    kind: FactKind,
    *,
    value: Money | None = None,
    on: date | None = None,
    refund_id: str | None = None,
    reason: str | None = None,
    terms_version: int = 0,
    unpaid_at: Instant | None = None,
) -> DealFact:
    return DealFact(
        kind=kind,
        occurred_at=recorded.event.occurred_at,
        delivery=recorded.event.delivery,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
        value=value,
        on=on,
        refund_id=refund_id,
        reason=reason,
        terms_version=terms_version,
        unpaid_at=unpaid_at,
        deal=recorded.event.deal,
    )


def with_facts(
    account: Account, registration_id: RegistrationId, facts: tuple[DealFact, ...], *, at: Instant, position: Position
) -> Account:
    """The account after the facts of a registration's deal became these: lost ends its claims, no longer lost restores.

    What a win does to the queues follows from that (`sales.with_sale_noted`).
    """
    registration = account.registrations[registration_id]
    was_lost = deal.state_of(registration.deal_facts) == "lost"
    is_lost = deal.state_of(facts) == "lost"
    account = queueing.with_registration(account, changed(registration, deal_facts=facts))
    if was_lost and not is_lost:
        return sales.restore_lost(account, registration_id, at)
    if is_lost and not was_lost:
        account = sales.with_sale_noted(account, registration_id, at)
        return queueing.end_claims(account, registration_id, at=at, by="lost", position=position)
    return account
