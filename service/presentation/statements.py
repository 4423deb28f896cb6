"""Statements as the HTTP contract shows them."""

from domain.calendar import instant_text
from domain.commission.document import document_of
from domain.commission.lines import Statement
from domain.commission_period.aggregate import ClosedPeriod
from domain.ids import Position
from service.presentation.values import Document


def closed_document(period: ClosedPeriod) -> Document:
    """A closed statement: nothing in it but its status ever changes."""
    return document_of(
        period.closing.statement,
        status=period.status,
        position=period.position,
        digest=period.closing.digest,
        closed_at=instant_text(period.closed_at),
    )


def open_document(statement: Statement, position: Position) -> Document:
    """An open statement as it stood at a position of the log."""
    return document_of(statement, status="open", position=position)
