"""What happens to a registration's claims: approved, returned, extended, promoted, ended (rules §3)."""

from collections.abc import Iterable
from typing import assert_never

from domain.account import queueing
from domain.account.review import AskedExtension, Rejection, Verdict
from domain.account.state import (
    Account,
    Direct,
    Ended,
    EndReason,
    Protected,
    Registration,
    Returned,
    UnderReview,
)
from domain.changed import changed
from domain.deal_registration.events import (
    ClaimEnded,
    Extension,
    ProtectionExpired,
    ProtectionExtended,
    RegistrationApproved,
    RegistrationPromoted,
    RegistrationRejected,
    RegistrationResubmitted,
    RegistrationReturned,
    RegistrationWithdrawn,
)
from domain.deal_registration.protection_events import (
    ExtensionAsked,
    ExtensionDeclined,
    ExtensionGranted,
    ProtectionEndsSoon,
    ReturnLapsed,
)
from domain.ids import Instant
from domain.recorded import Recorded

_ExtensionEvent = ExtensionAsked | ExtensionGranted | ExtensionDeclined
ClaimEvent = (
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


def after_claim_event(account: Account, registration: Registration, recorded: Recorded[ClaimEvent]) -> Account:
    """The account after one of a registration's claims was approved, reviewed, extended, promoted or ended."""
    event, at, position = recorded.event, recorded.recorded_at, recorded.position
    if isinstance(event, RegistrationApproved):
        return queueing.with_registration(account, _approved(registration, event, at))
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
        rejection = Rejection(reason=event.reason, code=event.code)
        rejected = changed(registration, rejection=rejection, verdict=_verdict(registration, at))
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
        [
            changed(claim, stage=stage, live_since=at) if claim.product in event.products else claim
            for claim in registration.claims
        ]
    )
    approved = changed(registration, claims=claims, approved_at=queueing.first_approval(registration, at))
    return approved if event.automatic else changed(approved, verdict=_verdict(registration, at))


def _verdict(registration: Registration, at: Instant) -> Verdict:
    """The first that a person gave: this one, unless there is one already."""
    turns = (claim.stage.since for claim in registration.claims if isinstance(claim.stage, UnderReview))
    return registration.verdict or Verdict(since=min(turns, default=registration.registered_at), at=at)


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


def reminded(registration: Registration, event: ProtectionEndsSoon) -> Registration:
    """The registration whose partner was told when its protection ends."""
    claims = [
        changed(claim, stage=changed(claim.stage, reminded_to=event.at))
        if isinstance(claim.stage, Protected) and claim.product in event.products
        else claim
        for claim in registration.claims
    ]
    return changed(registration, claims=tuple(claims))
