"""What the CRM says of the vendor's own sales: a deal of theirs is opened or closed, or the customer is won (rules §3).

A direct deal stands in the queues as the vendor's own claim, and its life is that of any deal: its facts fold by
(`occurred_at`, delivery id), a win ends the queue, a loss leaves it to whoever waits, and a reopening brings it back.
"""

from dataclasses import dataclass, replace
from datetime import date

from domain.account.draft import Draft
from domain.calendar import local_date
from domain.deal_registration import deal
from domain.deal_registration.aggregate import catch_up
from domain.deal_registration.deal_facts import Parked, ReportFact, parked, report
from domain.direct_deal.events import AccountBecameCustomer, DirectDealOpened
from domain.ids import AccountKey, DealRef, Instant, Product, RegistrationId
from domain.matching import AccountFacts
from domain.money import Money
from domain.programme.aggregate import Programme
from domain.programme.terms import refuse_unknown_products


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDirectDeal:
    """Sales opened an opportunity. `registration` is always the same for one deal; `value` None: nothing is stated."""

    registration: RegistrationId
    facts: AccountFacts
    keys: tuple[AccountKey, ...]
    products: tuple[Product, ...]
    value: Money | None
    deal: DealRef
    created_at: Instant
    fact: ReportFact


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCustomer:
    """The account buys these products from the vendor, or (none stated) whatever there is."""

    facts: AccountFacts
    keys: tuple[AccountKey, ...]
    products: tuple[Product, ...]
    since_on: date | None
    deal: DealRef | None
    fact: ReportFact


def parked_until_created(programme: Programme, command: OpenDirectDeal, now: Instant) -> Parked | None:
    """Whether the date of the fact, or that of the opportunity itself, keeps it from being applied now."""
    held_back = parked(programme, command.fact, now)
    if held_back is None and command.created_at > now:
        return parked(programme, replace(command.fact, occurred_at=command.created_at), now)
    return held_back


def open_direct_deal(draft: Draft, command: OpenDirectDeal) -> bool:
    """Let the vendor's own claims take their places, or come back. False where all of it is so already."""
    refuse_unknown_products(command.products, draft.terms.terms.products)
    catch_up(draft)
    known = draft.account.registrations.get(command.registration)
    reopened = False
    if known is not None and deal.state_of(known.deal_facts) != "open":
        reopened = report(draft, known.id, command.fact)
    products = tuple(product for product in command.products if known is None or product not in known.products)
    if not products:
        return reopened
    draft.add(
        DirectDealOpened(
            registration=command.registration,
            account=draft.account.id,
            facts=command.facts,
            keys=command.keys,
            products=products,
            value=command.value or Money(amount_minor=0, currency=draft.programme.currency),
            deal=command.deal,
            created_at=command.created_at,
            opened_on=local_date(draft.now, draft.programme.zone),
            occurred_at=command.fact.occurred_at,
            delivery=command.fact.delivery,
        )
    )
    catch_up(draft)
    return True


def record_customer(draft: Draft, command: RecordCustomer) -> bool:
    """Note that the vendor has the customer. False where that is known; who has registered already stays in place."""
    refuse_unknown_products(command.products, draft.terms.terms.products)
    if any(_covers(known.products, command.products) for known in draft.account.customers):
        return False
    draft.add(
        AccountBecameCustomer(
            account=draft.account.id,
            facts=command.facts,
            keys=command.keys,
            products=command.products,
            since_on=command.since_on,
            deal=command.deal,
            occurred_at=command.fact.occurred_at,
            delivery=command.fact.delivery,
        )
    )
    catch_up(draft)
    return True


def _covers(known: tuple[Product, ...], stated: tuple[Product, ...]) -> bool:
    """Whether what is stated is known; no products mean any."""
    return not known or (bool(stated) and set(stated) <= set(known))
