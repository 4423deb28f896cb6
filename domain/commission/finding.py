"""Whose a won deal is: the registration that it is credited to, and what a person has to look at first (rules §5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from domain.account.priority import holder_at, latest_holder_before
from domain.account.sales import has_settled
from domain.account.state import Account, Claim, Ended, Holding, Registration
from domain.account.transfers import as_it_was
from domain.calendar import add_days
from domain.changed import quickly_made
from domain.conflict_case.events import ReviewReason
from domain.deal_registration import deal
from domain.deal_registration.deal import Sale
from domain.ids import Instant, PartnerId, Product, RegistrationId
from domain.programme.aggregate import Programme
from domain.programme.terms import Terms

_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A win that a person has to look at before it is paid."""

    kind: Literal["late_registration", "holder_changed"]
    because: ReviewReason
    registration: RegistrationId
    holder: RegistrationId | None
    """The other registration that it is about."""
    moves_to: RegistrationId | None
    """Who is credited when the decision is `reassign`; None where there is nobody to reassign to."""


FoundBy = Literal["held_at_win", "held_at_recording", "held_last", "nobody_held"]
"""Whose a sale is: who held when it was won, else when that was recorded, else last; else whose deal it is."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A sale, whose it is, and what has to be reviewed first, by the terms that bind it."""

    sale: Sale
    credited: Registration
    """As it was at `at`: whose it was then, and how it was shared."""
    at: Instant
    reviews: tuple[Review, ...]
    terms: Terms
    found_by: FoundBy


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class _Hold:
    """Who held a product when the deal was won (if nobody, when that was recorded), and who when it was recorded."""

    product: Product
    first: Holding
    at: Instant
    at_recording: Holding | None


def finding_of(account: Account, registration: Registration, programme: Programme) -> Finding | None:
    """Whose the registration's deal is; None when it is not won, or the win counts for nobody."""
    sale = deal.sale_of(registration.deal_facts)
    if sale is None or not has_settled(registration):
        return None
    terms = programme.version(sale.terms_version).terms
    reviews = list(_late_reviews(registration, sale, terms))
    holds = [hold for product in registration.products if (hold := _hold(account, registration, product, sale))]
    if holds:
        hold = next((hold for hold in holds if hold.first.registration == registration.id), holds[0])
        reviews += _changed_holder(account, registration, hold, holds)
        credited = as_it_was(account.registrations[hold.first.registration], hold.at)
        found_by: FoundBy = "held_at_win" if hold.at == sale.sold_at else "held_at_recording"
        return Finding(sale=sale, credited=credited, at=hold.at, reviews=tuple(reviews), terms=terms, found_by=found_by)
    return _after_expiry(account, registration, programme, sale, reviews)


def _hold(account: Account, registration: Registration, product: Product, sale: Sale) -> _Hold | None:
    opportunity = registration.claim_on(product).opportunity
    at_recording = holder_at(account, product, opportunity, sale.recorded_at)
    at_sale = holder_at(account, product, opportunity, sale.sold_at)
    first, at = (at_recording, sale.recorded_at) if at_sale is None else (at_sale, sale.sold_at)
    return None if first is None else _Hold(product=product, first=first, at=at, at_recording=at_recording)


def _late_reviews(registration: Registration, sale: Sale, terms: Terms) -> Iterator[Review]:
    because: ReviewReason | None = None
    if registration.is_direct:
        return
    if sale.won_on < registration.registered_on:
        because = "WON_BEFORE_REGISTERED"
    elif terms.late_registration_hours:
        is_late = sale.sold_at < registration.registered_at + terms.late_registration_hours * _HOUR
        because = "LATE_REGISTRATION" if is_late else None
    if because is not None:
        yield Review(
            kind="late_registration", because=because, registration=registration.id, holder=None, moves_to=None
        )


def _changed_holder(account: Account, registration: Registration, hold: _Hold, holds: list[_Hold]) -> Iterator[Review]:
    """Another partner held when the win was recorded, or holds one of the products that the registration has lost.

    Whoever acquired a partner is no other than that one.
    """

    def whose(holding: Holding) -> PartnerId:
        return account.registrations[holding.registration].partner

    first, other = hold.first, hold.at_recording
    if other is None or whose(other) == whose(first):
        lost = (h for h in holds if first.registration == registration.id and _has_run_out(registration, h.product))
        other = next((h.first for h in lost if whose(h.first) != whose(first)), None)
    if other is None:
        return
    yield Review(
        kind="holder_changed",
        because="HOLDER_CHANGED",
        registration=registration.id,
        holder=first.registration if other.registration == registration.id else other.registration,
        moves_to=other.registration,
    )


def _has_run_out(registration: Registration, product: Product) -> bool:
    stage = registration.claim_on(product).stage
    return isinstance(stage, Ended) and stage.by in ("expired", "partner_terminated")


def _after_expiry(
    account: Account, registration: Registration, programme: Programme, sale: Sale, reviews: list[Review]
) -> Finding | None:
    """Won when nobody held: credited to the latest holder, reviewed, or not credited at all (`credit_after_expiry`)."""
    terms = programme.version(sale.terms_version).terms
    if terms.credit_after_expiry == "never":
        return None
    latest = _latest_holder(account, registration, sale)
    credited = registration if latest is None else account.registrations[latest[1].registration]
    unclaimed = not any(_was_claimed(account, registration, product, sale) for product in registration.products)
    in_time = latest is not None and sale.sold_at <= add_days(latest[0], terms.credit_after_expiry_days, programme.zone)
    if not (terms.credit_after_expiry == "unclaimed" and in_time and unclaimed):
        reviews.append(
            Review(
                kind="late_registration",
                because="AFTER_EXPIRY",
                registration=registration.id,
                holder=credited.id,
                moves_to=None,
            )
        )
    credited = as_it_was(credited, sale.sold_at)
    found_by: FoundBy = "nobody_held" if latest is None else "held_last"
    return Finding(
        sale=sale, credited=credited, at=sale.sold_at, reviews=tuple(reviews), terms=terms, found_by=found_by
    )


def _latest_holder(account: Account, registration: Registration, sale: Sale) -> tuple[Instant, Holding] | None:
    """Whoever held one of the products last before the sale, and until when; of equals the registration itself."""
    found = [
        ended
        for product in registration.products
        if (ended := latest_holder_before(account, product, registration.claim_on(product).opportunity, sale.sold_at))
    ]
    return max(found, key=lambda ended: (ended[0], ended[1].registration == registration.id), default=None)


def _was_claimed(account: Account, registration: Registration, product: Product, sale: Sale) -> bool:
    """Whether a claim around the sale was live when it was recorded."""
    opportunity = registration.claim_on(product).opportunity
    for other_id in account.order[product]:
        other = account.registrations[other_id]
        claim = other.claim_on(product)
        around_it = claim.opportunity == opportunity and other.place < sale.position
        if around_it and not _was_over(account, registration, claim, sale):
            return True
    return False


def _was_over(account: Account, registration: Registration, claim: Claim, sale: Sale) -> bool:
    """Whether a claim had ended, or its queue had been ended by another win, when the sale was recorded."""
    if isinstance(claim.stage, Ended) and claim.stage.position < sale.position:
        return True
    others = (account.registrations[winner] for winner in claim.settled_by if winner != registration.id)
    won = (deal.sale_of(other.deal_facts) for other in others)
    return any(other is not None and other.position < sale.position for other in won)
