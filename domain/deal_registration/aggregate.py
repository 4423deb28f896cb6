"""A registration's commands and what they cause on its account (rules §3).

State and fold are the account's (`domain/account/`): who is first is decided among all claims of an account. Each
decision here first lets time pass, so that what fell due is written before what happens now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.account.contests import keep_cases_true
from domain.account.draft import Draft
from domain.account.passing_of_time import fill_vacancies, let_time_pass
from domain.account.priority import status
from domain.account.state import Claim, Ended, Protected, Registration, Returned, UnderReview, is_live
from domain.calendar import add_days, local_date
from domain.deal_registration.deal import DealFact
from domain.deal_registration.eligibility import Application, refuse_bad_shares, refuse_if_not_eligible
from domain.deal_registration.events import (
    DealLinked,
    DealRegistered,
    DealUnlinked,
    Engagement,
    Extension,
    PartnerLeaves,
    ProtectionExtended,
    RegistrationApproved,
    RegistrationRejected,
    RegistrationResubmitted,
    RegistrationReturned,
    RegistrationWithdrawn,
    SharesAgreed,
)
from domain.ids import AccountKey, DealRef, Instant, PartnerId, Product, RegistrationId, Share
from domain.matching import AccountFacts
from domain.money import Money
from domain.partner.aggregate import Partner
from domain.refusal import Refusal

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDeal:
    """Ask to be credited for an opportunity. `deal_is_linked`: the CRM deal leads to a registration already."""

    registration: RegistrationId
    partner: Partner
    sharing: tuple[Partner, ...]
    facts: AccountFacts
    keys: tuple[AccountKey, ...]
    products: tuple[Product, ...]
    value: Money
    engagement: Engagement
    expected_close_on: date | None
    deal: DealRef | None
    deal_is_linked: bool
    shares: tuple[Share, ...]
    live_registrations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRegistration:
    """Approve what is under review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRegistration:
    """Say no, with the reason."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRegistration:
    """Ask the partner to change some fields."""

    reason: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResubmitRegistration:
    """Answer a return; None leaves a field as it is."""

    value: Money | None
    engagement: Engagement | None
    expected_close_on: date | None
    changed: tuple[str, ...]
    """All fields that the answer changes, also those kept beside the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRegistration:
    """Take it back."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendProtection:
    """Ask for a longer protection, with evidence of activity."""

    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeShares:
    """State how a win would be shared."""

    shares: tuple[Share, ...]
    sharing: tuple[Partner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDeal:
    """Link the registration to a CRM deal. `facts` come along when staff moves the deal from another registration."""

    deal: DealRef
    linked_elsewhere: bool
    by_staff: bool
    facts: tuple[DealFact, ...]


RegistrationCommand = (
    ApproveRegistration
    | RejectRegistration
    | ReturnRegistration
    | ResubmitRegistration
    | WithdrawRegistration
    | ExtendProtection
    | AgreeShares
    | LinkDeal
)

# decide


def register(draft: Draft, command: RegisterDeal) -> None:
    """Accept a complete, eligible registration at its place, or refuse it as a whole (rules §3.1 to §3.5)."""
    let_time_pass(draft)
    terms = draft.terms
    today = local_date(draft.now, draft.programme.zone)
    _refuse_unknown_products(command.products, terms.terms.products)
    refuse_bad_shares(command.shares, command.partner.id)
    refuse_if_not_eligible(
        Application(
            partner=command.partner,
            sharing=command.sharing,
            facts=command.facts,
            products=command.products,
            value=command.value,
            today=today,
            live_registrations=command.live_registrations,
            programme=draft.programme,
            terms=terms.terms,
        )
    )
    _refuse_overlap(draft, command.partner.id, command.products)
    if command.deal_is_linked:
        raise _already_linked()
    draft.add(
        DealRegistered(
            registration=command.registration,
            account=draft.account.id,
            partner=command.partner.id,
            facts=command.facts,
            keys=command.keys,
            products=command.products,
            value=command.value,
            engagement=command.engagement,
            expected_close_on=command.expected_close_on,
            deal=command.deal,
            shares=command.shares,
            registered_on=today,
            terms_version=terms.version,
        )
    )
    if terms.terms.approval == "automatic":
        _approve(draft, command.registration, automatic=True)
    _settle(draft)


def decide(draft: Draft, registration_id: RegistrationId, command: RegistrationCommand) -> None:
    """Carry out a command on a registration; refuses what its state does not allow, and does nothing twice."""
    let_time_pass(draft)
    registration = draft.account.registrations[registration_id]
    if isinstance(command, ApproveRegistration):
        _decide_approval(draft, registration)
    elif isinstance(command, RejectRegistration):
        _reject(draft, registration, command)
    elif isinstance(command, ReturnRegistration):
        _return(draft, registration, command)
    elif isinstance(command, ResubmitRegistration):
        _resubmit(draft, registration, command)
    elif isinstance(command, WithdrawRegistration):
        _withdraw(draft, registration, command)
    elif isinstance(command, ExtendProtection):
        _extend(draft, registration, command)
    elif isinstance(command, AgreeShares):
        _agree_shares(draft, registration, command)
    else:
        _link(draft, registration, command)
    _settle(draft)


def unlink_deal(draft: Draft, registration_id: RegistrationId, deal: DealRef) -> None:
    """Staff took the registration's deal away to another registration."""
    let_time_pass(draft)
    draft.add(DealUnlinked(registration=registration_id, account=draft.account.id, deal=deal))
    _settle(draft)


def partner_leaves(draft: Draft, partner: PartnerId, ends_at: Instant, *, fraud: bool) -> None:
    """The partner is terminated: note on each of its living registrations when its claims end (rules §8)."""
    let_time_pass(draft)
    for registration in list(draft.account.registrations.values()):
        if registration.partner == partner and any(not isinstance(c.stage, Ended) for c in registration.claims):
            draft.add(
                PartnerLeaves(registration=registration.id, account=draft.account.id, ends_at=ends_at, fraud=fraud)
            )
    let_time_pass(draft)
    _settle(draft)


def catch_up(draft: Draft) -> None:
    """Write what fell due, and nothing else."""
    let_time_pass(draft)
    _settle(draft)


def _settle(draft: Draft) -> None:
    """After every command: what fell due is written, nobody active waits behind nobody, each clash has its case."""
    let_time_pass(draft)
    fill_vacancies(draft)
    keep_cases_true(draft)


def _refuse_unknown_products(products: Sequence[Product], known: Sequence[Product]) -> None:
    unknown = [product for product in products if known and product not in known]
    if unknown:
        raise Refusal("UNKNOWN_PRODUCT", f"The programme has no product {', '.join(unknown)}.")


def _refuse_overlap(draft: Draft, partner: PartnerId, products: Sequence[Product]) -> None:
    for registration in draft.account.registrations.values():
        live = [c.product for c in registration.claims if is_live(c) and c.product in products]
        if registration.partner == partner and live:
            raise Refusal(
                "ALREADY_REGISTERED",
                f"Registration {registration.id} claims {', '.join(live)} on this account already.",
                registration=registration.id,
                products=live,
            )


def _already_linked() -> Refusal:
    return Refusal("DEAL_ALREADY_LINKED", "This deal leads to a registration already; staff can link it again.")


def _wrong_state(registration: Registration, wanted: str) -> Refusal:
    return Refusal("WRONG_STATE", f"The registration is {status(registration)}, so it cannot be {wanted}.")


def _claims(registration: Registration, stage: type[UnderReview] | type[Returned] | type[Protected]) -> list[Claim]:
    return [claim for claim in registration.claims if isinstance(claim.stage, stage)]


def _approve(draft: Draft, registration_id: RegistrationId, *, automatic: bool) -> None:
    registration = draft.account.registrations[registration_id]
    under_review = tuple(claim.product for claim in _claims(registration, UnderReview))
    if not under_review:
        return
    terms = draft.terms
    starts = draft.now if terms.terms.protection_starts == "approval" else registration.registered_at
    draft.add(
        RegistrationApproved(
            registration=registration.id,
            account=draft.account.id,
            products=under_review,
            protected_from=starts,
            protected_until=add_days(starts, terms.terms.protection_days, draft.programme.zone),
            automatic=automatic,
            terms_version=terms.version,
        )
    )


def _decide_approval(draft: Draft, registration: Registration) -> None:
    if _claims(registration, UnderReview):
        _approve(draft, registration.id, automatic=False)
        return
    now = status(registration)
    if now == "waiting":
        raise Refusal("NOT_FIRST", "Somebody is ahead on this account; a conflict decision can change that.")
    if now not in ("approved", "won"):
        raise _wrong_state(registration, "approved")


def _reject(draft: Draft, registration: Registration, command: RejectRegistration) -> None:
    now = status(registration)
    if now == "rejected":
        return
    if now not in ("under_review", "returned", "waiting"):
        raise _wrong_state(registration, "rejected")
    draft.add(RegistrationRejected(registration=registration.id, account=draft.account.id, reason=command.reason))


def _return(draft: Draft, registration: Registration, command: ReturnRegistration) -> None:
    if not _claims(registration, UnderReview):
        raise _wrong_state(registration, "returned")
    draft.add(
        RegistrationReturned(
            registration=registration.id, account=draft.account.id, reason=command.reason, fields=command.fields
        )
    )


def _resubmit(draft: Draft, registration: Registration, command: ResubmitRegistration) -> None:
    returned = [claim.stage for claim in registration.claims if isinstance(claim.stage, Returned)]
    if not returned:
        raise _wrong_state(registration, "resubmitted")
    closed = [name for name in command.changed if name not in returned[0].fields]
    if closed:
        raise Refusal(
            "WRONG_STATE", f"Only {', '.join(returned[0].fields)} may be changed now, not {', '.join(closed)}."
        )
    draft.add(
        RegistrationResubmitted(
            registration=registration.id,
            account=draft.account.id,
            value=command.value,
            engagement=command.engagement,
            expected_close_on=command.expected_close_on,
        )
    )


def _withdraw(draft: Draft, registration: Registration, command: WithdrawRegistration) -> None:
    now = status(registration)
    if now == "withdrawn":
        return
    if now not in ("under_review", "returned", "waiting", "approved"):
        raise _wrong_state(registration, "withdrawn")
    draft.add(RegistrationWithdrawn(registration=registration.id, account=draft.account.id, reason=command.reason))


def _extend(draft: Draft, registration: Registration, command: ExtendProtection) -> None:
    now = status(registration)
    if now == "expired":
        raise Refusal("PROTECTION_LAPSED", "The protection has ended; register again to get a new place.")
    terms = draft.terms
    held = [(c.product, c.stage.until) for c in registration.claims if isinstance(c.stage, Protected) and is_live(c)]
    if not held:
        raise _wrong_state(registration, "extended")
    if registration.extensions_used >= terms.terms.extensions:
        raise Refusal("NO_EXTENSION_LEFT", f"The terms allow {terms.terms.extensions} extension(s), all used.")
    zone = draft.programme.zone
    draft.add(
        ProtectionExtended(
            registration=registration.id,
            account=draft.account.id,
            extensions=tuple(
                Extension(product=product, protected_until=add_days(until, terms.terms.extension_days, zone))
                for product, until in held
            ),
            evidence=command.evidence,
            terms_version=terms.version,
        )
    )


def _agree_shares(draft: Draft, registration: Registration, command: AgreeShares) -> None:
    refuse_bad_shares(command.shares, registration.partner)
    now = status(registration)
    if now == "won":
        raise Refusal("ALREADY_WON", "The deal is won; its shares are as they were agreed at the win.")
    if now not in ("under_review", "returned", "waiting", "approved"):
        raise _wrong_state(registration, "shared")
    for partner in command.sharing:
        if partner.is_suspended or partner.termination is not None:
            raise Refusal("PARTNER_NOT_ACTIVE", f"{partner.id}, named in the shares, is not active in the programme.")
    if command.shares != registration.shares:
        draft.add(SharesAgreed(registration=registration.id, account=draft.account.id, shares=command.shares))


def _link(draft: Draft, registration: Registration, command: LinkDeal) -> None:
    if registration.deal == command.deal:
        return
    if not command.by_staff and (registration.deal is not None or command.linked_elsewhere):
        raise _already_linked()
    if registration.deal is not None and registration.deal_facts:
        raise Refusal("WRONG_STATE", "Facts of the deal that is linked now are recorded; it cannot be exchanged.")
    draft.add(
        DealLinked(registration=registration.id, account=draft.account.id, deal=command.deal, facts=command.facts)
    )
