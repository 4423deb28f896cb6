"""The log as projections read it: decoded events by position (see `projections/log.py`)."""

from functools import partial

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import Position, ProgrammeId
from projections.log import Transactions
from projections.projection import Logged
from projections.rebuild import FinalLock
from service.database import read, write
from service.event_store import find_head, lock_head, logged, read_events
from service.event_types import EventTypes
from service.schema import record_heads

END_OF_LOG = 2**63 - 1


class LogSource:
    """Gives projections the events of `record_events`; an event type that this version does not know stops them."""

    def __init__(self, types: EventTypes) -> None:
        self._types = types

    async def read(
        self, connection: AsyncConnection, programme: ProgrammeId, after: Position, limit: int
    ) -> list[Logged[object]]:
        """The first events after a position, at most `limit` of them."""
        rows = await read_events(connection, programme, after=after, up_to=END_OF_LOG, at_most=limit)
        return [logged(row, self._types) for row in rows]

    async def head(self, connection: AsyncConnection, programme: ProgrammeId) -> Position:
        """The position of the programme's last event; 0 when there is none."""
        head = await find_head(connection, programme)
        return Position(0 if head is None else head.position)


def transactions(engine: AsyncEngine) -> Transactions:
    """The two kinds of transaction on this engine, as projections are given them."""
    return Transactions(read=partial(read, engine), write=partial(write, engine))


def head_lock(programme: ProgrammeId) -> FinalLock:
    """The final lock of a rebuild of inline projections: nobody appends to the programme until it is released.

    The raised revision makes every appender read again which generation is live.
    """

    async def lock(connection: AsyncConnection) -> Position:
        head, _ = await lock_head(connection, programme)
        await connection.execute(
            update(record_heads).where(record_heads.c.programme == programme).values(revision=head.revision + 1)
        )
        return Position(head.position)

    return lock
