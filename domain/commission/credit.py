"""Who is credited for a won deal, and why a credit is held (rules §5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.account.state import Account, Case, Registration, UnderReview
from domain.changed import quickly_made
from domain.commission.finding import Finding, Review, finding_of
from domain.conflict_case.events import CaseInvestigated
from domain.deal_registration import deal
from domain.deal_registration.deal import Sale
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


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class DealOutcome:
    """What a registration whose deal was ever won leads to now; no credits when it leads to none (any more)."""

    registration: RegistrationId
    credits: tuple[Credit, ...]
    evidence: tuple[Position, ...]
    partners: tuple[PartnerId, ...]
    """Every partner credited now. (Who was ever credited is for the reader to remember.)"""


def outcome_of(account: Account, registration: Registration, programme: Programme) -> DealOutcome | None:
    """What the registration's deal leads to; None when it was never won."""
    if not deal.was_ever_won(registration.deal_facts):
        return None
    finding = finding_of(account, registration, programme)
    evidence = _evidence(account, registration)
    if finding is None or registration.id in account.credit_void:
        return DealOutcome(registration=registration.id, credits=(), evidence=evidence, partners=())
    moved_to = account.credit_moved.get(registration.id)
    credited = finding.credited if moved_to is None else account.registrations[moved_to]
    held = tuple(dict.fromkeys(_held(account, registration, credited, finding)))
    shares = _shares(account, registration, credited)
    parts = tuple(_credits(registration, credited, sale=finding.sale, shares=shares, held=held, evidence=evidence))
    return DealOutcome(
        registration=registration.id,
        credits=parts,
        evidence=evidence,
        partners=tuple(part.partner for part in parts),
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


def _is_contested(account: Account, registration: Registration, credited: Registration, terms: Terms) -> bool:
    """A waiting registration's win is held until its case is decided; a holder's once its case is investigated."""
    for case in account.cases.values():
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
        if other.challenger == case.challenger and other.product == case.product
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
    registration: Registration,
    credited: Registration,
    *,
    sale: Sale,
    shares: tuple[Share, ...],
    held: tuple[HeldBecause, ...],
    evidence: tuple[Position, ...],
) -> Iterator[Credit]:
    for share in shares:
        yield Credit(
            line=LineId(f"line_{registration.id.removeprefix('reg_')}_{share.partner}"),
            partner=share.partner,
            registration=credited.id,
            deal=registration.deal,
            account_name=credited.facts.name,
            products=registration.products,
            won_on=sale.won_on,
            place=credited.place,
            value=credited_value(registration),
            shares=shares,
            lead=credited.partner,
            held_because=held,
            evidence=tuple(sorted({*evidence, *credited.evidence})),
        )


def credited_value(registration: Registration) -> Money:
    """The deal's latest value less the refunds that count, never below zero (rules §5)."""
    value = registration.deal_value
    refunds = [fact.value for fact in deal.refunds_of(registration.deal_facts) if fact.value is not None]
    refunded = sum(refund.amount_minor for refund in refunds)
    return Money(amount_minor=max(0, value.amount_minor - refunded), currency=value.currency)


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
