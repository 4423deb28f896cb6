"""What must be told of what happens on an account, and by which event."""

from collections.abc import Iterator
from typing import Final

from domain.account.evolve import AccountEvent
from domain.account.priority import protection
from domain.account.state import Account, Registration
from domain.changed import changed
from domain.conflict_case.events import CaseCommunicated, CaseDecided, CaseEscalated, CaseIdentified, Outcome
from domain.deal_registration.events import (
    ClaimEnded,
    ProtectionExpired,
    RegistrationApproved,
    RegistrationPromoted,
    RegistrationRejected,
    RegistrationReturned,
    RejectionCode,
    SharesAgreed,
)
from domain.deal_registration.protection_events import (
    ExtensionDeclined,
    ExtensionGranted,
    ProtectionEndsSoon,
    ReturnLapsed,
)
from domain.deal_registration.sales_owner_events import SalesOwnerAwaited
from domain.deal_registration.share_events import (
    ProposedSharesDeclined,
    ShareProposalExpired,
    SharesProposed,
)
from domain.deal_registration.share_proposal import ShareProposal
from domain.deal_registration.transfer_events import RegistrationTransferred, ShareProposalTransferred
from domain.ids import VENDOR, CaseId, Instant, PartnerId, Product
from domain.notice import Notice, NoticeKind
from domain.recorded import Recorded

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
    CaseEscalated,
    SharesProposed,
    ShareProposalTransferred,
    ProposedSharesDeclined,
    ShareProposalExpired,
    SharesAgreed,
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
_ProposalNoticed = (
    SharesProposed | ShareProposalTransferred | ProposedSharesDeclined | ShareProposalExpired | SharesAgreed
)


def notices_of(account: Account, recorded: Recorded[AccountEvent]) -> tuple[Notice, ...]:
    """Whom an event concerns and what each is told, given the account after it; nobody for the vendor's own claims."""
    return tuple(notice for notice in _notices(account, recorded) if notice.partner != VENDOR)


def _notices(account: Account, recorded: Recorded[AccountEvent]) -> Iterator[Notice]:
    event = recorded.event
    if isinstance(event, _CaseNoticed):
        yield from _about_case(account, event, recorded.recorded_at)
    elif isinstance(event, CaseEscalated):
        yield _overdue(account, event)
    elif isinstance(event, _ProposalNoticed):
        yield from _about_proposal(account, event, recorded.recorded_at)
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


def _overdue(account: Account, event: CaseEscalated) -> Notice:
    """Whoever works on cases has not taken the next step in time: that is for the vendor's own staff."""
    case = account.cases[event.case]
    challenger = account.registrations[case.challenger]
    products = challenger.products if case.product is None else (case.product,)
    found = _notice(challenger, "case_overdue", event.due_at, products=products, case=case.id)
    return changed(found, partner=None, awaited=event.awaited)


def _about_proposal(account: Account, event: _ProposalNoticed, at: Instant) -> Iterator[Notice]:
    """Each partner named reads of its own part; which registration it is about, the lead alone."""
    if event.proposal is None:
        return
    proposal = account.share_proposals[event.proposal]
    own = account.registrations[proposal.registration]
    for share in proposal.shares:
        kind = _kind_for(share.partner, own.partner, event, proposal)
        if kind is None:
            continue
        declined = event if isinstance(event, ProposedSharesDeclined) else None
        found = _notice(
            own,
            kind,
            event.at if isinstance(event, ShareProposalExpired) else at,
            until=proposal.expires_at if kind == "shares_proposed" else None,
            text=declined.reason if declined is not None and share.partner == own.partner else None,
        )
        yield changed(
            found,
            partner=share.partner,
            registration=own.id if share.partner == own.partner else None,
            share_proposal=proposal.id,
            basis_points=share.basis_points,
        )


def _kind_for(
    partner: PartnerId, lead: PartnerId, event: _ProposalNoticed, proposal: ShareProposal
) -> NoticeKind | None:
    """What one partner in a proposal is told; whose own answer it was knows already."""
    if isinstance(event, SharesProposed):
        return None if partner == event.proposed_by else "shares_proposed"
    if isinstance(event, ShareProposalTransferred):
        return "shares_proposed" if partner == event.to and partner not in event.accepted else None
    if isinstance(event, ProposedSharesDeclined):
        closed: NoticeKind = "shares_declined" if partner == lead else "share_proposal_closed"
        return None if partner == event.partner else closed
    if isinstance(event, ShareProposalExpired):
        return "share_proposal_expired"
    return None if partner == proposal.accepted[-1] else "shares_agreed"


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
