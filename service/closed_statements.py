"""The closed statements of a period as they stand in the log, each with all that people did to it since."""

from collections.abc import AsyncIterator
from typing import Final, NamedTuple, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Period
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import CommissionPeriodEvent
from domain.ids import ProgrammeId
from domain.recorded import Recorded
from service.event_store import logged, read_streams, stream_names
from service.event_types import EventTypes

STATEMENTS_AT_ONCE: Final = 200


class ClosedStatement(NamedTuple):
    """A closed statement, and the version that its stream has."""

    state: ClosedPeriod
    version: int


async def closed_statements(
    connection: AsyncConnection, programme: ProgrammeId, types: EventTypes, period: Period
) -> AsyncIterator[list[ClosedStatement]]:
    """Every partner's closed statement of a period, by partner, in lists of as many as are read at a time."""
    ending = f"/{period}"
    names = await stream_names(connection, programme, "commission_period")
    wanted = [name for name in names if name.endswith(ending)]
    for start in range(0, len(wanted), STATEMENTS_AT_ONCE):
        found = await read_streams(connection, programme, wanted[start : start + STATEMENTS_AT_ONCE])
        yield [_folded([logged(row, types) for row in rows]) for rows in found.values()]


def _folded(history: list[Recorded[object]]) -> ClosedStatement:
    state = periods.fold(cast("list[Recorded[CommissionPeriodEvent]]", history))
    assert state is not None, "a period's stream begins with its closing"
    return ClosedStatement(state=state, version=len(history))
