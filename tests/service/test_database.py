"""The two transactions, and what the databases' errors mean, on both engines."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import URL, Column, Integer, MetaData, Table, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.database import (
    Database,
    is_connection_error,
    is_data_error,
    is_serialization_failure,
    open_database,
    read,
    sqlstate,
    write,
)
from tests.support.postgres import PostgresServer

counters = Table(
    "counters",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer, nullable=False),
)


@pytest.fixture
async def counting(database: Database) -> Database:
    """A database with one counter at zero."""
    async with write(database.engine) as connection:
        await connection.run_sync(counters.create)
        await connection.execute(insert(counters).values(id=1, value=0))
    return database


async def value_in(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(counters.c.value))).scalar_one())


async def test_a_write_that_fails_changes_nothing(counting: Database) -> None:
    """An exception anywhere in a write rolls all of it back."""
    with pytest.raises(ZeroDivisionError):
        async with write(counting.engine) as connection:
            await connection.execute(update(counters).values(value=7))
            raise ZeroDivisionError
    async with read(counting.engine) as connection:
        assert await value_in(connection) == 0


async def test_a_read_sees_one_moment_from_beginning_to_end(counting: Database) -> None:
    """Rows and checkpoint read in one transaction belong together, whatever is committed meanwhile."""
    async with read(counting.engine) as reader:
        before = await value_in(reader)
        async with write(counting.appender) as writer:
            await writer.execute(update(counters).values(value=1))
        assert await value_in(reader) == before
    async with read(counting.engine) as reader:
        assert await value_in(reader) == before + 1


async def test_writers_that_read_first_never_lose_an_update(counting: Database) -> None:
    """Forty writers at once, each reading and then writing under the row's lock: all forty count."""

    async def add_one() -> None:
        async with write(counting.engine) as connection:
            found = (await connection.execute(select(counters.c.value).with_for_update())).scalar_one()
            await connection.execute(update(counters).values(value=found + 1))

    async with asyncio.TaskGroup() as group:
        for _ in range(40):
            group.create_task(add_one())
    async with read(counting.engine) as connection:
        assert await value_in(connection) == 40


async def test_two_engines_on_one_file_take_turns(sqlite_url: URL, tmp_path: Path) -> None:
    """The lock is the file's: whoever opens it twice in one process still writes in order."""
    first, second = open_database(sqlite_url), open_database(sqlite_url)
    try:
        async with write(first.engine) as connection:
            await connection.run_sync(counters.create)
            waiting = asyncio.create_task(_insert(second, 1))
            await _insert_in(connection, 2)
            assert not waiting.done()
        await asyncio.wait_for(waiting, 10)
    finally:
        await first.close()
        await second.close()


async def _insert(database: Database, identity: int) -> None:
    async with write(database.engine) as connection:
        await _insert_in(connection, identity)


async def _insert_in(connection: AsyncConnection, identity: int) -> None:
    await connection.execute(insert(counters).values(id=identity, value=0))


async def test_sqlite_keeps_what_it_commits(sqlite_url: URL) -> None:
    """Write-ahead log, every commit on disk before it is answered, foreign keys enforced."""
    opened = open_database(sqlite_url)
    try:
        async with read(opened.engine) as connection:
            found = [
                (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
    finally:
        await opened.close()
    assert found == ["wal", 2, 1, 5000]


async def test_many_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """The first moment of a database is no race: sixteen connections opened together all work."""
    engines = [open_database(f"sqlite:///{tmp_path}/folder/new.db") for _ in range(16)]

    async def ask(database: Database) -> int:
        async with read(database.engine) as connection:
            return (await connection.execute(select(literal(1)))).scalar_one()

    try:
        assert await asyncio.gather(*(ask(database) for database in engines)) == [1] * 16
    finally:
        for database in engines:
            await database.close()


async def test_a_key_that_exists_is_a_data_error(counting: Database) -> None:
    """It will fail again and hurts nobody else: the appender sends it off alone."""
    with pytest.raises(DBAPIError) as caught:
        await _insert(counting, 1)
    assert is_data_error(caught.value)
    assert not is_connection_error(caught.value)
    assert not is_serialization_failure(caught.value)
    assert sqlstate(caught.value) in {"23505", "SQLITE_CONSTRAINT_PRIMARYKEY"}


async def test_a_value_out_of_range_is_a_data_error(postgresql_url: URL) -> None:
    """Also where the driver finds it before the server does."""
    opened = open_database(postgresql_url)
    try:
        with pytest.raises(DBAPIError) as caught:
            async with read(opened.engine) as connection:
                await connection.execute(select(literal(2**80, Integer)))
    finally:
        await opened.close()
    assert is_data_error(caught.value)


async def test_a_lost_race_is_a_serialization_failure(counting: Database) -> None:
    """Two transactions read the same row, both change it: the second may try again."""
    postgresql = counting.engine.dialect.name == "postgresql"
    with pytest.raises(DBAPIError) as caught:
        async with counting.engine.connect() as connection:
            if postgresql:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            await value_in(connection)
            async with write(counting.engine) as other:
                await other.execute(update(counters).values(value=1))
            await connection.execute(update(counters).values(value=2))
    assert is_serialization_failure(caught.value)
    assert not is_data_error(caught.value)


async def test_nobody_listening_is_a_connection_error(tmp_path: Path) -> None:
    """A database that cannot be reached may be reached later."""
    opened = open_database(f"postgresql://nobody@/none?host={tmp_path}")
    with pytest.raises(FileNotFoundError) as caught:
        async with read(opened.engine):
            pass
    assert is_connection_error(caught.value)


async def test_a_killed_postgresql_costs_what_was_under_way_and_no_more(crashable_postgres: PostgresServer) -> None:
    """What was in flight fails as a connection error; once it is back, the first attempt succeeds."""
    opened = open_database(crashable_postgres.url())
    try:
        async with read(opened.engine), read(opened.engine):
            pass
        with pytest.raises(DBAPIError) as caught:
            async with read(opened.engine) as connection:
                crashable_postgres.kill()
                await connection.execute(select(literal(1)))
        assert is_connection_error(caught.value)
        crashable_postgres.start()
        async with read(opened.engine) as connection:
            assert (await connection.execute(select(literal(1)))).scalar_one() == 1
    finally:
        await opened.close()


async def test_a_stopped_appender_loses_its_transaction(postgresql_url: URL) -> None:
    """A process that stands still under the head lock is thrown out after two seconds, so that others go on."""
    opened = open_database(postgresql_url)
    try:
        async with read(opened.appender) as connection:
            limit = (await connection.execute(text("SHOW idle_in_transaction_session_timeout"))).scalar_one()
    finally:
        await opened.close()
    assert limit == "2s"


async def test_cancelled_writers_leave_neither_locks_nor_connections_behind(counting: Database) -> None:
    """Wherever cancellation strikes, the database stays usable and holds whole transactions only."""
    finished = 0

    async def add_one() -> None:
        nonlocal finished
        async with write(counting.engine) as connection:
            await connection.execute(update(counters).values(value=counters.c.value + 1))
            await connection.execute(update(counters).values(value=counters.c.value + 1))
        finished += 1

    for turns in range(60):
        task = asyncio.create_task(add_one())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    await asyncio.wait_for(add_one(), 10)
    async with read(counting.engine) as connection:
        value = await value_in(connection)
    assert value % 2 == 0
    assert value >= 2 * finished
    assert counting.engine.sync_engine.pool.status().endswith("Current Checked out connections: 0")
