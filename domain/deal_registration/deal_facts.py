"""Facts from the CRM about the deal of a registration: recorded, parked, ignored or refused (rules §5)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, assert_never

from domain.account.deal_evolution import FactEvent
from domain.account.draft import Draft
from domain.account.state import Registration
from domain.calendar import add_days, local_date, start_of_day
from domain.deal_registration import deal
from domain.deal_registration.aggregate import catch_up, note_leavers
from domain.deal_registration.deal import FactKind
from domain.deal_registration.events import (
    DealLost,
    DealPaid,
    DealRefunded,
    DealReopened,
    DealValueStated,
    DealWon,
)
from domain.ids import AccountId, Instant, RegistrationId
from domain.money import Money
from domain.programme.aggregate import Programme

SKEW = 5 * 60 * 1_000_000
"""A fact may be dated this much (microseconds) after our clock: clocks differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFact:
    """What a CRM delivery says about a deal, None where the kind says nothing. `wanted_by_a_person`: however old."""

    kind: FactKind
    occurred_at: Instant
    delivery: str
    value: Money | None = None
    on: date | None = None
    refund_id: str | None = None
    reason: str | None = None
    deal: str | None = None
    """The CRM's id under which it is said, where that is not the registration's own."""
    wanted_by_a_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """The fact is kept and shown, not applied: it can be at `until`, or (None) when a person says so."""

    reason: Literal["FUTURE_DATED", "TOO_OLD"]
    until: Instant | None


def parked(programme: Programme, command: ReportFact, now: Instant) -> Parked | None:
    """Whether a fact's date keeps it from being applied now: in the future (beyond 5 minutes), or too long ago."""
    won_on = command.on if command.kind == "won" else None
    return parked_by_date(
        programme, command.occurred_at, now, won_on=won_on, wanted_by_a_person=command.wanted_by_a_person
    )


def parked_by_date(
    programme: Programme, occurred_at: Instant, now: Instant, *, won_on: date | None, wanted_by_a_person: bool
) -> Parked | None:
    """Whether the instant at which something happened, or its day, keeps it from being applied now."""
    zone = programme.zone
    waits = [Instant(occurred_at - SKEW)] if occurred_at > now + SKEW else []
    if won_on is not None and won_on > local_date(now, zone):
        waits.append(start_of_day(won_on, zone))
    if waits:
        return Parked(reason="FUTURE_DATED", until=max(waits))
    oldest = add_days(now, -programme.terms_at(now).terms.oldest_fact_days, zone)
    too_old = occurred_at < oldest or (won_on is not None and won_on < local_date(oldest, zone))
    if too_old and not wanted_by_a_person:
        return Parked(reason="TOO_OLD", until=None)
    return None


def report(draft: Draft, registration_id: RegistrationId, command: ReportFact) -> bool:
    """Record a fact about the registration's deal. False when it was counted before; refuses another currency."""
    registration = draft.account.registrations[registration_id]
    if command.kind == "refunded" and _is_counted(registration, command):
        return False
    _refuse_other_currency(registration, command)
    catch_up(draft)
    before = draft.account
    draft.add(_fact(draft, registration_id, command))
    note_leavers(draft, before)
    catch_up(draft)
    return True


def _is_counted(registration: Registration, command: ReportFact) -> bool:
    """Whether a refund with this id counts already.

    The same id said again with another amount or instant is not news, unless it happened before the one that counts:
    then it counts in its place, so that the order of arrival makes no difference.
    """
    assert command.refund_id is not None
    known = deal.refund_known(registration.deal_facts, command.refund_id)
    if known is None:
        return False
    is_the_same = (known.occurred_at, known.value) == (command.occurred_at, command.value)
    return is_the_same or (known.occurred_at, known.delivery) < (command.occurred_at, command.delivery)


def _refuse_other_currency(registration: Registration, command: ReportFact) -> None:
    value = command.value
    if value is None:
        return
    if command.kind == "refunded" and value.currency != registration.deal_value.currency:
        raise deal.currency_mismatch(value, registration.deal_value)
    if command.kind in ("value_stated", "won") and _would_be_latest(registration, command):
        deal.refuse_other_currency(value, registration.deal_facts)


def _would_be_latest(registration: Registration, command: ReportFact) -> bool:
    """Whether the value that the command states would be the deal's value."""
    at = (command.occurred_at, command.delivery)
    stating = [fact for fact in registration.deal_facts if fact.kind in ("value_stated", "won") and fact.value]
    return all((fact.occurred_at, fact.delivery) <= at for fact in stating)


def _fact(draft: Draft, registration: RegistrationId, command: ReportFact) -> FactEvent:
    account, at, delivery, under = draft.account.id, command.occurred_at, command.delivery, command.deal
    kind = command.kind
    if kind == "won":
        assert command.on is not None
        return DealWon(
            registration=registration,
            account=account,
            occurred_at=at,
            delivery=delivery,
            deal=under,
            won_on=command.on,
            value=command.value,
            terms_version=draft.terms.version,
            unpaid_at=unpaid_at(draft, command.on),
        )
    if kind == "lost":
        return DealLost(
            registration=registration,
            account=account,
            occurred_at=at,
            delivery=delivery,
            deal=under,
            reason=command.reason,
        )
    if kind == "reopened":
        return DealReopened(registration=registration, account=account, occurred_at=at, delivery=delivery, deal=under)
    assert command.value is not None
    if kind == "value_stated":
        return DealValueStated(
            registration=registration,
            account=account,
            occurred_at=at,
            delivery=delivery,
            deal=under,
            value=command.value,
        )
    return _money_moved(account, registration, command, kind, command.value)


def unpaid_at(draft: Draft, won_on: date) -> Instant | None:
    """From when the win's credit is withheld unless the customer has paid, by the terms that bind it (rules §6)."""
    terms = draft.terms.terms
    if terms.payable_on == "won":
        return None
    return start_of_day(won_on + timedelta(days=terms.unpaid_after_days), draft.programme.zone)


def _money_moved(
    account: AccountId,
    registration: RegistrationId,
    command: ReportFact,
    kind: Literal["refunded", "paid"],
    amount: Money,
) -> DealRefunded | DealPaid:
    at, delivery = command.occurred_at, command.delivery
    assert command.on is not None
    if kind == "refunded":
        assert command.refund_id is not None
        return DealRefunded(
            registration=registration,
            account=account,
            occurred_at=at,
            delivery=delivery,
            deal=command.deal,
            refund_id=command.refund_id,
            amount=amount,
            refunded_on=command.on,
        )
    if kind == "paid":
        return DealPaid(
            registration=registration,
            account=account,
            occurred_at=at,
            delivery=delivery,
            deal=command.deal,
            amount=amount,
            paid_on=command.on,
        )
    assert_never(kind)
