"""Who is credited for a won deal, and why a credit is held (rules §5)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.account.passing_of_time import awaits_payment
from domain.account.state import Account, Case, Registration, UnderReview
from domain.account.transfers import as_it_was
from domain.calendar import local_date
from domain.changed import quickly_made
from domain.commission.attribution import Attribution, attributions_of
from domain.commission.finding import Finding, Review, finding_of
from domain.conflict_case.events import CaseInvestigated
from domain.deal_registration import deal
from domain.deal_registration.deal import Sale
from domain.deal_registration.events import Engagement
from domain.ids import DealRef, LineId, PartnerId, Position, Product, RegistrationId, Share
from domain.money import Money
from domain.programme.aggregate import Programme
from domain.programme.terms import Terms

HeldBecause = Literal[
    "CONFLICT_OPEN",
    "HOLDER_CHANGED",
    "RATE_MISSING",
    "WON_BEFORE_REGISTERED",
    "LATE_REGISTRATION",
    "AFTER_EXPIRY",
    "NOT_APPROVED",
    "PARTNER_SUSPENDED",
    "UNPAID",
]


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One partner's part in one won deal, before currency, bands and what the partner's own stage holds."""

    line: LineId
    partner: PartnerId
    registration: RegistrationId
    deal: DealRef | None
    account_name: str
    products: tuple[Product, ...]
    won_on: date
    place: Position
    """The position of the registration: it orders the credits of one day (rules §6)."""
    value: Money
    """The deal's value less its refunds, in the deal's currency; never negative."""
    shares: tuple[Share, ...]
    """All shares of the deal; this credit is the part of `partner`."""
    lead: PartnerId
    held_because: tuple[HeldBecause, ...]
    evidence: tuple[Position, ...]
    engagement: Engagement = "referral"
    approved_on: date | None = None
    """The day in the programme's zone on which the registration was approved; None while it was not."""
    value_before_refunds: Money | None = None
    """The deal's value with nothing taken off; None where nothing was refunded."""

    @property
    def own_share(self) -> int:
        """The place of this credit's partner among the shares."""
        return [share.partner for share in self.shares].index(self.partner)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class DealOutcome:
    """What a registration whose deal was ever won leads to now; no credits when it leads to none (any more)."""

    registration: RegistrationId
    credits: tuple[Credit, ...]
    evidence: tuple[Position, ...]
    partners: tuple[PartnerId, ...]
    """Every partner credited now. (Who was ever credited is for the reader to remember.)"""
    attributions: tuple[Attribution, ...] = ()
    """For every partner with a part in the deal: whether it sourced or influenced it."""


def outcome_of(account: Account, registration: Registration, programme: Programme) -> DealOutcome | None:
    """What the registration's deal leads to; None when it was never won."""
    if not deal.was_ever_won(registration.deal_facts):
        return None
    finding = finding_of(account, registration, programme)
    evidence = _evidence(account, registration)
    if finding is None or registration.id in account.credit_void:
        return DealOutcome(registration=registration.id, credits=(), evidence=evidence, partners=())
    moved_to = account.credit_moved.get(registration.id)
    credited = finding.credited if moved_to is None else as_it_was(account.registrations[moved_to], finding.at)
    held = tuple(dict.fromkeys(_held(account, registration, credited, finding)))
    shares = _shares(account, registration, credited)
    parts = tuple(
        _credits(
            account,
            as_it_was(registration, finding.at),
            credited,
            sale=finding.sale,
            shares=shares,
            held=held,
            evidence=evidence,
            approved_on=_approved_on(credited, programme),
        )
    )
    return DealOutcome(
        registration=registration.id,
        credits=parts,
        evidence=evidence,
        partners=tuple(part.partner for part in parts),
        attributions=attributions_of(credited),
    )


def reviews_of(account: Account, registration: Registration, programme: Programme) -> tuple[Review, ...]:
    """The reviews that the deal's win calls for, decided or not."""
    finding = finding_of(account, registration, programme)
    return () if finding is None else finding.reviews


def _shares(account: Account, registration: Registration, credited: Registration) -> tuple[Share, ...]:
    """As decided in a conflict case about the deal, if that names who is credited; else as agreed at the win."""
    decided = account.credit_shared.get(registration.id, ())
    return decided if any(share.partner == credited.partner for share in decided) else credited.shares


def _held(
    account: Account, registration: Registration, credited: Registration, finding: Finding
) -> Iterator[HeldBecause]:
    if _is_contested(account, registration, credited, finding.terms):
        yield "CONFLICT_OPEN"
    for review in finding.reviews:
        if not _is_released(account, review):
            yield review.because
    if any(isinstance(claim.stage, UnderReview) for claim in credited.claims):
        yield "NOT_APPROVED"
    if registration.payment_awaited and awaits_payment(registration) in registration.payment_awaited:
        yield "UNPAID"


def _is_contested(account: Account, registration: Registration, credited: Registration, terms: Terms) -> bool:
    """A waiting registration's win is held until its case is decided; a holder's once its case is investigated."""
    for case in account.cases.values():
        if case.is_undecided and case.kind == "merged_deals" and case.product is None:
            if case.holder == registration.id and (terms.hold_contested == "open" or _is_investigated(account, case)):
                return True
            continue
        if not case.is_undecided or case.product is None or case.product not in registration.products:
            continue
        if case.challenger == registration.id:
            return True
        stands_against = account.registrations[case.challenger].claim_on(case.product).opportunity
        if stands_against != _opportunity_of(credited, case.product):
            continue
        if terms.hold_contested == "open" or _is_investigated(account, case):
            return True
    return False


def _is_investigated(account: Account, case: Case) -> bool:
    """Whether somebody has begun to investigate the clash, in this case or in one about it that became moot."""
    return any(
        isinstance(step.event, CaseInvestigated)
        for other in account.cases.values()
        if (other.challenger, other.product) == (case.challenger, case.product)
        and (case.product is not None or other.kind == case.kind)
        for step in other.steps
    )


def _opportunity_of(registration: Registration, product: Product) -> int | None:
    """The sale that the registration's claim on a product belongs to, None when it names no such product."""
    return next((claim.opportunity for claim in registration.claims if claim.product == product), None)


def _is_released(account: Account, review: Review) -> bool:
    return any(
        case.kind == review.kind
        and case.challenger == review.registration
        and case.because == review.because
        and case.decision is not None
        for case in account.cases.values()
    )


def _credits(
    account: Account,
    registration: Registration,
    credited: Registration,
    *,
    sale: Sale,
    shares: tuple[Share, ...],
    held: tuple[HeldBecause, ...],
    evidence: tuple[Position, ...],
    approved_on: date | None,
) -> Iterator[Credit]:
    value = credited_value(registration)
    for share in shares:
        yield Credit(
            line=_line(registration, share.partner),
            partner=share.partner,
            registration=credited.id,
            deal=_deal_known_to(account, registration, share.partner),
            account_name=credited.facts.name,
            products=registration.products,
            won_on=sale.won_on,
            place=credited.place,
            value=value,
            shares=shares,
            lead=credited.partner,
            held_because=held,
            evidence=tuple(sorted({*evidence, *credited.evidence})),
            approved_on=approved_on,
            engagement=_engagement(registration, credited),
            value_before_refunds=None if value == registration.deal_value else registration.deal_value,
        )


def _deal_known_to(account: Account, registration: Registration, partner: PartnerId) -> DealRef | None:
    """The deal under the CRM's id that the partner registered, where that was merged; else the registration's own."""
    if registration.merged_deals and partner != registration.partner:
        own = (r.deal for r in account.registrations.values() if r.partner == partner)
        return next((one for one in own if one in registration.merged_deals), registration.deal)
    return registration.deal


def _engagement(registration: Registration, credited: Registration) -> Engagement:
    """How the deal was worked on; one of the vendor's own that is credited to a partner, as that partner worked."""
    stated = credited.engagement if registration.engagement == "direct" else registration.engagement
    assert stated != "direct", "nobody has a share of what the vendor holds"
    return stated


def _approved_on(credited: Registration, programme: Programme) -> date | None:
    return None if credited.approved_at is None else local_date(credited.approved_at, programme.zone)


def _line(registration: Registration, partner: PartnerId) -> LineId:
    """The name of a partner's part in a deal. Who did not register the deal learns nothing from it of who did."""
    deal_of = registration.id.removeprefix("reg_")
    if partner != registration.partner:
        deal_of = hashlib.sha256(registration.id.encode()).hexdigest()[:24]
    return LineId(f"line_{deal_of}_{partner}")


def credited_value(registration: Registration) -> Money:
    """The deal's latest value less the refunds that count, never below zero (rules §5)."""
    return deal.value_less_refunds(registration.deal_value, registration.deal_facts)


def _evidence(account: Account, registration: Registration) -> tuple[Position, ...]:
    facts = {fact.position for fact in registration.deal_facts}
    cases = {step.position for case in _cases_about(account, registration) for step in case.steps}
    return tuple(sorted({*registration.evidence, *facts, *cases}))


def _cases_about(account: Account, registration: Registration) -> Iterator[Case]:
    for case in account.cases.values():
        if registration.id in (case.challenger, case.holder) or (
            case.decision is not None and case.decision.against == registration.id
        ):
            yield case
