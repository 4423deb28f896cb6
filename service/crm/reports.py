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
from service.payloads.direct_deals import BecameCustomer, DirectClosed, DirectOpened
from service.payloads.merges import AccountMerged, DealMerged
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
class SalesReported:
    """The CRM says something of the vendor's own sales on an account."""

    occurred_at: Instant
    said: DirectOpened | DirectClosed | BecameCustomer


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsMergeReported:
    """The CRM says that accounts of its are one customer."""

    occurred_at: Instant
    said: AccountMerged


@dataclass(frozen=True, slots=True, kw_only=True)
class DealsMergeReported:
    """The CRM says that deals of its are one and the same."""

    occurred_at: Instant
    said: DealMerged


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToUs:
    """A well-formed webhook of a type that is none of ours: ignored."""

    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """Data that does not fit its type: refused as `MALFORMED`, with the contract's `errors`."""

    errors: tuple[Mapping[str, str], ...]


Report = (
    FactReported
    | RegistrationRequested
    | SalesReported
    | AccountsMergeReported
    | DealsMergeReported
    | NothingToUs
    | Malformed
)


class Envelope(BaseModel):
    """What surrounds the data of every webhook of the kind `standard`. A sender may put more beside these three."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    type: str = Field(description="What happened, such as `deal.won`.", examples=["deal.won"])
    timestamp: InstantIn = Field(description="When it happened.", examples=["2026-11-25T16:20:00.000000Z"])


class DealRegisteredWebhook(Envelope):
    """A deal was registered in the CRM."""

    data: DealRegistered = Field(description="What the type needs.")


class DealValueChangedWebhook(Envelope):
    """The deal has another value."""

    data: DealValueChanged = Field(description="What the type needs.")


class DealWonWebhook(Envelope):
    """The deal was won."""

    data: DealWon = Field(description="What the type needs.")


class DealLostWebhook(Envelope):
    """The deal was lost."""

    data: DealLost = Field(description="What the type needs.")


class DealReopenedWebhook(Envelope):
    """What was won or lost is open again."""

    data: DealReopened = Field(description="What the type needs.")


class DealRefundedWebhook(Envelope):
    """A part of the deal's value was given back."""

    data: DealRefunded = Field(description="What the type needs.")


class DealPaidWebhook(Envelope):
    """The customer paid."""

    data: DealPaid = Field(description="What the type needs.")


class AccountDirectOpenedWebhook(Envelope):
    """The vendor's own sales opened an opportunity."""

    data: DirectOpened = Field(description="What the type needs.")


class AccountDirectClosedWebhook(Envelope):
    """An opportunity of the vendor's own sales is closed."""

    data: DirectClosed = Field(description="What the type needs.")


class AccountBecameCustomerWebhook(Envelope):
    """The account buys from the vendor."""

    data: BecameCustomer = Field(description="What the type needs.")


class AccountMergedWebhook(Envelope):
    """Accounts of the CRM are one customer: theirs are one account here, and nobody's place moves."""

    data: AccountMerged = Field(description="What the type needs.")


class DealMergedWebhook(Envelope):
    """Deals of the CRM are one: what is said of any of their ids, before or after, is said of that one deal."""

    data: DealMerged = Field(description="What the type needs.")


ENVELOPES: Final[Mapping[str, type[Envelope]]] = {
    "deal.registered": DealRegisteredWebhook,
    "deal.value_changed": DealValueChangedWebhook,
    "deal.won": DealWonWebhook,
    "deal.lost": DealLostWebhook,
    "deal.reopened": DealReopenedWebhook,
    "deal.refunded": DealRefundedWebhook,
    "deal.paid": DealPaidWebhook,
    "deal.merged": DealMergedWebhook,
    "account.direct_opened": AccountDirectOpenedWebhook,
    "account.direct_closed": AccountDirectClosedWebhook,
    "account.became_customer": AccountBecameCustomerWebhook,
    "account.merged": AccountMergedWebhook,
}
"""Every type that is something to us."""


def read_report(body: bytes, delivery: str) -> Report:
    """What a webhook says. Raises NotJson for a body that is not JSON; every other mistake is told as Malformed."""
    try:
        document = strict_json(body)
    except UnusableJson as failure:
        return Malformed(errors=({"field": "", "code": "unusable_json", "message": str(failure)},))
    kind = document.get("type") if isinstance(document, dict) else None
    if isinstance(kind, str) and kind not in ENVELOPES:
        return NothingToUs(type=kind)
    try:
        envelope = ENVELOPES.get(kind or "", Envelope).model_validate_json(body)
    except ValidationError as failure:
        return Malformed(errors=tuple(mistakes(failure)))
    if isinstance(envelope, DealRegisteredWebhook):
        data = envelope.data
        return RegistrationRequested(deal_id=data.deal_id, occurred_at=Instant(envelope.timestamp), registration=data)
    if isinstance(envelope, AccountDirectOpenedWebhook | AccountDirectClosedWebhook | AccountBecameCustomerWebhook):
        return SalesReported(occurred_at=Instant(envelope.timestamp), said=envelope.data)
    if isinstance(envelope, AccountMergedWebhook):
        return AccountsMergeReported(occurred_at=Instant(envelope.timestamp), said=envelope.data)
    if isinstance(envelope, DealMergedWebhook):
        return DealsMergeReported(occurred_at=Instant(envelope.timestamp), said=envelope.data)
    return _fact_reported(envelope, delivery)


def _fact_reported(envelope: Envelope, delivery: str) -> FactReported:
    at = Instant(envelope.timestamp)
    if isinstance(envelope, DealValueChangedWebhook):
        value = envelope.data.value.money
        fact = ReportFact(kind="value_stated", occurred_at=at, delivery=delivery, value=value)
        return FactReported(deal_id=envelope.data.deal_id, fact=fact)
    if isinstance(envelope, DealWonWebhook):
        won = envelope.data
        stated = None if won.value is None else won.value.money
        fact = ReportFact(kind="won", occurred_at=at, delivery=delivery, value=stated, on=won.won_on)
        return FactReported(deal_id=won.deal_id, fact=fact)
    if isinstance(envelope, DealLostWebhook):
        fact = ReportFact(kind="lost", occurred_at=at, delivery=delivery, reason=envelope.data.reason)
        return FactReported(deal_id=envelope.data.deal_id, fact=fact)
    if isinstance(envelope, DealReopenedWebhook):
        fact = ReportFact(kind="reopened", occurred_at=at, delivery=delivery)
        return FactReported(deal_id=envelope.data.deal_id, fact=fact)
    if isinstance(envelope, DealRefundedWebhook):
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
    assert isinstance(envelope, DealPaidWebhook), "an envelope of a type without a reader"
    paid = envelope.data
    fact = ReportFact(kind="paid", occurred_at=at, delivery=delivery, value=paid.amount.money, on=paid.paid_on)
    return FactReported(deal_id=paid.deal_id, fact=fact)
