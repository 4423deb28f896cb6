"""What is closed, as it stands in the log: up to when, and the statements of a period with all that was done since."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Final, NamedTuple, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Period
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import CommissionPeriodEvent
from domain.ids import PartnerId, ProgrammeId
from domain.recorded import Recorded
from service.event_store import logged, read_streams, stream_names
from service.event_types import EventTypes
from service.streams import COMMISSION_PERIOD, period_of_stream

STATEMENTS_AT_ONCE: Final = 200


async def closed_through(
    connection: AsyncConnection, programme: ProgrammeId, partner: PartnerId | None = None
) -> date | None:
    """The last day of the closed periods of a partner, or (None) of anybody; None when none is closed."""
    kind = COMMISSION_PERIOD if partner is None else f"{COMMISSION_PERIOD}/{partner}"
    streams = await stream_names(connection, programme, kind)
    return max((period_of_stream(stream).ends_on for stream in streams), default=None)


class ClosedStatement(NamedTuple):
    """A closed statement, and the version that its stream has."""

    state: ClosedPeriod
    version: int


async def closed_statements(
    connection: AsyncConnection, programme: ProgrammeId, types: EventTypes, period: Period
) -> AsyncIterator[list[ClosedStatement]]:
    """Every partner's closed statement of a period, by partner, in lists of as many as are read at a time."""
    ending = f"/{period}"
    names = await stream_names(connection, programme, COMMISSION_PERIOD)
    wanted = [name for name in names if name.endswith(ending)]
    for start in range(0, len(wanted), STATEMENTS_AT_ONCE):
        found = await read_streams(connection, programme, wanted[start : start + STATEMENTS_AT_ONCE])
        yield [_folded([logged(row, types) for row in rows]) for rows in found.values()]


def _folded(history: list[Recorded[object]]) -> ClosedStatement:
    state = periods.fold(cast("list[Recorded[CommissionPeriodEvent]]", history))
    assert state is not None, "a period's stream begins with its closing"
    return ClosedStatement(state=state, version=len(history))
