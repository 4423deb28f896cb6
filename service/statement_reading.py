"""A partner's statement of a period: as it is now, or as it was known at a position of the log (rules §7)."""

import json
from typing import Any, cast

from domain.calendar import Period, instant_text
from domain.commission.statement import statement
from domain.commission_period import aggregate as periods
from domain.commission_period.events import CommissionPeriodEvent
from domain.ids import PartnerId, Position
from domain.recorded import Recorded
from projections.statement_rows import StatementRow, find_statement
from service.event_store import logged, read_stream
from service.presentation.statements import closed_document, open_document
from service.presentation.values import Document
from service.reading import Moment
from service.statement_inputs import StatementReader
from service.streams import period_stream


async def statement_now(
    moment: Moment, reader: StatementReader, partner: PartnerId, period: Period, seen: Position
) -> Document | None:
    """The statement as the view has it at its position `seen`; None for a partner that was not enrolled by then."""
    row = await find_statement(moment.connection, moment.programme.id, partner, str(period))
    if row is not None:
        assert row.document is not None
        return {**row_document(row, seen), **json.loads(row.document)}
    if seen == 0:
        return None
    inputs = await reader.as_of(moment.connection, moment.programme.id, partner, seen)
    return None if inputs is None else open_document(statement(inputs, period), seen)


async def statement_as_of(
    moment: Moment, reader: StatementReader, partner: PartnerId, period: Period, position: Position
) -> Document | None:
    """The statement as it was known just after a position; None for a partner that was not enrolled then."""
    rows = await read_stream(moment.connection, moment.programme.id, period_stream(partner, str(period)))
    history = [logged(row, moment.types) for row in rows if row.position <= position]
    closed = periods.fold(cast("list[Recorded[CommissionPeriodEvent]]", history))
    if closed is not None:
        return closed_document(closed)
    inputs = await reader.as_of(moment.connection, moment.programme.id, partner, position)
    return None if inputs is None else open_document(statement(inputs, period), position)


def row_document(row: StatementRow, seen: Position) -> dict[str, Any]:
    """A statement without its lines. An open one has seen the log up to `seen`."""
    return {
        "partner": row.partner,
        "period": row.period,
        "currency": row.currency,
        "status": row.status,
        "totals": json.loads(row.totals),
        "position": seen if row.closed_position is None else row.closed_position,
        "digest": row.digest,
        "closed_at": None if row.closed_at is None else instant_text(row.closed_at),
    }
