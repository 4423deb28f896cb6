"""Databases that tests have to themselves, one after another: emptying one is much less work than making one.

A database is some five hundred files. What a test leaves is a few rows; so only a database in which more has changed
than rows is removed, and the next test gets a new one.
"""

import itertools
import os
from typing import Final

import asyncpg
from sqlalchemy import URL

from tests.support.postgres import create_database, drop_database

_serial: Final = itertools.count(1)

ENDED_WITHIN_MS: Final = 10_000
TABLES: Final = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
END_THE_OTHERS: Final = """
SELECT bool_and(pg_terminate_backend(pid, $1)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
WAS_ANALYZED: Final = "SELECT EXISTS (SELECT FROM pg_stats WHERE schemaname = 'public')"
SHAPE: Final = """
SELECT 'column', relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull || relkind::text
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'index', pg_get_indexdef(indexrelid) || indisvalid
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger
UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'setting', array_to_string(setconfig, ' ') FROM pg_db_role_setting
UNION ALL SELECT 'revision', version_num FROM alembic_version
ORDER BY 1, 2
"""
"""Everything about a database but its rows, and of those the one that says by which migration it was made."""
ROWS_THAT_STAY: Final = "alembic_version"


class Copies:
    """Copies of a template on one server."""

    def __init__(self, server: URL, template: str) -> None:
        self._server = server
        self._template = template
        self._tables: list[str] = []
        self._shape: list[tuple[str, str]] = []
        self._free: list[URL] = []

    async def take(self) -> URL:
        """A database with all tables and no rows."""
        if self._free:
            return self._free.pop()
        name = f"firstclaim_copy_{os.getpid()}_{next(_serial)}"
        url = await create_database(self._server, name, self._template)
        if not self._shape:
            connection = await _connected(url)
            self._tables = [row[0] for row in await connection.fetch(TABLES)]
            self._shape = await _shape(connection)
            await connection.close()
        return url

    async def give_back(self, url: URL) -> None:
        """Its test is over, whoever may still be connected to it."""
        if await self._is_as_new(url):
            self._free.append(url)
        else:
            await drop_database(self._server, url)

    async def end(self) -> None:
        """Remove them all."""
        while self._free:
            await drop_database(self._server, self._free.pop())

    async def _is_as_new(self, url: URL) -> bool:
        """Whether nothing is left in it after its rows were deleted and tables of the test's own dropped."""
        try:
            connection = await _connected(url)
        except (OSError, asyncpg.PostgresError):
            return False
        try:
            return await self._emptied(connection)
        finally:
            await connection.close()

    async def _emptied(self, connection: asyncpg.Connection) -> bool:
        if await connection.fetchval(END_THE_OTHERS, ENDED_WITHIN_MS) is False:
            return False
        if await connection.fetchval(WAS_ANALYZED):
            return False
        found = [row[0] for row in await connection.fetch(TABLES)]
        others = [name for name in found if name not in self._tables]
        if others:
            await connection.execute(f"DROP TABLE {', '.join(map(_quoted, others))} CASCADE")
        if await _shape(connection) != self._shape:
            return False
        if filled := await self._filled(connection):
            await connection.execute(";".join(f"DELETE FROM {_quoted(name)}" for name in filled))
            await connection.execute(f"VACUUM {', '.join(map(_quoted, filled))}")
        return not await self._filled(connection)

    async def _filled(self, connection: asyncpg.Connection) -> list[str]:
        """The tables that have rows."""
        looks = (
            f"SELECT '{name}' AS name WHERE EXISTS (SELECT FROM {_quoted(name)})"
            for name in self._tables
            if name != ROWS_THAT_STAY
        )
        return [row[0] for row in await connection.fetch(" UNION ALL ".join(looks))]


async def _connected(url: URL) -> asyncpg.Connection:
    return await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False), timeout=10)


async def _shape(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in await connection.fetch(SHAPE)]


def _quoted(name: str) -> str:
    return f'"{name}"'
