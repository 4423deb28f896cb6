"""An account after one more event. Never refuses, never computes money, never asks the time."""

from collections.abc import Iterable
from typing import assert_never

from domain.account import queueing, sales
from domain.account.case_evolution import after_case_event
from domain.account.deal_evolution import fact_of, with_facts
from domain.account.direct_deals import after_direct_event
from domain.account.review import AskedExtension, Rejection
from domain.account.share_evolution import after_share_event, with_shares_agreed
from domain.account.state import (
    Account,
    Claim,
    Direct,
    Ended,
    EndReason,
    Protected,
    Registration,
    Returned,
    UnderReview,
    Waiting,
)
from domain.changed import changed
from domain.conflict_case.events import CaseEvent, ConflictCaseEvent
from domain.deal_registration import deal
from domain.deal_registration.events import (
    ClaimEnded,
    DealFactRecorded,
    DealLinked,
    DealRegistered,
    DealRegistrationEvent,
    DealUnlinked,
    Extension,
    PartnerLeaves,
    PaymentAwaited,
    ProtectionExpired,
    ProtectionExtended,
    RegistrationApproved,
    RegistrationPromoted,
    RegistrationRejected,
    RegistrationResubmitted,
    RegistrationReturned,
    RegistrationWithdrawn,
    RolesStated,
    SharesAgreed,
)
from domain.deal_registration.protection_events import (
    ExtensionAsked,
    ExtensionDeclined,
    ExtensionGranted,
    ProtectionEndsSoon,
    ProtectionEvent,
    ReturnLapsed,
)
from domain.deal_registration.share_events import ShareProposalEvent, ShareProposalEvents
from domain.direct_deal.events import DirectEvent
from domain.ids import Instant, Product
from domain.recorded import Recorded, at_the_place_of

AccountEvent = DealRegistrationEvent | ProtectionEvent | ShareProposalEvents | ConflictCaseEvent | DirectEvent

_ExtensionEvent = ExtensionAsked | ExtensionGranted | ExtensionDeclined
_ClaimEvent = (
    RegistrationApproved
    | RegistrationPromoted
    | RegistrationReturned
    | RegistrationResubmitted
    | RegistrationRejected
    | RegistrationWithdrawn
    | ProtectionExpired
    | ProtectionExtended
    | ClaimEnded
    | ReturnLapsed
    | _ExtensionEvent
)
_OtherEvent = (
    _ClaimEvent
    | SharesAgreed
    | RolesStated
    | DealLinked
    | DealUnlinked
    | PartnerLeaves
    | PaymentAwaited
    | ProtectionEndsSoon
)


def evolve(account: Account | None, recorded: Recorded[AccountEvent]) -> Account:
    """The account after one more event."""
    event = recorded.event
    if account is None:
        account = Account(id=event.account)
    if isinstance(event, CaseEvent):
        return after_case_event(account, at_the_place_of(recorded, event))
    if isinstance(event, DirectEvent):
        return after_direct_event(account, at_the_place_of(recorded, event))
    if isinstance(event, DealRegistered):
        return _registered(account, recorded, event)
    if isinstance(event, ShareProposalEvent):
        return after_share_event(account, at_the_place_of(recorded, event))
    if isinstance(event, DealFactRecorded):
        fact = fact_of(at_the_place_of(recorded, event))
        facts = deal.with_fact(account.registrations[event.registration].deal_facts, fact)
        account = with_facts(account, event.registration, facts, at=recorded.recorded_at, position=recorded.position)
    else:
        account = _after(account, at_the_place_of(recorded, event))
    return sales.with_sale_noted(account, event.registration, recorded.recorded_at)


def fold(history: Iterable[Recorded[AccountEvent]], account: Account | None = None) -> Account | None:
    """The account after a history."""
    for recorded in history:
        account = evolve(account, recorded)
    return account


def _registered(account: Account, recorded: Recorded[AccountEvent], event: DealRegistered) -> Account:
    claims = tuple(_newcomer(account, product, recorded.recorded_at) for product in event.products)
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
    )
    account = changed(
        account,
        registrations=queueing.with_entry(account.registrations, registration.id, registration),
        order={**account.order, **{p: (*account.order.get(p, ()), registration.id) for p in event.products}},
    )
    for product in event.products:
        account = queueing.with_holder_noted(account, product, recorded.recorded_at, "displaced")
    return account


def _newcomer(account: Account, product: Product, at: Instant) -> Claim:
    opportunity = sales.opportunity_for_newcomer(account, product)
    is_first = account.holder(product, opportunity) is None
    stage = UnderReview(since=at) if is_first else Waiting(case=None)
    return Claim(product=product, stage=stage, opportunity=opportunity, live_since=at)


def _after(account: Account, recorded: Recorded[_OtherEvent]) -> Account:
    event, at, position = recorded.event, recorded.recorded_at, recorded.position
    registration = account.registrations[event.registration]
    if isinstance(event, ProtectionEndsSoon):
        return queueing.with_registration(account, _reminded(registration, event))
    evidence = (*registration.evidence, position)
    if isinstance(event, SharesAgreed):
        return with_shares_agreed(account, at_the_place_of(recorded, event))
    if isinstance(event, RolesStated):
        return queueing.with_registration(account, changed(registration, roles=event.roles, evidence=evidence))
    if isinstance(event, PartnerLeaves):
        leaves_at, fraud = max(event.ends_at, at), event.fraud
        leaving = changed(registration, leaves_at=leaves_at, leaves_for_fraud=fraud, evidence=evidence)
        return queueing.with_registration(account, leaving)
    if isinstance(event, PaymentAwaited):
        awaited = (*registration.payment_awaited, event.at)
        return queueing.with_registration(account, changed(registration, payment_awaited=awaited, evidence=evidence))
    if isinstance(event, DealLinked):
        account = queueing.with_registration(account, changed(registration, deal=event.deal, evidence=evidence))
        return with_facts(account, registration.id, event.facts, at=at, position=position)
    if isinstance(event, DealUnlinked):
        account = queueing.with_registration(account, changed(registration, deal=None, evidence=evidence))
        return with_facts(account, registration.id, (), at=at, position=position)
    return _after_claim_event(account, changed(registration, evidence=evidence), at_the_place_of(recorded, event))


def _after_claim_event(account: Account, registration: Registration, recorded: Recorded[_ClaimEvent]) -> Account:
    event, at, position = recorded.event, recorded.recorded_at, recorded.position
    if isinstance(event, RegistrationApproved):
        account = queueing.with_registration(account, _approved(registration, event, at))
        return queueing.with_approval(account, registration.id, at)
    if isinstance(event, RegistrationReturned | RegistrationResubmitted):
        return queueing.with_registration(account, _reviewed(registration, event, at))
    if isinstance(event, ProtectionExtended):
        return queueing.with_registration(account, _extended(registration, event.extensions, at))
    if isinstance(event, ExtensionAsked | ExtensionGranted | ExtensionDeclined):
        return _after_asking(account, registration, event, at)
    account = queueing.with_registration(account, registration)
    if isinstance(event, RegistrationPromoted):
        return _promoted(account, registration, event)
    if isinstance(event, RegistrationRejected):
        rejected = changed(registration, rejection=Rejection(reason=event.reason, code=event.code))
        account = queueing.with_registration(account, rejected)
        return queueing.end_claims(account, registration.id, at=at, by="rejected", position=position)
    if isinstance(event, RegistrationWithdrawn):
        return queueing.end_claims(account, registration.id, at=at, by="withdrawn", position=position)
    if isinstance(event, ProtectionExpired):
        by: EndReason = "expired"
    elif isinstance(event, ReturnLapsed):
        by = "return_lapsed"
    elif isinstance(event, ClaimEnded):
        by = "fraud" if event.fraud else "partner_terminated"
    else:
        assert_never(event)
    return queueing.end_claim(account, registration.id, event.product, at=event.at, by=by, position=position)


def _approved(registration: Registration, event: RegistrationApproved, at: Instant) -> Registration:
    stage = Protected(since=event.protected_from, until=event.protected_until, reminded_to=at)
    claims = tuple(
        changed(claim, stage=stage, live_since=at) if claim.product in event.products else claim
        for claim in registration.claims
    )
    return changed(registration, claims=claims)


def _promoted(account: Account, registration: Registration, event: RegistrationPromoted) -> Account:
    stage: Direct | UnderReview | Protected
    if registration.is_direct:
        stage = Direct(since=event.at)
    elif event.protected_until is None:
        stage = UnderReview(since=event.at)
    else:
        stage = Protected(since=event.at, until=event.protected_until)
    claim = changed(registration.claim_on(event.product), stage=stage)
    account = queueing.with_claim(account, registration.id, claim)
    if event.protected_until is not None:
        account = queueing.with_approval(account, registration.id, event.at)
    return queueing.with_holder_noted(account, event.product, event.at, "promoted")


def _reviewed(
    registration: Registration, event: RegistrationReturned | RegistrationResubmitted, at: Instant
) -> Registration:
    if isinstance(event, RegistrationReturned):
        returned = Returned(fields=event.fields, reason=event.reason, since=at, until=event.keeps_until)
        claims = (changed(c, stage=returned) if isinstance(c.stage, UnderReview) else c for c in registration.claims)
        return changed(registration, claims=tuple(claims))
    again = UnderReview(since=at)
    claims = (changed(c, stage=again) if isinstance(c.stage, Returned) else c for c in registration.claims)
    return changed(
        registration,
        claims=tuple(claims),
        value=event.value or registration.value,
        engagement=event.engagement or registration.engagement,
        expected_close_on=event.expected_close_on or registration.expected_close_on,
    )


def _extended(registration: Registration, extensions: Iterable[Extension], at: Instant) -> Registration:
    ends = {extension.product: extension.protected_until for extension in extensions}
    claims = []
    for claim in registration.claims:
        if claim.product in ends:
            assert isinstance(claim.stage, Protected)
            longer = changed(claim.stage, until=ends[claim.product], reminded_to=at)
            claims.append(changed(claim, stage=longer))
        else:
            claims.append(claim)
    used = registration.extensions_used + 1
    return changed(registration, claims=tuple(claims), extensions_used=used, asked_extension=None)


def _after_asking(account: Account, registration: Registration, event: _ExtensionEvent, at: Instant) -> Account:
    if isinstance(event, ExtensionAsked):
        asked = AskedExtension(asked_at=at, evidence=event.evidence)
        return queueing.with_registration(account, changed(registration, asked_extension=asked))
    if isinstance(event, ExtensionDeclined):
        return queueing.with_registration(account, changed(registration, asked_extension=None))
    account = queueing.with_registration(account, _extended(registration, event.extensions, at))
    for extension in event.continued:
        claim = registration.claim_on(extension.product)
        assert isinstance(claim.stage, Ended) and isinstance(claim.stage.before, Protected)
        stage = changed(claim.stage.before, until=extension.protected_until, reminded_to=at)
        account = queueing.with_claim(account, registration.id, changed(claim, stage=stage, live_since=at))
        account = queueing.with_hold_continued(account, extension.product, claim.opportunity)
    return account


def _reminded(registration: Registration, event: ProtectionEndsSoon) -> Registration:
    claims = (
        changed(claim, stage=changed(claim.stage, reminded_to=event.at))
        if isinstance(claim.stage, Protected) and claim.product in event.products
        else claim
        for claim in registration.claims
    )
    return changed(registration, claims=tuple(claims))
