"""The review queue as the HTTP contract shows it, and what a list says of each registration beside how it stands."""

from domain.account.priority import protection_runs_out_at
from domain.account.reviewing import Review, answer_due_at, open_cases, review_of
from domain.account.state import Account
from domain.calendar import instant_text
from domain.ids import Instant, PartnerId, RegistrationId
from domain.programme.aggregate import Programme
from service.presentation.registrations import registration_document
from service.presentation.values import Document, instant_or_none
from service.review_lists import InReview

_DAY = 86_400_000_000


def review_document(found: InReview, programme: Programme, now: Instant, viewer: PartnerId | None) -> Document:
    """A registration that waits for an answer: whose, since when, and by when it is due."""
    return {
        **_review(found.review, programme, now),
        "products": list(found.review.products),
        "age_seconds": (now - found.review.since) // 1_000_000,
        "conflicts": list(open_cases(found.account, found.registration)),
        "registration": registration_document(
            found.account, found.registration.id, programme.terms_at(now).terms, viewer
        ),
    }


def listed_document(
    account: Account, registration: RegistrationId, programme: Programme, now: Instant, viewer: PartnerId | None
) -> Document:
    """A registration as it stands, with the days of protection left and whose answer it waits for."""
    ends_at = protection_runs_out_at(account.registrations[registration])
    review = review_of(account.registrations[registration])
    return {
        **registration_document(account, registration, programme.terms_at(now).terms, viewer),
        "days_left": None if ends_at is None else max(0, -((now - ends_at) // _DAY)),
        "review": None if review is None else _review(review, programme, now),
    }


def _review(review: Review, programme: Programme, now: Instant) -> Document:
    due_at = answer_due_at(review, programme)
    return {
        "waits_for": review.waits_for,
        "subject": review.subject,
        "since": instant_text(review.since),
        "due_at": instant_or_none(due_at),
        "overdue": due_at is not None and due_at <= now,
    }
