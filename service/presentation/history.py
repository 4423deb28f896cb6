"""What happened to a registration, in words (api.md, Registrations)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from domain.account.events import AccountOwnEvent, AccountsMerged
from domain.account.evolve import AccountEvent
from domain.calendar import instant_text
from domain.conflict_case.events import (
    CaseBecameMoot,
    CaseDecided,
    CaseEvent,
    CaseIdentified,
)
from domain.deal_registration.events import (
    ClaimEnded,
    DealLinked,
    DealLost,
    DealPaid,
    DealRefunded,
    DealRegistered,
    DealReopened,
    DealUnlinked,
    DealValueStated,
    DealWon,
    Extension,
    PartnerLeaves,
    PaymentAwaited,
    ProtectionExpired,
    ProtectionExtended,
    RegistrationApproved,
    RegistrationEvent,
    RegistrationPromoted,
    RegistrationRejected,
    RegistrationResubmitted,
    RegistrationReturned,
    RegistrationWithdrawn,
    RolesStated,
    SharesAgreed,
)
from domain.deal_registration.merge_events import DealLedElsewhere, DealParted, DealsMerged, DealStoodApart
from domain.deal_registration.protection_events import (
    ExtensionAsked,
    ExtensionDeclined,
    ExtensionGranted,
    ProtectionEndsSoon,
    ReturnLapsed,
)
from domain.deal_registration.sales_owner_events import SalesOwnerAwaited, SalesOwnerNamed
from domain.deal_registration.share_events import (
    ProposedSharesAccepted,
    ProposedSharesDeclined,
    ShareProposalExpired,
    SharesProposed,
)
from domain.deal_registration.transfer_events import PartTransferred, RegistrationTransferred, ShareProposalTransferred
from domain.ids import DealRef, PartnerId, RegistrationId, Share
from domain.recorded import Recorded
from service.presentation.values import Document


def _approved(event: RegistrationApproved) -> str:
    how = "Approved automatically" if event.automatic else "Approved"
    return f"{how}: {', '.join(event.products)} protected until {instant_text(event.protected_until)}."


def _promoted(event: RegistrationPromoted) -> str:
    text = f"First for {event.product} since {instant_text(event.at)}"
    if event.protected_until is None:
        return f"{text}; protected once it is approved."
    return f"{text}, protected until {instant_text(event.protected_until)}."


def _returned(event: RegistrationReturned) -> str:
    until = "" if event.keeps_until is None else f" by {instant_text(event.keeps_until)}"
    return f"Returned to have {', '.join(event.fields)} changed{until}: {event.reason}"


def _rejected(event: RegistrationRejected) -> str:
    return f"Rejected{'' if event.code is None else f' ({event.code})'}: {event.reason}"


def _extended(event: ProtectionExtended) -> str:
    return f"Protection extended: {_longer(event.extensions)}. Evidence: {event.evidence}"


def _granted(event: ExtensionGranted) -> str:
    parts = [_longer(event.extensions)] if event.extensions else []
    if event.continued:
        parts.append(f"{_longer(event.continued)}, as if it had never ended")
    return f"Extension granted: {'; '.join(parts)}."


def _longer(extensions: Iterable[Extension]) -> str:
    return ", ".join(f"{e.product} until {instant_text(e.protected_until)}" for e in extensions)


def _ends_soon(event: ProtectionEndsSoon) -> str:
    left = "1 day" if event.days_left == 1 else f"{event.days_left} days"
    return (
        f"Reminder: protection of {', '.join(event.products)} ends in {left}, at {instant_text(event.protected_until)}."
    )


def _shares(shares: Iterable[Share]) -> str:
    return ", ".join(f"{share.partner} {share.basis_points} basis points" for share in shares)


def _won(event: DealWon) -> str:
    value = "" if event.value is None else f" for {event.value}"
    return f"The deal was won on {event.won_on}{value}."


_WORDS: Final[Mapping[type, Callable[[Any], str]]] = {
    DealRegistered: lambda e: f"Registered for {', '.join(e.products)} with {e.facts.name}, worth {e.value}.",
    RegistrationApproved: _approved,
    RegistrationPromoted: _promoted,
    RegistrationReturned: _returned,
    ReturnLapsed: lambda e: f"The claim on {e.product} ended at {instant_text(e.at)}: the return was not answered.",
    RegistrationResubmitted: lambda e: "Resubmitted.",
    RegistrationRejected: _rejected,
    RegistrationWithdrawn: lambda e: f"Withdrawn: {e.reason}",
    ProtectionExpired: lambda e: f"Protection of {e.product} ended at {instant_text(e.at)}.",
    ProtectionExtended: _extended,
    ExtensionAsked: lambda e: f"An extension was asked for. Evidence: {e.evidence}",
    ExtensionGranted: _granted,
    ExtensionDeclined: lambda e: f"The extension was declined: {e.reason}",
    ProtectionEndsSoon: _ends_soon,
    SharesProposed: lambda e: f"Shares proposed: {_shares(e.shares)}. Open until {instant_text(e.expires_at)}.",
    ProposedSharesAccepted: lambda e: f"{e.partner} accepted the proposed shares.",
    ProposedSharesDeclined: lambda e: (
        f"{e.partner} declined the proposed shares" + ("." if e.reason is None else f": {e.reason}")
    ),
    ShareProposalExpired: lambda e: f"The proposal of shares expired at {instant_text(e.at)}.",
    RolesStated: lambda e: "The roles of partners in the deal were stated.",
    RegistrationTransferred: lambda e: f"Transferred from {e.partner} to {e.to}, which acquired it; its place stays.",
    PartTransferred: lambda e: f"The part that {e.partner} had in it is {e.to}'s, which acquired it.",
    ShareProposalTransferred: lambda e: (
        f"{e.to}, which acquired {e.partner}, answers the proposed shares in its place."
    ),
    SalesOwnerAwaited: lambda e: "A sales owner has to be named before it is approved.",
    SalesOwnerNamed: lambda e: "A sales owner was named.",
    SharesAgreed: lambda e: f"Shares agreed: {_shares(e.shares)}.",
    DealLinked: lambda e: f"Linked to deal {e.deal.id} of {e.deal.source}.",
    DealUnlinked: lambda e: f"Deal {e.deal.id} of {e.deal.source} leads to this registration no longer.",
    DealsMerged: lambda e: "In the CRM its deal is one with another: what is said of either counts here.",
    DealLedElsewhere: lambda e: "In the CRM its deal is one with another, to which it leads from now on.",
    DealParted: lambda e: "A deal that was one with its own is found to be another opportunity.",
    DealStoodApart: lambda e: "Its deal is found to be an opportunity of its own, and leads to it again.",
    PartnerLeaves: lambda e: f"The partner leaves at {instant_text(e.ends_at)}.",
    ClaimEnded: lambda e: f"The claim on {e.product} ended at {instant_text(e.at)}, because the partner left.",
    DealValueStated: lambda e: f"The deal is worth {e.value}.",
    DealWon: _won,
    DealLost: lambda e: "The deal was lost." if e.reason is None else f"The deal was lost: {e.reason}",
    DealReopened: lambda e: "The deal is open again.",
    DealRefunded: lambda e: f"{e.amount} refunded on {e.refunded_on} (refund {e.refund_id}).",
    PaymentAwaited: lambda e: f"Not paid by {instant_text(e.at)}: the credit is withheld until the customer pays.",
    DealPaid: lambda e: f"{e.amount} paid on {e.paid_on}.",
}


_WORDS_FOR_STAFF: Final[Mapping[type, Callable[[Any], str]]] = {
    DealsMerged: lambda e: f"In the CRM {_ids(e.deals)} are one deal, which leads here.",
    DealLedElsewhere: lambda e: f"In the CRM its deal is one with that of {e.leads}, to which it leads from now on.",
    DealParted: lambda e: f"{e.deal.id} is found to be another opportunity than {_ids(e.deals)}.",
}
"""What names ids of others is told to staff in full."""


def _ids(deals: Iterable[DealRef]) -> str:
    return ", ".join(deal.id for deal in deals)


def history_document(
    history: Iterable[Recorded[AccountEvent]], registration: RegistrationId, viewer: PartnerId | None
) -> list[Document]:
    """The registration's events and those of its cases, oldest first; to a partner nobody else's doing is named."""
    cases: set[str] = set()
    shown: list[Document] = []
    for recorded in history:
        hidden = viewer is not None and isinstance(recorded.event, PartTransferred | ShareProposalTransferred)
        words = None if hidden else _in_words(recorded.event, registration, cases, viewer)
        if words is not None:
            shown.append(
                {
                    "position": recorded.position,
                    "recorded_at": instant_text(recorded.recorded_at),
                    "what": words,
                    "by": recorded.actor if viewer is None else None,
                }
            )
    return shown


def _in_words(
    event: AccountEvent, registration: RegistrationId, cases: set[str], viewer: PartnerId | None
) -> str | None:
    """What an event says of the registration, None where it says nothing of it. Remembers its cases."""
    if isinstance(event, CaseEvent):
        if registration in _named_by(event):
            cases.add(event.case)
        return _case_in_words(event) if event.case in cases else None
    if isinstance(event, AccountOwnEvent):
        return _account_in_words(event, registration)
    if not isinstance(event, RegistrationEvent) or event.registration != registration:
        return None
    in_full = _WORDS_FOR_STAFF.get(type(event)) if viewer is None else None
    return (in_full or _WORDS[type(event)])(event)


def _named_by(event: CaseEvent) -> tuple[RegistrationId | None, ...]:
    """The registrations that an event of a case is about, where it names them."""
    if isinstance(event, CaseIdentified):
        return (event.challenger, event.holder)
    return (event.against, *event.sharing) if isinstance(event, CaseDecided) else ()


def _account_in_words(event: AccountOwnEvent, registration: RegistrationId) -> str | None:
    """That its account was found to be another's double: not whose, which a partner may not know."""
    moved = isinstance(event, AccountsMerged) and registration in event.registrations
    return "Its account was found to be one that is known already; its place stays." if moved else None


def _case_in_words(event: CaseEvent) -> str | None:
    if isinstance(event, CaseIdentified):
        return f"Conflict case {event.case} ({event.kind}) opened."
    if isinstance(event, CaseDecided):
        overriding = ", overriding strict priority" if event.overrides_priority else ""
        return f"Conflict case {event.case} decided: {event.outcome}{overriding}."
    if isinstance(event, CaseBecameMoot):
        return f"Conflict case {event.case} is moot."
    return None
