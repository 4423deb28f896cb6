"""The review queue as the HTTP contract shows it."""

from domain.account.reviewing import answer_due_at, open_cases
from domain.calendar import instant_text
from domain.ids import Instant
from domain.programme.aggregate import Programme
from service.presentation.registrations import registration_document
from service.presentation.values import Document, instant_or_none
from service.review_lists import InReview


def review_document(found: InReview, programme: Programme, now: Instant) -> Document:
    """A registration that waits for an answer: whose, since when, and by when it is due."""
    due_at = answer_due_at(found.review, programme)
    return {
        "waits_for": found.review.waits_for,
        "subject": found.review.subject,
        "products": list(found.review.products),
        "since": instant_text(found.review.since),
        "age_seconds": (now - found.review.since) // 1_000_000,
        "due_at": instant_or_none(due_at),
        "overdue": due_at is not None and due_at <= now,
        "conflicts": list(open_cases(found.account, found.registration)),
        "registration": registration_document(found.account, found.registration.id),
    }
