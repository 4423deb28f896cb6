"""Facts from the CRM about the deal of a registration: recorded, parked, ignored or refused (rules §5)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, assert_never

from domain.account.draft import Draft
from domain.account.state import Registration
from domain.calendar import local_date, start_of_day
from domain.deal_registration import deal
from domain.deal_registration.aggregate import catch_up
from domain.deal_registration.deal import FactKind
from domain.deal_registration.events import (
    DealLost,
    DealPaid,
    DealRefunded,
    DealReopened,
    DealValueStated,
    DealWon,
)
from domain.ids import Instant, RegistrationId
from domain.money import Money
from domain.programme.aggregate import Programme
from domain.refusal import Refusal

SKEW = 5 * 60 * 1_000_000
"""A fact may be dated this much (microseconds) after our clock: clocks differ."""

_DAY = 24 * 3600 * 1_000_000


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
    wanted_by_a_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """The fact is kept and shown, not applied: it can be at `until`, or (None) when a person says so."""

    reason: Literal["FUTURE_DATED", "TOO_OLD"]
    until: Instant | None


def parked(programme: Programme, command: ReportFact, now: Instant) -> Parked | None:
    """Whether a fact's date keeps it from being applied now: in the future (beyond 5 minutes), or too long ago."""
    zone = programme.zone
    today = local_date(now, zone)
    waits = [Instant(command.occurred_at - SKEW)] if command.occurred_at > now + SKEW else []
    if command.kind == "won" and command.on is not None and command.on > today:
        waits.append(start_of_day(command.on, zone))
    if waits:
        return Parked(reason="FUTURE_DATED", until=max(waits))
    oldest = Instant(now - programme.terms_at(now).terms.oldest_fact_days * _DAY)
    too_old = command.occurred_at < oldest or (
        command.kind == "won" and command.on is not None and command.on < local_date(oldest, zone)
    )
    if too_old and not command.wanted_by_a_person:
        return Parked(reason="TOO_OLD", until=None)
    return None


def report(draft: Draft, registration_id: RegistrationId, command: ReportFact) -> bool:
    """Record a fact about the registration's deal. False when it was counted before; refuses another currency."""
    registration = draft.account.registrations[registration_id]
    if command.kind == "refunded":
        assert command.refund_id is not None
        if deal.knows_refund(registration.deal_facts, command.refund_id):
            return False
    _refuse_other_currency(registration, command)
    catch_up(draft)
    _add(draft, registration_id, command)
    catch_up(draft)
    return True


def _refuse_other_currency(registration: Registration, command: ReportFact) -> None:
    if command.value is None or command.kind == "paid":
        return
    stated = deal.stated_value(registration.deal_facts)
    current = registration.value if stated is None or stated.value is None else stated.value
    refunds = [fact for fact in registration.deal_facts if fact.kind == "refunded"]
    compared = command.kind == "refunded" or bool(refunds)
    if compared and command.value.currency != current.currency:
        raise Refusal(
            "CURRENCY_MISMATCH",
            f"The deal's value is in {current.currency}, so {command.value.currency} cannot be set against it.",
        )


def _add(draft: Draft, registration: RegistrationId, command: ReportFact) -> None:
    account, at, delivery = draft.account.id, command.occurred_at, command.delivery
    kind, value, on = command.kind, command.value, command.on
    if kind == "value_stated":
        assert value is not None
        draft.add(
            DealValueStated(registration=registration, account=account, occurred_at=at, delivery=delivery, value=value)
        )
    elif kind == "won":
        assert on is not None
        draft.add(
            DealWon(
                registration=registration,
                account=account,
                occurred_at=at,
                delivery=delivery,
                won_on=on,
                value=value,
                terms_version=draft.terms.version,
            )
        )
    elif kind == "lost":
        draft.add(
            DealLost(
                registration=registration, account=account, occurred_at=at, delivery=delivery, reason=command.reason
            )
        )
    elif kind == "reopened":
        draft.add(DealReopened(registration=registration, account=account, occurred_at=at, delivery=delivery))
    elif kind == "refunded":
        assert value is not None and on is not None and command.refund_id is not None
        draft.add(
            DealRefunded(
                registration=registration,
                account=account,
                occurred_at=at,
                delivery=delivery,
                refund_id=command.refund_id,
                amount=value,
                refunded_on=on,
            )
        )
    elif kind == "paid":
        assert value is not None and on is not None
        draft.add(
            DealPaid(
                registration=registration,
                account=account,
                occurred_at=at,
                delivery=delivery,
                amount=value,
                paid_on=on,
            )
        )
    else:
        assert_never(kind)
