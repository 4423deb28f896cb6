"""Bringing a database's schema to the one this release knows, and telling whether it is there.

Several may try at once: PostgreSQL's advisory lock and SQLite's one writer let one of them do it, and the others then
find nothing to do. (The lock is outside the write path, where none is allowed.)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database import IDLE_IN_TRANSACTION_SECONDS, postgresql_engine, read, write

ONE_AT_A_TIME: Final = 0x46697273_74636C61
"""The advisory lock's number: `Firstcla` in ASCII."""


async def upgrade(engine: AsyncEngine) -> None:
    """Apply every step that this database has not seen yet, in one transaction."""
    async with _patient(engine) as patient:
        async with write(patient) as connection:
            if patient.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ONE_AT_A_TIME})
            await connection.run_sync(run_steps)
        if patient.dialect.name == "postgresql":
            # Plans made while the tables were unknown would be kept.
            async with write(patient) as connection:
                await connection.execute(text("ANALYZE"))


async def is_current(engine: AsyncEngine) -> bool:
    """Whether this release can work on the database: its schema is ours, or one of a later release."""
    async with read(engine) as connection:
        found = await connection.run_sync(_revision)
    return found is not None and (found == steps().get_current_head() or found not in _known())


def run_steps(connection: Connection) -> None:
    """Apply the missing steps in the connection's own transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@cache
def steps() -> ScriptDirectory:
    """The steps of this release."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    # ConfigParser takes a percent sign for the beginning of a reference.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


@cache
def _known() -> frozenset[str]:
    return frozenset(step.revision for step in steps().walk_revisions())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@asynccontextmanager
async def _patient(engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """The engine, but no command of it is cut short: building an index may take long."""
    if engine.dialect.name != "postgresql":
        yield engine
        return
    patient = postgresql_engine(engine.url, None, IDLE_IN_TRANSACTION_SECONDS, pool_size=1, max_overflow=0)
    try:
        yield patient
    finally:
        await patient.dispose()
