"""What finance may post for a partner, as the HTTP contract shows it, with what it posted or let be already."""

from collections.abc import Iterable

from domain.calendar import instant_text
from domain.commission.statement import StatementInputs
from domain.commission_period.variance import ClosedVariance
from domain.money import Money
from service.presentation.values import Document, money


def variances_document(inputs: StatementInputs, found: Iterable[ClosedVariance]) -> Document:
    """Every closed period that today's calculation would state otherwise."""
    return {
        "partner": inputs.partner.id,
        "calculation": inputs.calculation,
        "items": [variance_document(one) for one in found],
    }


def variance_document(found: ClosedVariance) -> Document:
    """A closed period that today's calculation would state otherwise."""
    one, currency = found.variance, found.state.closing.statement.currency
    dismissed = found.dismissed
    return {
        "period": one.period,
        "closed_with": one.calculation,
        "amount": _money(one.amount_minor, currency),
        "entered": _money(found.entered_minor, currency),
        "state": "posted" if not found.left_minor else "open" if dismissed is None else "dismissed",
        "dismissed": dismissed
        and {
            "position": dismissed.step.position,
            "at": instant_text(dismissed.step.at),
            "by": dismissed.step.by,
            "reason": dismissed.step.reason,
        },
        "lines": [
            {
                "line": line.line,
                "closed_with": _money(line.closed_with_minor, currency),
                "now": _money(line.now_minor, currency),
            }
            for line in one.lines
        ],
    }


def _money(amount_minor: int, currency: str) -> Document:
    return money(Money(amount_minor=amount_minor, currency=currency))
