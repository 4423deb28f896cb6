"""What finance may post for a partner, as the HTTP contract shows it, with what was posted already."""

from domain.commission.clawbacks import proposed_clawbacks
from domain.commission.statement import StatementInputs
from domain.commission_period.variance import variances
from domain.entered_adjustment.events import EnteredKind
from domain.ids import LineId
from domain.money import Money
from service.presentation.values import Document, money


def clawbacks_document(inputs: StatementInputs) -> Document:
    """Every settled line whose deal is unpaid."""
    return {
        "partner": inputs.partner.id,
        "items": [
            {
                "period": one.period,
                "line": one.line,
                "registration": one.registration,
                "settled": _money(inputs, one.amount_minor),
                "entered": _money(inputs, _entered(inputs, "clawback", one.period, one.line)),
                "evidence": list(one.evidence),
            }
            for one in proposed_clawbacks(inputs)
        ],
    }


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
                "entered": _money(inputs, _entered(inputs, "variance", one.period, None)),
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


def _entered(inputs: StatementInputs, kind: EnteredKind, period: str, line: LineId | None) -> int:
    """What was entered about it already."""
    events = [recorded.event for recorded in inputs.entered]
    about = [event for event in events if event.kind == kind and event.period == period and line in (None, event.line)]
    return sum(event.amount.amount_minor for event in about)


def _money(inputs: StatementInputs, amount_minor: int) -> Document:
    return money(Money(amount_minor=amount_minor, currency=inputs.partner.currency))
