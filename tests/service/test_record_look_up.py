"""Looking up many keys reads their rows, however large the programme and whatever the planner was told."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import ProgrammeId
from service.database import open_database, write
from service.event_store import read_streams, stream_versions
from service.record_look_up import find_deliveries, find_requests, find_waiting
from service.work import RequestKey

PROGRAMME = ProgrammeId("acme")
ROWS = 50_000
KEYS = range(0, 64_000, 1000)
FILL = """
INSERT INTO record_requests
    SELECT 'acme', 'key_1', 'k-' || n, '', '', true, n, n, n FROM generate_series(1, :rows) AS n;
INSERT INTO record_deliveries
    SELECT 'acme', 'crm', 'msg_' || n, n, n, '', '', '{}', 'parked', NULL, NULL, NULL, 'deal:' || n, NULL, ''
    FROM generate_series(1, :rows) AS n;
INSERT INTO record_events
    SELECT 'acme', n, 'tally/' || n, 1, 't.v1', '', n, 'x', NULL, '' FROM generate_series(1, :rows) AS n
"""
ROWS_READ = text(
    "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
    " WHERE relname LIKE 'record_%'"
)


async def requests(connection: AsyncConnection) -> int:
    keys = [RequestKey("key_1", f"k-{n}", b"") for n in KEYS]
    return len(await find_requests(connection, PROGRAMME, keys))


async def deliveries(connection: AsyncConnection) -> int:
    return len(await find_deliveries(connection, PROGRAMME, [("crm", f"msg_{n}") for n in KEYS]))


async def waiting(connection: AsyncConnection) -> int:
    return len(await find_waiting(connection, PROGRAMME, [f"deal:{n}" for n in KEYS], after=-1, at_most=100))


async def versions(connection: AsyncConnection) -> int:
    found = await stream_versions(connection, PROGRAMME, [f"tally/{n}" for n in KEYS])
    return sum(version or 0 for version in found.values())


async def streams(connection: AsyncConnection) -> int:
    found = await read_streams(connection, PROGRAMME, [f"tally/{n}" for n in KEYS])
    return sum(map(len, found.values()))


@pytest.mark.parametrize("look", [requests, deliveries, waiting, versions, streams])
async def test_a_plan_made_for_an_empty_table_still_reads_only_the_rows_of_its_keys(
    postgresql_url: URL, look: Callable[[AsyncConnection], Awaitable[int]]
) -> None:
    """50,000 rows without ANALYZE, on a connection whose plan was cached while there were none."""
    database = open_database(postgresql_url)
    async with write(database.engine) as connection:
        for _ in range(8):
            assert await look(connection) == 0
        for statement in FILL.split(";"):
            await connection.execute(text(statement), {"rows": ROWS})
        before = await connection.scalar(ROWS_READ)
        assert await look(connection) == 50
        assert await connection.scalar(ROWS_READ) - before <= 4 * len(KEYS)
    await database.close()
