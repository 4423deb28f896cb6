"""What a fact about a deal does to the queues of its account (rules §3.9, §5)."""

from dataclasses import replace

from domain.account import queueing
from domain.account.state import Account, Ended, Registration, Returned
from domain.deal_registration import deal
from domain.deal_registration.deal import DealFact, DealState
from domain.deal_registration.events import (
    DealLost,
    DealPaid,
    DealRefunded,
    DealReopened,
    DealValueStated,
    DealWon,
)
from domain.ids import Instant, RegistrationId
from domain.recorded import Recorded

FactEvent = DealValueStated | DealWon | DealLost | DealReopened | DealRefunded | DealPaid

_TAKEN_BACK = ("rejected", "withdrawn", "case_upheld", "case_void", "fraud", "partner_terminated")


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


def with_facts(account: Account, registration_id: RegistrationId, facts: tuple[DealFact, ...], at: Instant) -> Account:
    """The account after the facts of a registration's deal became these."""
    registration = account.registrations[registration_id]
    before, after = deal.state_of(registration.deal_facts), deal.state_of(facts)
    account = queueing.with_registration(account, replace(registration, deal_facts=facts))
    return account if before == after else _after_turn(account, registration, before, after, at)


def _after_turn(
    account: Account, registration: Registration, before: DealState, after: DealState, at: Instant
) -> Account:
    if before == "won":
        account = queueing.reopen_queues(account, registration.id, registration.products, at)
    if before == "lost":
        account = queueing.restore_lost(account, registration.id, at)
    if after == "lost":
        account = queueing.end_claims(account, registration.id, at, "lost")
    if after == "won" and _win_ends_the_queue(account.registrations[registration.id]):
        account = queueing.settle_queues(account, registration.id, registration.products, at)
    return account


def _win_ends_the_queue(registration: Registration) -> bool:
    """A win on a registration that was taken back or returned is recorded and changes nobody's place."""
    return any(
        not isinstance(claim.stage, Returned) and not (isinstance(claim.stage, Ended) and claim.stage.by in _TAKEN_BACK)
        for claim in registration.claims
    )
