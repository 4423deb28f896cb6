"""The way to a database: engines, the two kinds of transaction, and what its errors mean.

Nobody else begins or commits. `read` sees one moment of the database from beginning to end; `write` changes it. On
SQLite a write begins IMMEDIATE, because a deferred transaction that reads and then writes fails at once, whatever the
busy timeout; and the process's writers stand in line on one lock per file.

Behind PgBouncer in transaction mode, write `?prepared_statement_cache_size=0` at the end of the URL: then nothing is
prepared under a lasting name and no setting is sent with the connection. Give the role the same timeouts instead:
`ALTER ROLE … SET idle_in_transaction_session_timeout = '2s'`, and likewise `enable_seqscan = off` and `jit = off`.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4
from weakref import WeakValueDictionary

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

CONNECT_SECONDS: Final = 5
COMMAND_SECONDS: Final = 30
APPENDER_COMMAND_SECONDS: Final = 10
IDLE_IN_TRANSACTION_SECONDS: Final = 30
APPENDER_IDLE_IN_TRANSACTION_SECONDS: Final = 2
"""How long a stopped process may hold the head lock against the others (log, the batch, 1)."""
BUSY_SECONDS: Final = 5
WAL_WAIT_SECONDS: Final = 0.05
POOL_SECONDS: Final = 10
POOL_SIZE: Final = 8
POOL_OVERFLOW: Final = 24
APPENDER_POOL_SIZE: Final = 4
APPENDER_POOL_OVERFLOW: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The log's database: `engine` for everybody, and `appender` with connections of its own.

    On SQLite both are the same: one file has one engine.
    """

    engine: AsyncEngine
    appender: AsyncEngine

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.appender.dispose()
        await self.engine.dispose()


def database_url(text: str) -> URL:
    """The URL as SQLAlchemy wants it; `postgres://`, `postgresql://` and `sqlite://` get their asynchronous drivers."""
    url = make_url(text)
    drivers = {
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "sqlite": "sqlite+aiosqlite",
    }
    url = url.set(drivername=drivers.get(url.drivername, url.drivername))
    if "sslmode" in url.query:
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})
    return url


def open_database(url: URL | str) -> Database:
    """Engines for this URL. Nothing is connected yet; the folder of an SQLite file is made."""
    if isinstance(url, str):
        url = database_url(url)
    if url.get_backend_name() == "sqlite":
        engine = _sqlite_engine(url)
        return Database(engine=engine, appender=engine)
    return Database(
        engine=postgresql_engine(url, COMMAND_SECONDS, IDLE_IN_TRANSACTION_SECONDS),
        appender=postgresql_engine(
            url,
            APPENDER_COMMAND_SECONDS,
            APPENDER_IDLE_IN_TRANSACTION_SECONDS,
            pool_size=APPENDER_POOL_SIZE,
            max_overflow=APPENDER_POOL_OVERFLOW,
        ),
    )


@asynccontextmanager
async def read(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that sees one moment of the database: rows and checkpoints read in it belong together."""
    async with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with connection.begin():
            yield connection


@asynccontextmanager
async def write(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that changes the database: committed at the end, rolled back by any exception."""
    async with _turn_to_write(engine), engine.connect() as connection:
        await connection.execution_options(write=True)
        async with connection.begin():
            yield connection


# PostgreSQL


def postgresql_engine(
    url: URL,
    command_seconds: float | None,
    idle_in_transaction_seconds: int,
    *,
    pool_size: int = POOL_SIZE,
    max_overflow: int = POOL_OVERFLOW,
) -> AsyncEngine:
    """An engine whose commands and idle transactions end by themselves. `command_seconds` None sets no limit."""
    arguments: dict[str, Any] = {"timeout": CONNECT_SECONDS, "command_timeout": command_seconds}
    if url.query.get("prepared_statement_cache_size") == "0":
        arguments["statement_cache_size"] = 0
        arguments["prepared_statement_name_func"] = lambda: f"firstclaim_{uuid4().hex}"
    else:
        arguments["server_settings"] = {
            "application_name": "firstclaim",
            "idle_in_transaction_session_timeout": str(idle_in_transaction_seconds * 1000),
            "jit": "off",
            # Every query of ours begins with an index's columns. A plan made while a table was small would scan the
            # whole table for as long as it is cached (log, the batch, 3).
            "enable_seqscan": "off",
        }
    engine = create_async_engine(
        url,
        connect_args=arguments,
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=POOL_SECONDS,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(dbapi_connection: Any, _record: object, _proxy: object) -> None:
    """After PostgreSQL went away, every pooled connection knows: open new ones instead of failing once for each."""
    if dbapi_connection.driver_connection.is_closed():
        raise InvalidatePoolError


# SQLite


_writers: Final[WeakValueDictionary[str, asyncio.Lock]] = WeakValueDictionary()


def _sqlite_engine(url: URL) -> AsyncEngine:
    assert url.database not in (None, "", ":memory:"), "the log is a file"
    file = Path(str(url.database)).absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_SECONDS,
        # The engine keeps the lock of its file alive.
        execution_options={"writers": _writers.setdefault(str(file), asyncio.Lock())},
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    cursor = dbapi_connection.cursor()
    _keep_a_write_ahead_log(cursor)
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _keep_a_write_ahead_log(cursor: Any) -> None:
    """Of many that open a new file at once one changes its mode; SQLite does not let the others wait for that."""
    for _ in range(round(BUSY_SECONDS / WAL_WAIT_SECONDS)):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise
            await_only(asyncio.sleep(WAL_WAIT_SECONDS))
        else:
            return
    cursor.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN")


def _turn_to_write(engine: AsyncEngine) -> AbstractAsyncContextManager[None]:
    if engine.dialect.name == "sqlite":
        lock: asyncio.Lock = engine.sync_engine.get_execution_options()["writers"]
        return lock
    return nullcontext()


# Errors, told apart by what the database said and never by the exception's class (log, the batch, 7)


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's SQLSTATE or SQLite's error name, None where no database said anything."""
    said = error.orig if isinstance(error, DBAPIError) else error
    for name in ("sqlstate", "sqlite_errorname"):
        state = getattr(said, name, None)
        if isinstance(state, str):
            return state
    return None


_GONE: Final = ("08", "57P", "25P03", "53300", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")
_RACED: Final = ("40001", "40P01", "SQLITE_BUSY", "SQLITE_LOCKED")
_UNFIT: Final = ("22", "23", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG")


def is_connection_error(error: BaseException) -> bool:
    """Whether the database could not be reached, went away or did not answer in time: the same may succeed later."""
    if isinstance(error, OSError | NoConnectionFree | InvalidatePoolError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or (sqlstate(error) or "").startswith(_GONE)


def is_missing_table(error: BaseException) -> bool:
    """Whether a table is not there, although the schema is current: somebody dropped it."""
    state = sqlstate(error)
    return state == "42P01" or (state == "SQLITE_ERROR" and "no such table" in str(error))


def is_serialization_failure(error: BaseException) -> bool:
    """Whether a race or a deadlock with another transaction was lost: the same will succeed when tried again."""
    return (sqlstate(error) or "").startswith(_RACED)


def is_data_error(error: BaseException) -> bool:
    """Whether the database refused a value or a key: the same will fail again, and somebody else's may pass."""
    return (sqlstate(error) or "").startswith(_UNFIT)
