"""The small values that all documents are made of."""

from decimal import Decimal

from domain.calendar import instant_text
from domain.ids import Instant
from domain.money import Money

Document = dict[str, object]
"""A JSON object."""


def money(amount: Money) -> Document:
    """An amount as a decimal string with exactly the currency's digits."""
    return {"amount": amount.decimal, "currency": amount.currency}


def percent(basis_points: int) -> str:
    """A rate or share as people say it: 1550 basis points are `15.5 %`."""
    return f"{Decimal(basis_points).scaleb(-2).normalize():f} %"


def instant_or_none(instant: Instant | None) -> str | None:
    """An instant as RFC 3339 text."""
    return None if instant is None else instant_text(instant)


def interval(protection: tuple[Instant, Instant] | None) -> Document | None:
    """A half-open interval of protection."""
    if protection is None:
        return None
    return {"from": instant_text(protection[0]), "until": instant_text(protection[1])}


def written(position: int | None, recorded_at: Instant | None) -> Document:
    """What every answer to a write carries."""
    return {"position": position, "recorded_at": instant_or_none(recorded_at)}
