"""From a standard webhook's body to what it says: a fact, a request to register, nothing to us, or a mistake."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.deal_registration.deal_facts import ReportFact
from domain.ids import Instant
from service.payloads.base import InstantIn
from service.payloads.deal_facts import (
    DealLost,
    DealPaid,
    DealRefunded,
    DealRegistered,
    DealReopened,
    DealValueChanged,
    DealWon,
)
from service.payloads.strict_json import UnusableJson, mistakes, strict_json


@dataclass(frozen=True, slots=True, kw_only=True)
class FactReported:
    """The CRM says something about one of its deals."""

    deal_id: str
    fact: ReportFact


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRequested:
    """Somebody registered a deal in the CRM. `occurred_at` is the CRM's word and moves nobody in a queue."""

    deal_id: str
    occurred_at: Instant
    registration: DealRegistered


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToUs:
    """A well-formed webhook of a type that is none of ours: ignored."""

    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """Data that does not fit its type: refused as `MALFORMED`, with the contract's `errors`."""

    errors: tuple[Mapping[str, str], ...]


Report = FactReported | RegistrationRequested | NothingToUs | Malformed


class Envelope(BaseModel):
    """What surrounds the data of every webhook of the kind `standard`. A sender may put more beside these three."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    type: str = Field(description="What happened, such as `deal.won`.", examples=["deal.won"])
    timestamp: InstantIn = Field(description="When it happened.", examples=["2026-11-25T16:20:00.000000Z"])


class _Registered(Envelope):
    data: DealRegistered


class _ValueChanged(Envelope):
    data: DealValueChanged


class _Won(Envelope):
    data: DealWon


class _Lost(Envelope):
    data: DealLost


class _Reopened(Envelope):
    data: DealReopened


class _Refunded(Envelope):
    data: DealRefunded


class _Paid(Envelope):
    data: DealPaid


_envelopes: Final[Mapping[str, type[Envelope]]] = {
    "deal.registered": _Registered,
    "deal.value_changed": _ValueChanged,
    "deal.won": _Won,
    "deal.lost": _Lost,
    "deal.reopened": _Reopened,
    "deal.refunded": _Refunded,
    "deal.paid": _Paid,
}

TYPES: Final = tuple(_envelopes)
"""Every type that is something to us."""


def read_report(body: bytes, delivery: str) -> Report:
    """What a webhook says. Raises NotJson for a body that is not JSON; every other mistake is told as Malformed."""
    try:
        document = strict_json(body)
    except UnusableJson as failure:
        return Malformed(errors=({"field": "", "code": "unusable_json", "message": str(failure)},))
    kind = document.get("type") if isinstance(document, dict) else None
    if isinstance(kind, str) and kind not in _envelopes:
        return NothingToUs(type=kind)
    try:
        envelope = _envelopes.get(kind or "", Envelope).model_validate_json(body)
    except ValidationError as failure:
        return Malformed(errors=tuple(mistakes(failure)))
    if isinstance(envelope, _Registered):
        data = envelope.data
        return RegistrationRequested(deal_id=data.deal_id, occurred_at=Instant(envelope.timestamp), registration=data)
    return _fact_reported(envelope, delivery)


def _fact_reported(envelope: Envelope, delivery: str) -> FactReported:
    at = Instant(envelope.timestamp)
    if isinstance(envelope, _ValueChanged):
        value = envelope.data.value.money
        fact = ReportFact(kind="value_stated", occurred_at=at, delivery=delivery, value=value)
        return FactReported(deal_id=envelope.data.deal_id, fact=fact)
    if isinstance(envelope, _Won):
        won = envelope.data
        stated = None if won.value is None else won.value.money
        fact = ReportFact(kind="won", occurred_at=at, delivery=delivery, value=stated, on=won.won_on)
        return FactReported(deal_id=won.deal_id, fact=fact)
    if isinstance(envelope, _Lost):
        fact = ReportFact(kind="lost", occurred_at=at, delivery=delivery, reason=envelope.data.reason)
        return FactReported(deal_id=envelope.data.deal_id, fact=fact)
    if isinstance(envelope, _Reopened):
        fact = ReportFact(kind="reopened", occurred_at=at, delivery=delivery)
        return FactReported(deal_id=envelope.data.deal_id, fact=fact)
    if isinstance(envelope, _Refunded):
        refund = envelope.data
        fact = ReportFact(
            kind="refunded",
            occurred_at=at,
            delivery=delivery,
            value=refund.amount.money,
            on=refund.refunded_on,
            refund_id=refund.refund_id,
        )
        return FactReported(deal_id=refund.deal_id, fact=fact)
    assert isinstance(envelope, _Paid), "an envelope of a type without a reader"
    paid = envelope.data
    fact = ReportFact(kind="paid", occurred_at=at, delivery=delivery, value=paid.amount.money, on=paid.paid_on)
    return FactReported(deal_id=paid.deal_id, fact=fact)
