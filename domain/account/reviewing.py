"""What a reviewer or a partner still has to say about a registration, and since when (rules §3)."""

from dataclasses import dataclass
from typing import Literal

from domain.account.priority import status
from domain.account.state import Account, Registration, Returned, UnderReview
from domain.ids import CaseId, Instant, Product
from domain.programme.aggregate import Programme

WaitsFor = Literal["reviewer", "partner"]
Subject = Literal["approval", "extension"]

_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A registration that waits for an answer. `until` is when it ends by itself without one, None: never."""

    waits_for: WaitsFor
    subject: Subject
    products: tuple[Product, ...]
    since: Instant
    until: Instant | None


def review_of(registration: Registration) -> Review | None:
    """What the registration waits for; None when nobody has to answer. The reviewer's turn comes first."""
    under_review = [(c.product, c.stage) for c in registration.claims if isinstance(c.stage, UnderReview)]
    if under_review:
        return Review(
            waits_for="reviewer",
            subject="approval",
            products=tuple(product for product, _ in under_review),
            since=min(stage.since for _, stage in under_review),
            until=None,
        )
    returned = [(c.product, c.stage) for c in registration.claims if isinstance(c.stage, Returned)]
    if returned:
        return Review(
            waits_for="partner",
            subject="approval",
            products=tuple(product for product, _ in returned),
            since=returned[0][1].since,
            until=returned[0][1].until,
        )
    return _asked_extension(registration)


def _asked_extension(registration: Registration) -> Review | None:
    """The extension that a person has to decide on, also after the protection has ended."""
    asked = registration.asked_extension
    if asked is None or status(registration) not in ("approved", "waiting", "expired"):
        return None
    return Review(
        waits_for="reviewer",
        subject="extension",
        products=registration.products,
        since=asked.asked_at,
        until=None,
    )


def answer_due_at(review: Review, programme: Programme) -> Instant | None:
    """By when a reviewer should have answered (`review_target_hours` as it was then); None without such a target.

    What waits for the partner is due when it ends by itself.
    """
    if review.waits_for == "partner":
        return review.until
    hours = programme.terms_at(review.since).terms.review_target_hours
    return Instant(review.since + hours * _HOUR) if hours else None


def open_cases(account: Account, registration: Registration) -> tuple[CaseId, ...]:
    """The undecided cases in which the registration's claim or win is in question."""
    return tuple(case.id for case in account.cases.values() if case.challenger == registration.id and case.is_undecided)
