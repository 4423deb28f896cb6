"""What the CRM says of the vendor's own sales on an account. These are the stored format: add, never edit.

A direct deal's further life is told by the events of any deal: won, lost, reopened.
"""

from dataclasses import dataclass
from datetime import date

from domain.deal_registration.events import RegistrationEvent
from domain.ids import AccountId, AccountKey, DealRef, Instant, Product
from domain.matching import AccountFacts
from domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectDealOpened(RegistrationEvent):
    """Sales opened an opportunity: the vendor's own claim takes its place, here, in the queue of each product.

    `created_at` is when the CRM says that the opportunity was created: evidence, which moves nobody's place.
    """

    facts: AccountFacts
    keys: tuple[AccountKey, ...]
    products: tuple[Product, ...]
    value: Money
    deal: DealRef
    created_at: Instant
    opened_on: date
    occurred_at: Instant
    delivery: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBecameCustomer:
    """The customer buys from the vendor already, these products or (none stated) any: no partner brings it any more."""

    account: AccountId
    facts: AccountFacts
    keys: tuple[AccountKey, ...]
    products: tuple[Product, ...]
    since_on: date | None
    deal: DealRef | None
    occurred_at: Instant
    delivery: str


DirectEvent = DirectDealOpened | AccountBecameCustomer
