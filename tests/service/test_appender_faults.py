"""What goes wrong between the appender and its database, and what its callers are told."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from sqlalchemy import URL, Connection, event, text

from service.appender import Limits
from service.appenders import Appenders
from service.attempt import Attempt
from service.database import Database, open_database, read, write
from service.work import Answer, RequestKey, Unavailable
from tests.service.cutting_proxy import CuttingProxy, cutting_proxy
from tests.service.tally import PROGRAMME, Raise, appenders, begin_log
from tests.service.whole_log import until, whole_log
from tests.support.postgres import PostgresServer
from tests.support.tables import create_tables

KILL_AT_THE_THIRD_COMMIT = """
CREATE SEQUENCE kills
;;
CREATE FUNCTION kill_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('kills') = 3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
    RETURN NULL;
END $$
;;
CREATE CONSTRAINT TRIGGER kill AFTER INSERT OR UPDATE ON view_tallies DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION kill_once()
"""


@dataclass(kw_only=True)
class Cut(Raise):
    """Raises a tally, and has the connection cut around its commit."""

    proxy: CuttingProxy
    delivers: bool

    def run(self, attempt: Attempt) -> Answer:
        if self.runs == 0:
            self.proxy.arm(lambda piece: b"COMMIT" in piece or not self.exclusive, delivers=self.delivers)
        return super().run(attempt)


@pytest_asyncio.fixture
async def proxied(postgresql_url: URL) -> AsyncIterator[tuple[Database, Appenders, CuttingProxy]]:
    """A log, and a process that reaches it through the proxy."""
    database = open_database(postgresql_url)
    await begin_log(database)
    async with cutting_proxy(postgresql_url) as (proxy, url):
        through = open_database(url)
        process = appenders(through)
        yield database, process, proxy
        await process.close()
        await through.close()
    await database.close()


@pytest.mark.parametrize("delivers", [True, False], ids=["stored", "not stored"])
@pytest.mark.parametrize("exclusive", [True, False], ids=["lock path", "fast path"])
async def test_a_connection_lost_around_the_commit_is_looked_up(
    proxied: tuple[Database, Appenders, CuttingProxy], delivers: bool, exclusive: bool
) -> None:
    """Whether the lost commit happened or not: the work is stored exactly once, and its answer is the stored one."""
    database, process, proxy = proxied
    for _ in range(3):
        await process.submit(PROGRAMME, Raise(tally="a"))
    work = Cut(tally="a", proxy=proxy, delivers=delivers, exclusive=exclusive)
    answer = await process.submit(PROGRAMME, work)
    assert (answer.body, answer.position, proxy.cuts) == (b"4", 4, 1)
    assert work.runs == (1 if delivers else 2)
    assert len(await whole_log(database)) == 4
    assert (await process.submit(PROGRAMME, Raise(tally="a"))).body == b"5"
    assert process.health.ready


@pytest.mark.parametrize("exclusive", [True, False], ids=["lock path", "fast path"])
async def test_a_backend_killed_at_its_commit_is_looked_up(postgresql_url: URL, exclusive: bool) -> None:
    """PostgreSQL ends the session while it commits: nothing was stored, and the work is stored then."""
    database = open_database(postgresql_url)
    await begin_log(database)
    process = appenders(database)
    async with write(database.engine) as connection:
        for statement in KILL_AT_THE_THIRD_COMMIT.split(";;"):
            await connection.execute(text(statement))
    for n in range(4):
        answer = await process.submit(PROGRAMME, Raise(tally="a", exclusive=exclusive))
        assert answer.body == b"%d" % (n + 1)
    assert len(await whole_log(database)) == 4
    await process.close()
    await database.close()


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "not stored"])
async def test_a_disk_error_around_the_commit_is_looked_up(sqlite_url: URL, stored: bool) -> None:
    """SQLite reports an error whether or not it has committed: the work is stored exactly once."""
    database = open_database(sqlite_url)
    await begin_log(database)
    process = appenders(database)
    await process.submit(PROGRAMME, Raise(tally="a"))

    @event.listens_for(database.appender.sync_engine, "commit", once=True)
    def fail(connection: Connection) -> None:
        if stored:
            connection.exec_driver_sql("COMMIT")
        raise sqlite3.OperationalError("disk I/O error")

    answer = await process.submit(PROGRAMME, Raise(tally="a"))
    assert (answer.body, answer.position) == (b"2", 2)
    assert len(await whole_log(database)) == 2
    await process.close()
    await database.close()


async def test_an_unknown_outcome_without_events_is_answered_again_or_left_open(
    proxied: tuple[Database, Appenders, CuttingProxy],
) -> None:
    """A batch that only stored requests leaves no event to look for: its callers are told to repeat, which is safe."""
    database, process, proxy = proxied
    await process.submit(PROGRAMME, Raise(tally="a"))
    request = RequestKey("key_1", "k-1", b"h" * 32)
    for _ in range(2):
        await process.submit(PROGRAMME, Nothing(tally="a", proxy=None, request=RequestKey("key_1", "warm", b"h" * 32)))
    with pytest.raises(Unavailable):
        await process.submit(PROGRAMME, Nothing(tally="a", proxy=proxy, request=request))
    assert (await process.submit(PROGRAMME, Nothing(tally="a", proxy=None, request=request))).replayed
    assert len(await whole_log(database)) == 1


@dataclass(kw_only=True)
class Nothing(Raise):
    """Finds that all is as it should be, and has the connection cut after that is stored."""

    proxy: CuttingProxy | None

    def run(self, attempt: Attempt) -> Answer:
        if self.proxy is not None and self.runs == 0:
            self.proxy.arm(lambda piece: True, delivers=True)
        self.runs += 1
        return Answer(body=b"nothing to do")


async def test_a_database_that_goes_away_is_said_and_waited_for(crashable_postgres: PostgresServer) -> None:
    """While PostgreSQL is down callers are told so; nothing acknowledged is lost, and nothing is there twice."""
    url = crashable_postgres.url()
    await create_tables(url)
    database = open_database(url)
    await begin_log(database)
    process = appenders(database, limits=Limits(probe_seconds=0.05))
    acknowledged: list[int | None] = []

    async def client(name: int) -> None:
        for n in range(40):
            request = RequestKey(f"key_{name}", f"k-{n}", b"h" * 32)
            answer = None
            while answer is None:
                try:
                    answer = await process.submit(PROGRAMME, Raise(tally="a", request=request))
                except Unavailable:
                    await asyncio.sleep(0.01)
            acknowledged.append(answer.position)

    clients = [asyncio.create_task(client(name)) for name in range(8)]
    await until(lambda: len(acknowledged) > 40)
    crashable_postgres.kill()
    await until(lambda: not process.health.ready)
    await asyncio.to_thread(crashable_postgres.start)
    await asyncio.gather(*clients)
    assert sorted(position for position in acknowledged if position) == list(range(1, 321))
    assert len(await whole_log(database)) == 320
    await process.close()
    await database.close()


async def test_the_appender_finds_out_by_itself_that_the_database_is_back(crashable_postgres: PostgresServer) -> None:
    """A process that is taken out of service for being not ready gets no work that would show it ready again."""
    url = crashable_postgres.url()
    await create_tables(url)
    database = open_database(url)
    await begin_log(database)
    process = appenders(database, limits=Limits(probe_seconds=0.05))
    await process.submit(PROGRAMME, Raise(tally="a"))
    crashable_postgres.kill()
    with pytest.raises(Unavailable):
        await process.submit(PROGRAMME, Raise(tally="a", request=RequestKey("key_1", "k-1", b"h" * 32)))
    assert not process.health.ready
    await asyncio.to_thread(crashable_postgres.start)
    await until(lambda: process.health.ready)
    assert (await process.submit(PROGRAMME, Raise(tally="a"))).body == b"2"
    await process.close()
    await database.close()


async def test_a_table_that_is_missing_is_no_fault_of_the_works(log: Database, process: Appenders) -> None:
    """An error of the schema refuses the batch and is no reason to try its works one by one."""
    work = Raise(tally="a", request=RequestKey("key_1", "k-1", b"h" * 32))
    async with write(log.engine) as connection:
        await connection.execute(text("ALTER TABLE record_requests RENAME TO record_elsewhere"))
    with pytest.raises(Unavailable):
        await process.submit(PROGRAMME, work)
    assert not process.health.ready
    async with read(log.engine) as connection:
        assert await connection.scalar(text("SELECT count(*) FROM record_events")) == 0
