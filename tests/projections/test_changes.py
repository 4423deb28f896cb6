"""Rows of views are written and found in the same way on both databases."""

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.changes import Delete, Key, Upsert, execute, merge, postgresql_statement
from projections.look_up import look_up
from service.database import Database, read, write

pairs_metadata = MetaData()

view_pairs = Table(
    "view_pairs",
    pairs_metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary),
)


def row(key: str, position: int, body: bytes | None = b"") -> dict[str, object]:
    """A row of the first generation of programme p."""
    return {"programme": "p", "generation": 1, "key": key, "position": position, "body": body}


async def bodies(connection: AsyncConnection) -> dict[Key, bytes | None]:
    """What stands in the table."""
    rows = await connection.execute(select(view_pairs.c.key, view_pairs.c.position, view_pairs.c.body))
    return {(key, position): body for key, position, body in rows}


@pytest.fixture(autouse=True)
async def pairs(database: Database) -> None:
    """The empty table."""
    async with write(database.engine) as connection:
        await connection.run_sync(pairs_metadata.create_all)


async def test_an_upsert_puts_rows_in_the_place_of_those_with_their_key(database: Database) -> None:
    """Inserted where new, replaced where known, null where null."""
    async with write(database.engine) as connection:
        await execute(connection, [Upsert(view_pairs, [row("a", 1, b"\x00old"), row("b", 1, None)])])
        await execute(connection, [Upsert(view_pairs, [row("a", 1, b"\xffnew"), row("a", 2, b"other")])])
        assert await bodies(connection) == {("a", 1): b"\xffnew", ("a", 2): b"other", ("b", 1): None}


async def test_the_last_change_of_a_key_wins(database: Database) -> None:
    """The same key in one call is merged, because PostgreSQL refuses it twice in one statement."""
    gone = ("p", 1, "a", 1)
    async with write(database.engine) as connection:
        await execute(
            connection, [Upsert(view_pairs, [row("a", 1, b"1"), row("a", 1, b"2")]), Delete(view_pairs, [gone])]
        )
        assert await bodies(connection) == {}
        await execute(connection, [Delete(view_pairs, [gone]), Upsert(view_pairs, [row("a", 1, b"3")])])
        assert await bodies(connection) == {("a", 1): b"3"}
        await execute(connection, [Delete(view_pairs, [gone]), Delete(view_pairs, [gone])])
        await execute(connection, [Upsert(view_pairs, []), Delete(view_pairs, [])])
        assert await bodies(connection) == {}


async def test_more_rows_than_a_statement_takes_are_written_all(database: Database) -> None:
    """A call may hold any number of rows; a statement does not."""
    async with write(database.engine) as connection:
        await execute(connection, [Upsert(view_pairs, [row("a", number) for number in range(12_345)])])
        assert len(await bodies(connection)) == 12_345
        await execute(connection, [Delete(view_pairs, [("p", 1, "a", number) for number in range(12_344)])])
        assert list(await bodies(connection)) == [("a", 12_344)]


async def test_a_look_up_gives_the_rows_of_its_keys_and_of_nobody_else(database: Database) -> None:
    """At most so many of each key, first by primary key; keys may be of several columns, repeated or unknown."""
    async with write(database.engine) as connection:
        other = row("a", 1) | {"programme": "q"}
        await execute(connection, [Upsert(view_pairs, [row("a", 3), row("a", 1), row("a", 2), row("b'", 1), other])])
    where: dict[str, object] = {"programme": "p", "generation": 1}
    async with read(database.engine) as connection:
        one = await look_up(connection, view_pairs, where=where, by=("key",), keys=[("a",), ("b'",), ("a",), ("c",)])
        two = await look_up(connection, view_pairs, where=where, by=("key",), keys=[("a",)], at_most=2)
        exact = await look_up(connection, view_pairs, where=where, by=("key", "position"), keys=[("a", 3), ("b'", 2)])
        none = await look_up(connection, view_pairs, where=where, by=("key",), keys=[])
    assert sorted((found.key, found.position) for found in one) == [("a", 1), ("b'", 1)]
    assert [found.position for found in two] == [1, 2]
    assert [(found.key, found.position, found.body) for found in exact] == [("a", 3, b"")]
    assert none == []


def test_a_guarded_statement_writes_nothing_without_its_guard() -> None:
    """It stands in the appender's one statement, where nothing may happen unless the head moved."""
    statement = postgresql_statement(Upsert(view_pairs, [row("a", 1)]), prefix="v0_", guard="h")
    assert " FROM h, unnest(" in statement.text
    assert statement.parameters["v0_key"] == "a"
    assert len(merge([Upsert(view_pairs, [row("a", 1), row("a", 1)])])) == 1


async def test_a_look_up_planned_for_a_small_table_reads_few_rows_of_a_large_one(database: Database) -> None:
    """A plan cached early must not scan the whole programme later (64 keys among 50,000 rows, never analysed).

    SQLite plans anew for each connection and has no such counter.
    """
    where: dict[str, object] = {"programme": "p", "generation": 1}
    keys = [(f"k{number}",) for number in range(64)]
    async with read(database.engine) as connection:
        for _ in range(10):
            await look_up(connection, view_pairs, where=where, by=("key",), keys=keys)
    async with write(database.engine) as connection:
        await connection.execute(insert(view_pairs), [row(f"k{number}", 1) for number in range(50_000)])
    async with read(database.engine) as connection:
        found = await look_up(connection, view_pairs, where=where, by=("key",), keys=keys)
        assert len(found) == 64
        if database.engine.dialect.name == "postgresql":
            rows_read = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'view_pairs'"
            assert await connection.scalar(text(rows_read)) <= 640
