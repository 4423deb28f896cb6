"""What closing a period now would state for each partner, and why each line is held. Nothing is stored (rules §7)."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Period, end_of_day
from domain.commission.document import document_of
from domain.commission.lines import Statement
from domain.commission.statement import StatementInputs, lines_today, statement
from domain.commission_period.aggregate import ClosePeriod, close
from domain.ids import PartnerId, ProgrammeId
from domain.money import Money
from domain.refusal import Refusal
from service.event_store import stream_names
from service.presentation.values import Document, money
from service.reading import Moment
from service.statement_inputs import StatementReader

PARTNER: Final = "partner"


async def partners_after(
    connection: AsyncConnection, programme: ProgrammeId, after: str, limit: int
) -> list[PartnerId]:
    """The ids of the partners after one, in order."""
    names = await stream_names(connection, programme, PARTNER, after=f"{PARTNER}/{after}", limit=limit)
    return [PartnerId(name.removeprefix(f"{PARTNER}/")) for name in names]


async def preview(
    moment: Moment, reader: StatementReader, period: Period, partners: Sequence[PartnerId]
) -> list[Document]:
    """What closing the period now would state for these partners, by force where it has not ended."""
    inputs = await reader.at_head(moment.connection, moment.programme.id, partners, moment.position)
    return [_partner(given, period, moment) for _, given in sorted(inputs.items())]


def has_ended(moment: Moment, period: Period) -> bool:
    """Whether the period can be closed without force."""
    return end_of_day(period.ends_on, moment.programme.zone) <= moment.now


def _partner(inputs: StatementInputs, period: Period, moment: Moment) -> Document:
    command = ClosePeriod(inputs=inputs, period=period, now=moment.now, read_to=moment.position, forced=True)
    refused: Document | None = None
    closes: list[str] = []
    try:
        closes = [closing.period for closing in close(command)]
    except Refusal as refusal:
        refused = {"code": refusal.code, "detail": refusal.detail}
    stated = statement(inputs, period)
    return {
        "partner": inputs.partner.id,
        "closed": any(closing.period == str(period) for closing in inputs.closed),
        "closes": closes,
        "refused": refused,
        "states_something": stated.states_something,
        "totals": document_of(stated, status="open", position=0)["totals"],
        "held": list(_held(inputs, stated)),
    }


def _held(inputs: StatementInputs, stated: Statement) -> Iterator[Document]:
    """Every line and part of an adjustment that would be held, and why."""
    for line in stated.lines:
        if line.held_because:
            yield _hold(stated, line.id, None, line.held_minor, line.held_because)
    parts = [part for adjustment in stated.adjustments for part in adjustment.lines if part.held_minor]
    known = {line.id: line for line in lines_today(inputs)} if parts else {}
    for adjustment in stated.adjustments:
        if adjustment.id is not None and adjustment.held_minor:
            yield _hold(stated, adjustment.id, adjustment.period, adjustment.held_minor, ("PARTNER_SUSPENDED",))
        for part in adjustment.lines:
            if part.held_minor:
                because = known[part.line].held_because
                yield _hold(stated, part.line, adjustment.period, part.held_minor, because)


def _hold(stated: Statement, line: str, period: str | None, held_minor: int, because: Sequence[str]) -> Document:
    return {
        "line": line,
        "period": period or stated.period,
        "held": money(Money(amount_minor=held_minor, currency=stated.currency)),
        "held_because": list(because),
    }
