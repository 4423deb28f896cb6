"""What a partner must be told, and by which event: the notices that a mailer picks up from the outbox.

What the caller of a command learns from its own answer is no notice: an automatic approval, one's own withdrawal.
Each notice is about one partner's own registration and says nothing of anybody else's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from domain.account.evolve import AccountEvent
from domain.account.priority import protection
from domain.account.state import Account, Registration
from domain.conflict_case.events import CaseCommunicated, CaseDecided, CaseIdentified, Outcome
from domain.deal_registration.events import (
    ClaimEnded,
    ProtectionExpired,
    RegistrationApproved,
    RegistrationPromoted,
    RegistrationRejected,
    RegistrationReturned,
    RejectionCode,
)
from domain.deal_registration.protection_events import (
    ExtensionDeclined,
    ExtensionGranted,
    ProtectionEndsSoon,
    ReturnLapsed,
)
from domain.deal_registration.sales_owner_events import SalesOwnerAwaited
from domain.deal_registration.transfer_events import RegistrationTransferred
from domain.ids import VENDOR, CaseId, Instant, PartnerId, Product, RegistrationId
from domain.recorded import Recorded

NoticeKind = Literal[
    "approved",
    "transferred",
    "sales_owner_awaited",
    "first_in_line",
    "returned",
    "return_lapsed",
    "rejected",
    "protection_ends_soon",
    "protection_ended",
    "claim_ended",
    "extension_granted",
    "extension_declined",
    "case_opened",
    "case_decided",
    "case_message",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one partner is told about one of its registrations. What a kind has no use for is None or empty."""

    kind: NoticeKind
    partner: PartnerId
    registration: RegistrationId
    account_name: str
    products: tuple[Product, ...]
    at: Instant
    """When it became so, which may lie before it was recorded."""
    until: Instant | None = None
    """The end of protection, or of the time to answer."""
    days_left: int | None = None
    case: CaseId | None = None
    outcome: Outcome | None = None
    fields: tuple[str, ...] = ()
    reason_code: RejectionCode | None = None
    text: str | None = None
    """What somebody wrote for the partner: a reason, a message."""


NOTICED: Final = (
    RegistrationApproved,
    RegistrationPromoted,
    RegistrationReturned,
    RegistrationRejected,
    SalesOwnerAwaited,
    RegistrationTransferred,
    ReturnLapsed,
    ProtectionExpired,
    ProtectionEndsSoon,
    ClaimEnded,
    ExtensionGranted,
    ExtensionDeclined,
    CaseIdentified,
    CaseDecided,
    CaseCommunicated,
)
"""The events that may lead to notices."""

_Noticed = (
    RegistrationApproved
    | RegistrationPromoted
    | RegistrationReturned
    | RegistrationRejected
    | SalesOwnerAwaited
    | RegistrationTransferred
    | ReturnLapsed
    | ProtectionExpired
    | ProtectionEndsSoon
    | ClaimEnded
    | ExtensionGranted
    | ExtensionDeclined
)
_CaseNoticed = CaseIdentified | CaseDecided | CaseCommunicated


def notices_of(account: Account, recorded: Recorded[AccountEvent]) -> tuple[Notice, ...]:
    """Whom an event concerns and what each is told, given the account after it; nobody for the vendor's own claims."""
    return tuple(notice for notice in _notices(account, recorded) if notice.partner != VENDOR)


def _notices(account: Account, recorded: Recorded[AccountEvent]) -> Iterator[Notice]:
    event = recorded.event
    if isinstance(event, _CaseNoticed):
        yield from _about_case(account, event, recorded.recorded_at)
    elif isinstance(event, _Noticed) and not (isinstance(event, RegistrationApproved) and event.automatic):
        yield _about_registration(account.registrations[event.registration], event, recorded.recorded_at)


def _about_registration(registration: Registration, event: _Noticed, at: Instant) -> Notice:
    if isinstance(event, RegistrationApproved):
        return _notice(registration, "approved", at, products=event.products, until=event.protected_until)
    if isinstance(event, RegistrationTransferred):
        protected = protection(registration)
        return _notice(registration, "transferred", event.at, until=None if protected is None else protected[1])
    if isinstance(event, SalesOwnerAwaited):
        return _notice(registration, "sales_owner_awaited", at)
    if isinstance(event, RegistrationReturned):
        return _notice(registration, "returned", at, until=event.keeps_until, fields=event.fields, text=event.reason)
    if isinstance(event, RegistrationRejected):
        return _notice(registration, "rejected", at, reason_code=event.code, text=event.reason)
    if isinstance(event, ExtensionGranted):
        longer = (*event.extensions, *event.continued)
        until = max(extension.protected_until for extension in longer)
        products = tuple(extension.product for extension in longer)
        return _notice(registration, "extension_granted", at, products=products, until=until)
    if isinstance(event, ExtensionDeclined):
        return _notice(registration, "extension_declined", at, text=event.reason)
    if isinstance(event, ProtectionEndsSoon):
        return _notice(
            registration,
            "protection_ends_soon",
            event.at,
            products=event.products,
            until=event.protected_until,
            days_left=event.days_left,
        )
    return _by_time(registration, event)


def _by_time(
    registration: Registration, event: RegistrationPromoted | ReturnLapsed | ProtectionExpired | ClaimEnded
) -> Notice:
    products, until = (event.product,), None
    kind: NoticeKind
    if isinstance(event, RegistrationPromoted):
        kind, until = "first_in_line", event.protected_until
    elif isinstance(event, ReturnLapsed):
        kind = "return_lapsed"
    else:
        kind = "protection_ended" if isinstance(event, ProtectionExpired) else "claim_ended"
    return _notice(registration, kind, event.at, products=products, until=until)


def _about_case(account: Account, event: _CaseNoticed, at: Instant) -> Iterator[Notice]:
    case = account.cases[event.case]
    texts = {m.party: m.text for m in event.messages} if isinstance(event, CaseCommunicated) else {}
    for registration in case.registrations:
        own = account.registrations[registration]
        products = own.products if case.product is None else (case.product,)
        if isinstance(event, CaseIdentified):
            yield _notice(own, "case_opened", at, products=products, case=case.id)
        elif isinstance(event, CaseDecided):
            yield _notice(own, "case_decided", at, products=products, case=case.id, outcome=event.outcome)
        elif own.partner in texts:
            yield _notice(own, "case_message", at, products=products, case=case.id, text=texts.pop(own.partner))


def _notice(
    registration: Registration,
    kind: NoticeKind,
    at: Instant,
    *,
    products: tuple[Product, ...] | None = None,
    until: Instant | None = None,
    days_left: int | None = None,
    case: CaseId | None = None,
    outcome: Outcome | None = None,
    fields: tuple[str, ...] = (),
    reason_code: RejectionCode | None = None,
    text: str | None = None,
) -> Notice:
    return Notice(
        kind=kind,
        partner=registration.partner,
        registration=registration.id,
        account_name=registration.facts.name,
        products=registration.products if products is None else products,
        at=at,
        until=until,
        days_left=days_left,
        case=case,
        outcome=outcome,
        fields=fields,
        reason_code=reason_code,
        text=text,
    )
