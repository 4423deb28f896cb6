"""What happens to a registration and to its deal. These are the stored format: add, never edit.

Every event names its registration and its account: the account is the unit in which who is first is decided.
Free text about people (sales owner, notes) is never here; it is kept beside the log under the registration's id.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.changed import quickly_made
from domain.deal_registration.deal import DealFact
from domain.deal_registration.involvement import LeadOrigin, PartnerRole
from domain.ids import (
    AccountId,
    AccountKey,
    DealRef,
    Instant,
    NameKey,
    PartnerId,
    Product,
    RegistrationId,
    Share,
    ShareProposalId,
)
from domain.matching import AccountFacts
from domain.money import Money

Engagement = Literal["referral", "co_sell", "resell", "delivery", "oem"]
RejectionCode = Literal[
    "duplicate",
    "existing_customer",
    "too_early",
    "outside_territory",
    "insufficient_information",
    "direct_sales_active",
    "other",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationEvent:
    """What all these events say: which registration, on which account."""

    registration: RegistrationId
    account: AccountId


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class DealRegistered(RegistrationEvent):
    """A complete, eligible registration was accepted: this position is its place in each queue (rules §3.1)."""

    partner: PartnerId
    facts: AccountFacts
    stated_crm_id: str | None
    """The CRM id as the caller stated it; from a partner it is evidence only and not among the facts that match."""
    keys: tuple[AccountKey, ...]
    products: tuple[Product, ...]
    value: Money
    engagement: Engagement
    expected_close_on: date | None
    deal: DealRef | None
    shares: tuple[Share, ...]
    registered_on: date
    terms_version: int
    segment: str | None = None
    """The kind of customer, in the vendor's own words (`enterprise`)."""
    origin: LeadOrigin | None = None
    """The accepted lead that it was made from; None: it was made from none."""
    roles: tuple[PartnerRole, ...] = ()
    name_keys: tuple[NameKey, ...] = ()
    """Pieces of the account's name, by which names that may be alike are found."""
    has_sales_owner: bool = False
    """Whether somebody of the vendor's sales was named; who it is, is kept beside the log."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationApproved(RegistrationEvent):
    """The claims on these products are protected in `[protected_from, protected_until)`."""

    products: tuple[Product, ...]
    protected_from: Instant
    protected_until: Instant
    automatic: bool
    terms_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPromoted(RegistrationEvent):
    """The claim became the holder at `at`, when the one before it ended (rules §3.6); None: protected once approved."""

    product: Product
    at: Instant
    protected_until: Instant | None
    terms_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationReturned(RegistrationEvent):
    """The reviewer wants these fields changed; the claim keeps its place until `keeps_until` (None: for ever)."""

    reason: str
    fields: tuple[str, ...]
    keeps_until: Instant | None = None
    terms_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationResubmitted(RegistrationEvent):
    """The partner answered; what changed is stated, everything else is as before."""

    value: Money | None
    engagement: Engagement | None
    expected_close_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRejected(RegistrationEvent):
    """The vendor said no, and why. Its claims end."""

    reason: str
    code: RejectionCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationWithdrawn(RegistrationEvent):
    """The partner took it back. Its claims end."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionExpired(RegistrationEvent):
    """The protection of the claim on this product ended at `at` (which may lie before this was recorded)."""

    product: Product
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A claim's new end of protection."""

    product: Product
    protected_until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionExtended(RegistrationEvent):
    """Protection that had not ended lasts longer, for the evidence given."""

    extensions: tuple[Extension, ...]
    evidence: str
    terms_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesAgreed(RegistrationEvent):
    """How a win would be shared among partners: stated by staff, or agreed by them all in a `proposal`."""

    shares: tuple[Share, ...]
    proposal: ShareProposalId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesStated(RegistrationEvent):
    """Staff says which partners have which part in the work; these take the place of those stated before."""

    roles: tuple[PartnerRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DealLinked(RegistrationEvent):
    """The registration is for this CRM deal. `facts` are those that the deal brings from where it was linked before."""

    deal: DealRef
    facts: tuple[DealFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DealUnlinked(RegistrationEvent):
    """Staff linked this registration's deal to another one; its facts went along, and `deals` that are one with it."""

    deal: DealRef
    deals: tuple[DealRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerLeaves(RegistrationEvent):
    """The partner is terminated: its unprotected claims (for fraud: all) end at `ends_at` (rules §8)."""

    ends_at: Instant
    fraud: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEnded(RegistrationEvent):
    """The claim on this product ended at `at` because its partner left."""

    product: Product
    at: Instant
    fraud: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFactRecorded(RegistrationEvent):
    """What every fact from the CRM carries: when it says that it happened, and the delivery that brought it."""

    occurred_at: Instant
    delivery: str
    deal: str | None = None
    """The CRM's id under which it was said, of a deal that is one with the registration's own; None: under its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealValueStated(DealFactRecorded):
    """The CRM states the deal's value."""

    value: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DealWon(DealFactRecorded):
    """The deal is won; `won_on` picks the period and the rate. The win is judged by the terms of `terms_version`.

    `unpaid_at` is the instant from which its credit is withheld unless the customer has paid; None where payments play
    no part.
    """

    won_on: date
    value: Money | None
    terms_version: int
    unpaid_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealLost(DealFactRecorded):
    """The deal is lost."""

    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealReopened(DealFactRecorded):
    """The deal is open again; refunds before it no longer count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRefunded(DealFactRecorded):
    """Part of the deal's value went back to the customer. Each `refund_id` counts once."""

    refund_id: str
    amount: Money
    refunded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DealPaid(DealFactRecorded):
    """The customer paid."""

    amount: Money
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAwaited(RegistrationEvent):
    """The customer had not paid for the won deal by `at`: what it credits is withheld until it is paid (rules §6)."""

    at: Instant


DealRegistrationEvent = (
    DealRegistered
    | RegistrationApproved
    | RegistrationPromoted
    | RegistrationReturned
    | RegistrationResubmitted
    | RegistrationRejected
    | RegistrationWithdrawn
    | ProtectionExpired
    | ProtectionExtended
    | SharesAgreed
    | RolesStated
    | DealLinked
    | DealUnlinked
    | PartnerLeaves
    | ClaimEnded
    | DealValueStated
    | DealWon
    | DealLost
    | DealReopened
    | DealRefunded
    | DealPaid
    | PaymentAwaited
)
