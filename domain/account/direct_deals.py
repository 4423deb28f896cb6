"""What the vendor's own sales do to an account: a claim of the vendor's own, or a customer that is won already."""

from domain.account import queueing, sales
from domain.account.state import Account, Claim, Direct, Registration, Waiting
from domain.changed import changed
from domain.direct_deal.customer import Customer
from domain.direct_deal.events import DirectDealOpened, DirectEvent
from domain.ids import VENDOR, Product
from domain.recorded import Recorded, at_the_place_of


def after_direct_event(account: Account, recorded: Recorded[DirectEvent]) -> Account:
    """The account after the CRM said something of the vendor's own sales."""
    event = recorded.event
    if isinstance(event, DirectDealOpened):
        return _opened(account, at_the_place_of(recorded, event), event)
    customer = Customer(
        facts=event.facts, products=event.products, since_on=event.since_on, deal=event.deal, place=recorded.position
    )
    return changed(account, customers=(*account.customers, customer))


def _opened(account: Account, recorded: Recorded[DirectDealOpened], event: DirectDealOpened) -> Account:
    """The vendor's own claims take their places; a deal that is known already gets claims on more products."""
    claims = tuple(_claim(account, recorded, product) for product in event.products)
    known = account.registrations.get(event.registration)
    if known is None:
        registration = _registration(recorded, event, claims)
    else:
        registration = changed(
            known,
            products=(*known.products, *event.products),
            claims=(*known.claims, *claims),
            evidence=(*known.evidence, recorded.position),
        )
    account = changed(
        account,
        registrations=queueing.with_entry(account.registrations, registration.id, registration),
        order={**account.order, **{p: (*account.order.get(p, ()), registration.id) for p in event.products}},
    )
    for product in event.products:
        account = queueing.with_holder_noted(account, product, recorded.recorded_at, "displaced")
    return account


def _claim(account: Account, recorded: Recorded[DirectDealOpened], product: Product) -> Claim:
    at, opportunity = recorded.recorded_at, sales.opportunity_for_newcomer(account, product)
    is_first = account.holder(product, opportunity) is None
    stage = Direct(since=at) if is_first else Waiting(case=None)
    return Claim(product=product, stage=stage, opportunity=opportunity, live_since=at)


def _registration(
    recorded: Recorded[DirectDealOpened], event: DirectDealOpened, claims: tuple[Claim, ...]
) -> Registration:
    """The vendor's own claims as everybody's stand in a queue. Nobody has a share, so a win of it credits nobody."""
    return Registration(
        id=event.registration,
        partner=VENDOR,
        place=recorded.position,
        registered_at=recorded.recorded_at,
        registered_on=event.opened_on,
        facts=event.facts,
        stated_crm_id=None,
        products=event.products,
        value=event.value,
        engagement="direct",
        expected_close_on=None,
        deal=event.deal,
        shares=(),
        claims=claims,
        deal_facts=(),
        extensions_used=0,
        leaves_at=None,
        leaves_for_fraud=False,
        evidence=(recorded.position,),
        created_at=event.created_at,
    )
