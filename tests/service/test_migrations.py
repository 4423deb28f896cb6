"""The schema's steps lead to the declared tables, once, whoever else is trying, on both engines."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Connection, MetaData, text

from service.database import Database, open_database, read, write
from service.migrate import is_current, upgrade
from service.migrations.declared import declared_tables

SQLITE_CATALOGUE = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'alembic_%'"
POSTGRESQL_CATALOGUE = """
SELECT table_name || '.' || column_name,
       concat_ws(' ', data_type, is_nullable, column_default, is_identity, character_maximum_length)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""


@pytest.fixture
async def empty(empty_url: URL) -> AsyncIterator[Database]:
    """An open database without any table."""
    opened = open_database(empty_url)
    yield opened
    await opened.close()


async def catalogue(database: Database) -> dict[str, str]:
    """What the database itself says about its tables, columns, keys and indexes."""
    sqlite = database.engine.dialect.name == "sqlite"
    async with read(database.engine) as connection:
        rows = await connection.execute(text(SQLITE_CATALOGUE if sqlite else POSTGRESQL_CATALOGUE))
        return {
            name: " ".join((definition or "").replace('"', "").split())
            for name, definition in rows.all()
            if "alembic" not in name
        }


async def test_the_steps_lead_to_the_declared_tables(empty: Database) -> None:
    """Otherwise `python -m service.migrations` writes the missing step (see that package)."""

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), declared_tables()))

    await upgrade(empty.engine)
    async with read(empty.engine) as connection:
        assert await connection.run_sync(differences) == []


async def test_a_migrated_database_is_the_same_as_one_made_from_the_declared_tables(empty: Database) -> None:
    """Keys, checks and defaults too, which Alembic does not compare."""
    await upgrade(empty.engine)
    migrated = await catalogue(empty)

    def start_over(connection: Connection) -> None:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)
        declared_tables().create_all(connection)

    async with write(empty.engine) as connection:
        await connection.run_sync(start_over)
    assert migrated == await catalogue(empty)


async def test_only_a_migrated_database_is_current(empty: Database) -> None:
    """A server refuses an old schema instead of failing on it later."""
    assert not await is_current(empty.engine)
    await upgrade(empty.engine)
    assert await is_current(empty.engine)


async def test_migrating_again_changes_nothing(empty: Database) -> None:
    """What is already so is left as it is."""
    await upgrade(empty.engine)
    before = await catalogue(empty)
    await upgrade(empty.engine)
    assert await catalogue(empty) == before


async def test_a_schema_of_a_later_release_is_current(empty: Database) -> None:
    """Servers are replaced one by one after the migration; those not yet replaced go on."""
    await upgrade(empty.engine)
    async with write(empty.engine) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert await is_current(empty.engine)


async def test_two_migrations_at_once_do_the_work_once(empty_url: URL) -> None:
    """Several servers starting together on a new database all end well."""
    databases = [open_database(empty_url) for _ in range(4)]
    try:
        await asyncio.gather(*(upgrade(database.engine) for database in databases))
        assert await is_current(databases[0].engine)
    finally:
        for database in databases:
            await database.close()


async def test_a_migration_that_fails_leaves_nothing_behind(empty: Database) -> None:
    """A step is all or nothing, on SQLite as well."""
    async with write(empty.engine) as connection:
        await connection.execute(text("CREATE TABLE record_events (in_the_way INTEGER)"))
    before = await catalogue(empty)
    with pytest.raises(Exception, match="already exists"):
        await upgrade(empty.engine)
    assert await catalogue(empty) == before
    assert not await is_current(empty.engine)
