"""An account as it stands: registrations, the queue of claims on each product, who held when, and conflict cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from domain.account.case import Case, CaseStatus, Decision
from domain.account.review import AskedExtension, Rejection, Verdict
from domain.changed import quickly_made
from domain.deal_registration import deal as deals
from domain.deal_registration.deal import DealFact
from domain.deal_registration.events import Engagement
from domain.deal_registration.involvement import Earlier, LeadOrigin, PartnerRole
from domain.deal_registration.share_proposal import ShareProposal
from domain.direct_deal.customer import Customer
from domain.ids import (
    VENDOR,
    AccountId,
    AccountKey,
    CaseId,
    DealRef,
    Instant,
    NameKey,
    PartnerId,
    Position,
    Product,
    RegistrationId,
    Share,
    ShareProposalId,
)
from domain.matching import AccountFacts
from domain.money import Money

__all__ = [
    "Account",
    "AskedExtension",
    "Case",
    "CaseStatus",
    "Claim",
    "Decision",
    "EndReason",
    "Ended",
    "Holding",
    "LiveStage",
    "Protected",
    "Registration",
    "Rejection",
    "Returned",
    "UnderReview",
    "Waiting",
    "is_live",
]

EndReason = Literal[
    "expired",
    "withdrawn",
    "rejected",
    "lost",
    "partner_terminated",
    "fraud",
    "case_upheld",
    "case_void",
    "return_lapsed",
]


SalesOwner = Literal["not_named", "awaited", "named"]
"""Whether somebody of the vendor's sales was named for it, or its partner was told that somebody has to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderReview:
    """First, but not approved: the place is kept without protection (rules §3.10). In review since an instant."""

    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The reviewer waits for these fields to be changed; the claim keeps its place in `[since, until)`."""

    fields: tuple[str, ...]
    reason: str
    since: Instant
    until: Instant | None
    """None: for ever, as long as `return_days` was not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody is ahead. `case` is the conflict case about it, None until it is opened.

    `beside` is the holder that this claim co-sells with since a decision to split (rules §4); None once another holds.
    """

    case: CaseId | None
    beside: RegistrationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """May not be displaced by a later claim in `[since, until)`."""

    since: Instant
    until: Instant
    reminded_to: Instant | None = None
    """No reminder that falls on this instant or before is sent any more; None: on `since`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """The vendor's own claim is first: nobody has to approve it, and it lasts until its deal is closed."""

    since: Instant


LiveStage = UnderReview | Returned | Waiting | Protected | Direct


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The claim is over. `before` is what comes back when a lost deal is reopened."""

    at: Instant
    by: EndReason
    position: Position
    """Where in the log that was written."""
    before: LiveStage


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a registration holds on one product of the account."""

    product: Product
    stage: LiveStage | Ended
    opportunity: int
    """Claims around one sale share a number; after a win the next registration starts another (rules §3.9)."""
    live_since: Instant
    """When it last began or came back to life: registered, approved, restored. Nothing ends it before that."""
    settled_by: frozenset[RegistrationId] = frozenset()
    """The registrations whose wins ended the queue with this claim in it."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registration with its claims and what the CRM said about its deal."""

    id: RegistrationId
    partner: PartnerId
    place: Position
    registered_at: Instant
    registered_on: date
    facts: AccountFacts
    stated_crm_id: str | None
    products: tuple[Product, ...]
    value: Money
    engagement: Engagement | Literal["direct"]
    expected_close_on: date | None
    deal: DealRef | None
    shares: tuple[Share, ...]
    claims: tuple[Claim, ...]
    deal_facts: tuple[DealFact, ...]
    extensions_used: int
    leaves_at: Instant | None
    leaves_for_fraud: bool
    evidence: tuple[Position, ...]
    """Positions of the events that made it what it is, deal facts and cases apart."""
    segment: str | None = None
    origin: LeadOrigin | None = None
    roles: tuple[PartnerRole, ...] = ()
    created_at: Instant | None = None
    """Of the vendor's own: when its CRM says that the opportunity was created."""
    rejection: Rejection | None = None
    approved_at: Instant | None = None
    """When it was first approved for any of its products, or took the first place by promotion or decision."""
    payment_awaited: tuple[Instant, ...] = ()
    """The instants by which a payment was missing, each written down once."""
    asked_extension: AskedExtension | None = None
    verdict: Verdict | None = None
    merged_deals: tuple[DealRef, ...] = ()
    """The CRM's ids that are one deal and lead here, that of `deal` among them; empty: `deal` alone."""
    led_elsewhere: bool = False
    """Whether `deal` is one with another registration's, and leads there."""
    parted_at: Instant | None = None
    """When a person found that `deal`, which had been merged, is an opportunity of its own."""
    sales_owner: SalesOwner = "not_named"
    earlier: tuple[Earlier, ...] = ()
    """How it stood before each transfer to a partner that acquired another, oldest first."""

    @property
    def is_direct(self) -> bool:
        """Whether it is the vendor's own, not a partner's."""
        return self.partner == VENDOR

    def claim_on(self, product: Product) -> Claim:
        """The claim on one of its products; claims stand in the order of the products."""
        return self.claims[self.products.index(product)]

    @property
    def leading_deals(self) -> tuple[DealRef, ...]:
        """The CRM's ids that lead here."""
        if self.deal is None or self.led_elsewhere:
            return ()
        return self.merged_deals or (self.deal,)

    @property
    def deal_value(self) -> Money:
        """The deal's value as the CRM stated it last; the registration's own figure until then (rules §5)."""
        return deals.stated_value(self.deal_facts) or self.value


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An interval in which one claim was first: still so while `until` is None. A win leaves the holder in place."""

    registration: RegistrationId
    partner: PartnerId
    opportunity: int
    since: Instant
    until: Instant | None
    ended_by: str | None
    lasts_until: Instant | None = None
    """Ended by a win: until when it would have lasted by itself, None without protection."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that is claimed on one account."""

    id: AccountId
    registrations: Mapping[RegistrationId, Registration] = field(default_factory=dict)
    order: Mapping[Product, tuple[RegistrationId, ...]] = field(default_factory=dict)
    """Every registration that ever claimed the product, in the order of the queue."""
    holdings: Mapping[Product, tuple[Holding, ...]] = field(default_factory=dict)
    cases: Mapping[CaseId, Case] = field(default_factory=dict)
    credit_moved: Mapping[RegistrationId, RegistrationId] = field(default_factory=dict)
    """After a win: the credit of the key's deal goes to the value's partner, by decision."""
    credit_shared: Mapping[RegistrationId, tuple[Share, ...]] = field(default_factory=dict)
    """After a win: how the credit of the key's deal is shared, by decision."""
    credit_void: frozenset[RegistrationId] = frozenset()
    """Registrations whose won deal credits nobody, by decision."""
    share_proposals: Mapping[ShareProposalId, ShareProposal] = field(default_factory=dict)
    """All that were ever made, oldest first; of each registration at most one is open."""
    apart: frozenset[tuple[Product, int]] = frozenset()
    """Opportunities that a decision found to be distinct: a queue of their own beside the product's (rules §4)."""
    customers: tuple[Customer, ...] = ()
    """What the CRM said of what the vendor sells here already."""
    keys: tuple[AccountKey, ...] = ()
    """The keys that lead here: those of its registrations and of its aliases."""
    names: Mapping[str, tuple[NameKey, ...]] = field(default_factory=dict)
    """Its names, each with the name keys under which it is found."""
    aliases: tuple[AccountFacts, ...] = ()
    """What staff or a CRM said that it is called too."""
    absorbed: tuple[AccountId, ...] = ()
    """The accounts that were found to be this one."""
    merged_into: AccountId | None = None
    """The account that this one was found to be: all that stood here stands there."""
    joining: Mapping[AccountId, "Account"] = field(default_factory=dict)
    """Accounts that are about to be merged into this one, while a history is folded."""

    @property
    def facts(self) -> Iterator[AccountFacts]:
        """All that is known of the customer."""
        yield from (registration.facts for registration in self.registrations.values())
        yield from (customer.facts for customer in self.customers)
        yield from self.aliases

    def queue(self, product: Product, opportunity: int | None = None) -> Iterator[tuple[Registration, Claim]]:
        """The live claims on a product, in order: all of them, or those about one opportunity."""
        for registration_id in self.order.get(product, ()):
            registration = self.registrations[registration_id]
            claim = registration.claims[registration.products.index(product)]
            if is_live(claim) and (opportunity is None or opportunity == claim.opportunity):
                yield registration, claim

    def holder(self, product: Product, opportunity: int | None = None) -> tuple[Registration, Claim] | None:
        """The first live claim that does not wait: the holder of an opportunity, or of the first that has one."""
        for registration, claim in self.queue(product, opportunity):
            if not isinstance(claim.stage, Waiting):
                return registration, claim
        return None

    def open_share_proposal(self, registration: RegistrationId) -> ShareProposal | None:
        """The proposal of a registration's shares that waits for answers."""
        made = (p for p in self.share_proposals.values() if p.registration == registration and p.is_open)
        return next(made, None)


def is_live(claim: Claim) -> bool:
    """Whether the claim stands in its queue: not ended, and its queue not ended by a win."""
    return not claim.settled_by and not isinstance(claim.stage, Ended)
