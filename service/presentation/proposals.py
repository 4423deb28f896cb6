"""What finance may post for a partner, as the HTTP contract shows it, with what was posted already."""

from domain.commission.statement import StatementInputs
from domain.commission_period.variance import variances
from domain.money import Money
from service.presentation.values import Document, money


def variances_document(inputs: StatementInputs) -> Document:
    """Every closed period that today's calculation would state otherwise."""
    return {
        "partner": inputs.partner.id,
        "calculation": inputs.calculation,
        "items": [
            {
                "period": one.period,
                "closed_with": one.calculation,
                "amount": _money(inputs, one.amount_minor),
                "entered": _money(inputs, _entered(inputs, one.period)),
                "lines": [
                    {
                        "line": line.line,
                        "closed_with": _money(inputs, line.closed_with_minor),
                        "now": _money(inputs, line.now_minor),
                    }
                    for line in one.lines
                ],
            }
            for one in variances(inputs)
        ],
    }


def _entered(inputs: StatementInputs, period: str) -> int:
    """The variances that were entered about a period already."""
    events = [recorded.event for recorded in inputs.entered]
    return sum(event.amount.amount_minor for event in events if (event.kind, event.period) == ("variance", period))


def _money(inputs: StatementInputs, amount_minor: int) -> Document:
    return money(Money(amount_minor=amount_minor, currency=inputs.partner.currency))
