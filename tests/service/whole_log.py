"""What the tests of the log share: reading all of it, and waiting for something to become true."""

import asyncio
import time
from collections.abc import Callable

from domain.ids import ProgrammeId
from service.chain import EventRow, empty_log, follow
from service.database import Database, read
from service.event_store import read_head, read_log
from tests.service.tally import PROGRAMME

WAIT_SECONDS = 20


async def whole_log(database: Database, programme: ProgrammeId = PROGRAMME) -> list[EventRow]:
    """Every event, with the chain checked from the beginning and the head seen to be its end."""
    rows = [row async for chunk in read_log(database.engine, programme) for row in chunk]
    assert list(follow(empty_log(programme), programme, rows)) == rows
    async with read(database.engine) as connection:
        head = await read_head(connection, programme)
    assert head.tip == ((rows[-1].position, rows[-1].hash, rows[-1].recorded_at) if rows else empty_log(programme))
    return rows


async def until(is_true: Callable[[], bool]) -> None:
    """Gives way to the loop until something is true, within a bound."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, "it did not become true"
        await asyncio.sleep(0.001)
