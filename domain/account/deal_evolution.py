"""What a fact about a deal does to the claims of its registration (rules §5)."""

from dataclasses import replace

from domain.account import queueing, sales
from domain.account.state import Account
from domain.deal_registration import deal
from domain.deal_registration.deal import DealFact
from domain.deal_registration.events import (
    DealLost,
    DealPaid,
    DealRefunded,
    DealReopened,
    DealValueStated,
    DealWon,
)
from domain.ids import Instant, Position, RegistrationId
from domain.recorded import Recorded

FactEvent = DealValueStated | DealWon | DealLost | DealReopened | DealRefunded | DealPaid


def fact_of(recorded: Recorded[FactEvent]) -> DealFact:
    """The fact that an event recorded."""
    event = recorded.event
    fact = DealFact(
        kind="value_stated",
        occurred_at=event.occurred_at,
        delivery=event.delivery,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
    )
    if isinstance(event, DealValueStated):
        return replace(fact, value=event.value)
    if isinstance(event, DealWon):
        return replace(fact, kind="won", value=event.value, on=event.won_on, terms_version=event.terms_version)
    if isinstance(event, DealLost):
        return replace(fact, kind="lost", reason=event.reason)
    if isinstance(event, DealReopened):
        return replace(fact, kind="reopened")
    if isinstance(event, DealRefunded):
        return replace(fact, kind="refunded", value=event.amount, on=event.refunded_on, refund_id=event.refund_id)
    return replace(fact, kind="paid", value=event.amount, on=event.paid_on)


def with_facts(
    account: Account, registration_id: RegistrationId, facts: tuple[DealFact, ...], *, at: Instant, position: Position
) -> Account:
    """The account after the facts of a registration's deal became these: lost ends its claims, no longer lost restores.

    What a win does to the queues follows from that (`sales.with_sale_noted`).
    """
    registration = account.registrations[registration_id]
    was_lost = deal.state_of(registration.deal_facts) == "lost"
    is_lost = deal.state_of(facts) == "lost"
    account = queueing.with_registration(account, replace(registration, deal_facts=facts))
    if was_lost and not is_lost:
        return sales.restore_lost(account, registration_id, at)
    if is_lost and not was_lost:
        return queueing.end_claims(account, registration_id, at=at, by="lost", position=position)
    return account
