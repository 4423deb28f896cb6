"""An account after one more event. Never refuses, never computes money, never asks the time."""

from collections.abc import Iterable

from domain.account import queueing, sales
from domain.account.case_evolution import after_case_event
from domain.account.claim_evolution import ClaimEvent, after_claim_event, reminded
from domain.account.deal_evolution import fact_of, with_facts
from domain.account.deal_linking import LinkEvent, after_link_event
from domain.account.direct_deals import after_direct_event
from domain.account.events import AccountAliasAdded, AccountOwnEvent, AccountsMerged
from domain.account.merging import emptied, known_by, merged, with_alias
from domain.account.share_evolution import after_share_event, with_shares_agreed
from domain.account.state import (
    Account,
    Claim,
    Registration,
    UnderReview,
    Waiting,
)
from domain.account.transfers import after_transfer
from domain.changed import changed
from domain.conflict_case.events import CaseEvent, ConflictCaseEvent
from domain.deal_registration import deal
from domain.deal_registration.events import (
    DealFactRecorded,
    DealRegistered,
    DealRegistrationEvent,
    PartnerLeaves,
    PaymentAwaited,
    RolesStated,
    SharesAgreed,
)
from domain.deal_registration.merge_events import MergeEvent
from domain.deal_registration.protection_events import (
    ProtectionEndsSoon,
    ProtectionEvent,
)
from domain.deal_registration.sales_owner_events import SalesOwnerAwaited, SalesOwnerEvent, SalesOwnerNamed
from domain.deal_registration.share_events import ShareProposalEvent, ShareProposalEvents
from domain.deal_registration.transfer_events import ShareProposalTransferred, TransferEvent
from domain.direct_deal.events import DirectEvent
from domain.ids import Instant, Product
from domain.recorded import Recorded, at_the_place_of

AccountEvent = (
    DealRegistrationEvent
    | ProtectionEvent
    | ShareProposalEvents
    | ShareProposalTransferred
    | TransferEvent
    | SalesOwnerEvent
    | MergeEvent
    | ConflictCaseEvent
    | DirectEvent
    | AccountOwnEvent
)

_OtherEvent = (
    ClaimEvent
    | SharesAgreed
    | RolesStated
    | SalesOwnerEvent
    | TransferEvent
    | LinkEvent
    | PartnerLeaves
    | PaymentAwaited
    | ProtectionEndsSoon
)


def evolve(account: Account | None, recorded: Recorded[AccountEvent]) -> Account:
    """The account after one more event."""
    event = recorded.event
    if account is None:
        account = Account(id=event.account)
    if event.account != account.id:
        if isinstance(event, AccountsMerged) and event.absorbed == account.id:
            return emptied(account, event.account)
        return _with_another_joining(account, recorded)
    if isinstance(event, DealRegistered):
        return _registered(account, recorded, event)
    if isinstance(event, AccountsMerged):
        return merged(account, account.joining[event.absorbed], recorded.recorded_at)
    if isinstance(event, AccountAliasAdded):
        return with_alias(account, event)
    if isinstance(event, CaseEvent):
        return after_case_event(account, at_the_place_of(recorded, event))
    if isinstance(event, DirectEvent):
        account = after_direct_event(account, at_the_place_of(recorded, event))
        return known_by(account, event.keys, "", ())
    if isinstance(event, ShareProposalEvent):
        return after_share_event(account, at_the_place_of(recorded, event))
    if isinstance(event, DealFactRecorded):
        fact = fact_of(at_the_place_of(recorded, event))
        facts = deal.with_fact(account.registrations[event.registration].deal_facts, fact)
        account = with_facts(account, event.registration, facts, at=recorded.recorded_at, position=recorded.position)
    else:
        account = _after(account, at_the_place_of(recorded, event))
    return sales.with_sale_noted(account, event.registration, recorded.recorded_at)


def _with_another_joining(account: Account, recorded: Recorded[AccountEvent]) -> Account:
    """An event of an account that is merged into this one later, or into one that is."""
    event = recorded.event
    other = account.joining.get(event.account) or Account(id=event.account)
    joining = dict(account.joining)
    if isinstance(event, AccountsMerged):
        other = changed(other, joining={event.absorbed: joining.pop(event.absorbed)})
    joining[event.account] = evolve(other, recorded)
    return changed(account, joining=joining)


def fold(history: Iterable[Recorded[AccountEvent]], account: Account | None = None) -> Account | None:
    """The account after a history."""
    for recorded in history:
        account = evolve(account, recorded)
    return account


def _registered(account: Account, recorded: Recorded[AccountEvent], event: DealRegistered) -> Account:
    claims = tuple([_newcomer(account, product, recorded.recorded_at) for product in event.products])
    registration = Registration(
        id=event.registration,
        partner=event.partner,
        place=recorded.position,
        registered_at=recorded.recorded_at,
        registered_on=event.registered_on,
        facts=event.facts,
        stated_crm_id=event.stated_crm_id,
        products=event.products,
        value=event.value,
        engagement=event.engagement,
        expected_close_on=event.expected_close_on,
        deal=event.deal,
        shares=event.shares,
        claims=claims,
        deal_facts=(),
        extensions_used=0,
        leaves_at=None,
        leaves_for_fraud=False,
        evidence=(recorded.position,),
        segment=event.segment,
        origin=event.origin,
        roles=event.roles,
        sales_owner="named" if event.has_sales_owner else "not_named",
    )
    account = changed(
        account,
        registrations=queueing.with_entry(account.registrations, registration.id, registration),
        order={**account.order, **{p: (*account.order.get(p, ()), registration.id) for p in event.products}},
    )
    for product in event.products:
        account = queueing.with_holder_noted(account, product, recorded.recorded_at, "displaced")
    return known_by(account, event.keys, event.facts.name, event.name_keys)


def _newcomer(account: Account, product: Product, at: Instant) -> Claim:
    opportunity = sales.opportunity_for_newcomer(account, product)
    is_first = account.holder(product, opportunity) is None
    stage = UnderReview(since=at) if is_first else Waiting(case=None)
    return Claim(product=product, stage=stage, opportunity=opportunity, live_since=at)


def _after(account: Account, recorded: Recorded[_OtherEvent]) -> Account:
    event, at, position = recorded.event, recorded.recorded_at, recorded.position
    registration = account.registrations[event.registration]
    evidence = (*registration.evidence, position)
    if isinstance(event, ClaimEvent):
        return after_claim_event(account, changed(registration, evidence=evidence), at_the_place_of(recorded, event))
    if isinstance(event, ProtectionEndsSoon):
        return queueing.with_registration(account, reminded(registration, event))
    if isinstance(event, TransferEvent):
        return after_transfer(account, registration, at_the_place_of(recorded, event))
    if isinstance(event, SharesAgreed):
        return with_shares_agreed(account, at_the_place_of(recorded, event))
    if isinstance(event, RolesStated):
        return queueing.with_registration(account, changed(registration, roles=event.roles, evidence=evidence))
    if isinstance(event, SalesOwnerNamed):
        return queueing.with_registration(account, changed(registration, sales_owner="named", evidence=evidence))
    if isinstance(event, SalesOwnerAwaited):
        return queueing.with_registration(account, changed(registration, sales_owner="awaited", evidence=evidence))
    if isinstance(event, PartnerLeaves):
        leaves_at, fraud = max(event.ends_at, at), event.fraud
        leaving = changed(registration, leaves_at=leaves_at, leaves_for_fraud=fraud, evidence=evidence)
        return queueing.with_registration(account, leaving)
    if isinstance(event, PaymentAwaited):
        awaited = (*registration.payment_awaited, event.at)
        return queueing.with_registration(account, changed(registration, payment_awaited=awaited, evidence=evidence))
    return after_link_event(account, changed(registration, evidence=evidence), at_the_place_of(recorded, event))
