"""The place of a supposed registration as the HTTP contract shows it."""

from domain.account.newcomer import Newcomer
from domain.calendar import instant_text
from domain.ids import Instant, Product
from service.presentation.values import Document, instant_or_none


def newcomer_document(found: Newcomer, product: Product, at: Instant) -> Document:
    """Who stood ahead, when the newcomer would have become the holder, and instead of whom."""
    return {
        "at": instant_text(at),
        "product": product,
        "first": not found.ahead,
        "rank": len(found.ahead) + 1,
        "ahead": [
            {"rank": rank, "registration": registration.id, "partner": registration.partner or None}
            for rank, registration in enumerate(found.ahead, start=1)
        ],
        "would_hold_from": instant_or_none(found.would_hold_from),
        "instead_of": [
            {
                "registration": holding.registration,
                "partner": holding.partner or None,
                "from": instant_text(holding.since),
                "until": instant_or_none(holding.until),
            }
            for holding in found.instead_of
        ],
    }
