"""Who is credited for a won deal, and why a credit is held (rules §5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.account.priority import holder_at, latest_holder_before
from domain.account.state import Account, Case, Ended, Holding, Registration, Returned, UnderReview
from domain.conflict_case.events import ReviewReason
from domain.deal_registration import deal
from domain.deal_registration.deal import DealFact
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

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DealOutcome:
    """What a registration whose deal was ever won leads to now; no credits when it leads to none (any more)."""

    registration: RegistrationId
    credits: tuple[Credit, ...]
    evidence: tuple[Position, ...]
    partners: tuple[PartnerId, ...]
    """Every partner credited now. (Who was ever credited is for the reader to remember.)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A win that a person has to look at before it is paid."""

    kind: Literal["late_registration", "holder_changed"]
    because: ReviewReason
    registration: RegistrationId
    holder: RegistrationId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """Whose claim the win is credited to, and what has to be reviewed first."""

    credited: Registration
    reviews: tuple[Review, ...]


def outcome_of(account: Account, registration: Registration, programme: Programme) -> DealOutcome | None:
    """What the registration's deal leads to; None when it was never won."""
    if not deal.was_ever_won(registration.deal_facts):
        return None
    evidence = _evidence(account, registration)
    win = deal.win_of(registration.deal_facts)
    finding = None if win is None else _finding(account, registration, win, programme)
    if win is None or finding is None or registration.id in account.credit_void:
        return DealOutcome(registration=registration.id, credits=(), evidence=evidence, partners=())
    moved_to = account.credit_moved.get(registration.id)
    credited = finding.credited if moved_to is None else account.registrations[moved_to]
    terms = programme.version(win.terms_version).terms
    held = tuple(dict.fromkeys(_held(account, registration, credited, finding, terms)))
    parts = tuple(_credits(registration, credited, win, held, evidence))
    return DealOutcome(
        registration=registration.id,
        credits=parts,
        evidence=evidence,
        partners=tuple(part.partner for part in parts),
    )


def reviews_of(account: Account, registration: Registration, programme: Programme) -> tuple[Review, ...]:
    """The reviews that the deal's win calls for, decided or not."""
    win = deal.win_of(registration.deal_facts)
    finding = None if win is None else _finding(account, registration, win, programme)
    return () if finding is None else finding.reviews


def _finding(account: Account, registration: Registration, win: DealFact, programme: Programme) -> _Finding | None:
    if _was_taken_back(registration, win):
        return None
    terms = programme.version(win.terms_version).terms
    late = tuple(_late_reviews(registration, win, terms))
    first = [_holders(account, registration, product, win) for product in registration.products]
    held = [(holder, at_recording) for holder, at_recording in first if holder is not None]
    if not held:
        return _after_expiry(account, registration, win, terms, late)
    holder, at_recording = next((pair for pair in held if pair[0].registration == registration.id), held[0])
    if at_recording is not None and at_recording.partner != holder.partner:
        changed = Review(
            kind="holder_changed",
            because="HOLDER_CHANGED",
            registration=registration.id,
            holder=at_recording.registration,
        )
        late = (*late, changed)
    return _Finding(credited=account.registrations[holder.registration], reviews=late)


def _was_taken_back(registration: Registration, win: DealFact) -> bool:
    """Rejected, returned or withdrawn: the win credits nobody. What a case ended after the win was not taken back."""
    for claim in registration.claims:
        stage = claim.stage
        if isinstance(stage, Ended):
            by_case_after_win = stage.by == "case_upheld" and stage.at >= win.recorded_at
            if stage.by in ("expired", "lost") or by_case_after_win:
                return False
        elif not isinstance(stage, Returned):
            return False
    return True


def _holders(
    account: Account, registration: Registration, product: Product, win: DealFact
) -> tuple[Holding | None, Holding | None]:
    """The holder at the win's `occurred_at` (else at `recorded_at`), and the one at `recorded_at`."""
    opportunity = registration.claim_on(product).opportunity
    happened = holder_at(account, product, opportunity, win.occurred_at)
    recorded = holder_at(account, product, opportunity, win.recorded_at)
    return happened or recorded, recorded


def _late_reviews(registration: Registration, win: DealFact, terms: Terms) -> Iterator[Review]:
    because: ReviewReason | None = None
    assert win.on is not None
    if win.on < registration.registered_on:
        because = "WON_BEFORE_REGISTERED"
    elif win.occurred_at < registration.registered_at + terms.late_registration_hours * _HOUR:
        because = "LATE_REGISTRATION" if terms.late_registration_hours else None
    if because is not None:
        yield Review(kind="late_registration", because=because, registration=registration.id, holder=None)


def _after_expiry(
    account: Account, registration: Registration, win: DealFact, terms: Terms, late: tuple[Review, ...]
) -> _Finding | None:
    """Won when nobody held: credited to the latest holder, reviewed, or not credited at all (`credit_after_expiry`)."""
    if terms.credit_after_expiry == "never":
        return None
    latest: Holding | None = None
    for product in registration.products:
        opportunity = registration.claim_on(product).opportunity
        latest = latest or latest_holder_before(account, product, opportunity, win.occurred_at)
    if latest is None:
        latest_registration, ended_at = registration, win.occurred_at
    else:
        latest_registration, ended_at = account.registrations[latest.registration], latest.until or win.occurred_at
    in_time = win.occurred_at <= ended_at + terms.credit_after_expiry_days * _DAY
    unclaimed = not any(_was_claimed(account, registration, product, win) for product in registration.products)
    if not (terms.credit_after_expiry == "unclaimed" and latest is not None and in_time and unclaimed):
        review = Review(
            kind="late_registration",
            because="AFTER_EXPIRY",
            registration=registration.id,
            holder=latest_registration.id,
        )
        late = (*late, review)
    return _Finding(credited=latest_registration, reviews=late)


def _was_claimed(account: Account, registration: Registration, product: Product, win: DealFact) -> bool:
    """Whether a claim was live on the product when the win was recorded."""
    for other_id in account.order[product]:
        other = account.registrations[other_id]
        claim = other.claim_on(product)
        was_live = not isinstance(claim.stage, Ended) or claim.stage.at > win.recorded_at
        if other.place < win.position and was_live and claim.settled_by in (None, registration.id):
            return True
    return False


def _held(
    account: Account, registration: Registration, credited: Registration, finding: _Finding, terms: Terms
) -> Iterator[HeldBecause]:
    if _is_contested(account, registration, credited, terms):
        yield "CONFLICT_OPEN"
    for review in finding.reviews:
        if not _is_released(account, review):
            yield review.because
    if any(isinstance(claim.stage, UnderReview) for claim in credited.claims):
        yield "NOT_APPROVED"


def _is_contested(account: Account, registration: Registration, credited: Registration, terms: Terms) -> bool:
    """A waiting registration's win is held until its case is decided; a holder's once its case is investigated."""
    for case in account.cases.values():
        if case.kind != "same_account" or not case.is_undecided or case.product not in registration.products:
            continue
        if case.challenger == registration.id:
            return True
        stands_against = account.registrations[case.challenger].claim_on(case.product).opportunity
        if stands_against != _opportunity_of(credited, case.product):
            continue
        if terms.hold_contested == "open" or case.status != "identified":
            return True
    return False


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
    win: DealFact,
    held: tuple[HeldBecause, ...],
    evidence: tuple[Position, ...],
) -> Iterator[Credit]:
    assert win.on is not None
    for share in credited.shares:
        yield Credit(
            line=LineId(f"line_{registration.id.removeprefix('reg_')}_{share.partner}"),
            partner=share.partner,
            registration=credited.id,
            deal=registration.deal,
            account_name=credited.facts.name,
            products=registration.products,
            won_on=win.on,
            place=credited.place,
            value=credited_value(registration),
            shares=credited.shares,
            lead=credited.partner,
            held_because=held,
            evidence=tuple(sorted({*evidence, *credited.evidence})),
        )


def credited_value(registration: Registration) -> Money:
    """The deal's latest value less the refunds that count, never below zero (rules §5)."""
    stated = deal.stated_value(registration.deal_facts)
    value = registration.value if stated is None or stated.value is None else stated.value
    refunded = sum(
        fact.value.amount_minor for fact in deal.refunds_of(registration.deal_facts) if fact.value is not None
    )
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
