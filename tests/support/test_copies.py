"""A test finds its PostgreSQL database as if nobody had ever used it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import URL, text

from service.database import open_database, read, write
from tests.support.copies import Copies


@pytest_asyncio.fixture
async def copies(postgres_url: URL, postgresql_template: str) -> AsyncIterator[Copies]:
    """Copies that nobody else takes."""
    copies = Copies(postgres_url, postgresql_template)
    yield copies
    await copies.end()


async def executed(url: URL, *statements: str) -> None:
    """Leave something behind."""
    database = open_database(url)
    try:
        for statement in statements:
            async with write(database.engine) as connection:
                await connection.execute(text(statement))
    finally:
        await database.close()


async def left(url: URL) -> tuple[int, int]:
    """How many rows and how many tables of a test's own there are."""
    database = open_database(url)
    async with read(database.engine) as connection:
        rows = await connection.scalar(text("SELECT count(*) FROM view_live"))
        tables = await connection.scalar(text("SELECT count(*) FROM pg_class WHERE relname = 'of_a_test'"))
    await database.close()
    return rows or 0, tables or 0


LIVE = "INSERT INTO view_live (programme, projection, generation) VALUES ('story', 'priority', 7)"


async def test_rows_and_tables_of_a_test_are_gone_when_the_next_one_comes(copies: Copies) -> None:
    """The database is the same one; whoever is still connected to it is disconnected."""
    url = await copies.take()
    forgotten = open_database(url)
    async with forgotten.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        await executed(url, LIVE, "CREATE TABLE of_a_test AS SELECT 1 AS one")
        assert await left(url) == (1, 1)
        await copies.give_back(url)
        await connection.invalidate()
    await forgotten.close()
    again = await copies.take()
    assert (again, await left(again)) == (url, (0, 0))
    await copies.give_back(again)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE view_live ADD COLUMN more integer",
        "DROP INDEX {index}",
        "DROP TABLE view_live",
        "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "UPDATE alembic_version SET version_num = 'another'",
        "ANALYZE view_live",
    ],
)
async def test_a_database_in_which_more_than_rows_has_changed_is_nobodys_again(copies: Copies, change: str) -> None:
    """Columns, indexes, tables, functions, the revision, and what the planner knows."""
    url = await copies.take()
    database = open_database(url)
    async with read(database.engine) as connection:
        index = await connection.scalar(
            text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisunique AND indrelid > 16384 LIMIT 1")
        )
    await database.close()
    await executed(url, LIVE, change.format(index=index))
    await copies.give_back(url)
    again = await copies.take()
    assert (again == url, await left(again)) == (False, (0, 0))
    await copies.give_back(again)
