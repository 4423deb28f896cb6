"""Several appenders on one programme: one order, and every cache agrees with it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from sqlalchemy import URL, select, text

from service.appenders import Appenders
from service.database import Database, open_database, read, write
from tests.service.tally import PROGRAMME, Raise, TallyLoader, appenders, begin_log, view_tallies
from tests.service.whole_log import whole_log

ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture
async def rivals(engine_url: URL, log: Database) -> AsyncIterator[list[Appenders]]:
    """Three processes' appenders, each with connections of its own."""
    databases = [open_database(engine_url) for _ in range(3)]
    made = [appenders(database) for database in databases]
    yield made
    for process in made:
        await process.close()
    for database in databases:
        await database.close()


async def test_three_appenders_give_one_order_without_gaps(log: Database, rivals: list[Appenders]) -> None:
    """Positions are gap-free, the chain is intact, and no raise of a shared tally is lost."""

    async def client(process: Appenders) -> list[int | None]:
        return [(await process.submit(PROGRAMME, Raise(tally="shared"))).position for _ in range(20)]

    answers = await asyncio.gather(*(client(rivals[n % 3]) for n in range(15)))
    rows = await whole_log(log)
    assert [row.version for row in rows] == list(range(1, 301))
    assert sorted(position for positions in answers for position in positions if position) == list(range(1, 301))
    assert await total(log, "shared") == 300


async def test_separate_processes_give_one_order(postgresql_url: URL) -> None:
    """The same with real processes."""
    database = open_database(postgresql_url)
    await begin_log(database)
    command = [sys.executable, "-m", "tests.service.rival_process", postgresql_url.render_as_string(False), "200"]
    processes = [await asyncio.create_subprocess_exec(*command, cwd=ROOT) for _ in range(3)]
    async with asyncio.timeout(60):
        assert [await process.wait() for process in processes] == [0, 0, 0]
    assert [row.version for row in await whole_log(database)] == list(range(1, 601))
    assert await total(database, "shared") == 600
    await database.close()


async def test_a_cache_sees_what_another_process_wrote(rivals: list[Appenders]) -> None:
    """Whatever this process remembers, its next decision rests on everything recorded before it."""
    for n in range(12):
        answer = await rivals[n % 3].submit(PROGRAMME, Raise(tally="a"))
        assert answer.body == b"%d" % (n + 1)


async def test_only_what_others_touched_leaves_the_cache(engine_url: URL, log: Database) -> None:
    """After catching up, the states that nobody changed are still remembered."""
    loader = TallyLoader()
    ours, database = appenders(log, loader=loader), open_database(engine_url)
    theirs = appenders(database)
    await asyncio.gather(*(ours.submit(PROGRAMME, Raise(tally=tally)) for tally in "abc"))
    await theirs.submit(PROGRAMME, Raise(tally="b"))
    loader.loads.clear()
    answers = await asyncio.gather(*(ours.submit(PROGRAMME, Raise(tally=tally)) for tally in "abc"))
    assert [answer.body for answer in answers] == [b"2", b"3", b"2"]
    assert ("tally", "b") in loader.loads[-1]
    assert loader.loads[-1] == (("tally", "b"),)
    for process in (ours, theirs):
        await process.close()
    await database.close()


async def test_a_refusal_rests_on_what_is_committed(rivals: list[Appenders]) -> None:
    """A stale cache refuses nothing: even a batch that writes nothing is checked against the head."""
    first, second, _ = rivals
    await first.submit(PROGRAMME, Raise(tally="a", by=1_000_000))
    refused = await asyncio.gather(first.submit(PROGRAMME, Raise(tally="a")), return_exceptions=True)
    await second.submit(PROGRAMME, Raise(tally="a", by=-10))
    answer = await first.submit(PROGRAMME, Raise(tally="a", by=5))
    assert isinstance(refused[0], Exception)
    assert answer.body == b"999995"


async def test_a_restored_log_drops_everything_remembered(log: Database, rivals: list[Appenders]) -> None:
    """When the head went back, because a backup was restored, nothing of what came after it is remembered."""
    process = rivals[0]
    for _ in range(3):
        await process.submit(PROGRAMME, Raise(tally="a"))
    async with write(log.engine) as connection:
        await connection.execute(
            text(
                "UPDATE record_heads SET revision = revision - 2, position = 1,"
                " hash = (SELECT hash FROM record_events WHERE position = 1),"
                " recorded_at = (SELECT recorded_at FROM record_events WHERE position = 1)"
            )
        )
        await connection.execute(text("DELETE FROM record_events WHERE position > 1"))
        await connection.execute(view_tallies.update().values(total=1))
    assert (await process.submit(PROGRAMME, Raise(tally="a"))).body == b"2"
    assert len(await whole_log(log)) == 2


async def test_a_log_with_another_history_drops_everything_remembered(log: Database, rivals: list[Appenders]) -> None:
    """A restored log that went on differently is recognised by its chain, not by its length."""
    first, second, _ = rivals
    for _ in range(2):
        await first.submit(PROGRAMME, Raise(tally="a"))
    async with write(log.engine) as connection:
        await connection.execute(
            text(
                "UPDATE record_heads SET revision = 1, position = 1,"
                " hash = (SELECT hash FROM record_events WHERE position = 1),"
                " recorded_at = (SELECT recorded_at FROM record_events WHERE position = 1)"
            )
        )
        await connection.execute(text("DELETE FROM record_events WHERE position > 1"))
        await connection.execute(view_tallies.update().values(total=1))
    for _ in range(3):
        await second.submit(PROGRAMME, Raise(tally="a", by=10))
    assert (await first.submit(PROGRAMME, Raise(tally="a"))).body == b"32"
    assert len(await whole_log(log)) == 5


async def total(database: Database, tally: str) -> int:
    """What the inline view says."""
    async with read(database.engine) as connection:
        found = await connection.scalar(select(view_tallies.c.total).where(view_tallies.c.tally == tally))
    assert found is not None
    return int(found)
