"""What the tests of the log are given: a log for the toy aggregate, one process that appends to it, and a history."""

import itertools
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import URL, make_url

from service.appenders import Appenders
from service.assembly import assembled
from service.database import Database, open_database
from service.export import export_log
from service.running import Service
from tests.service import audit_history
from tests.service.audit_history import PROGRAMME
from tests.service.tally import appenders, begin_log
from tests.support.postgres import create_database, drop_database

_serial = itertools.count(1)


@pytest_asyncio.fixture
async def log(database: Database) -> Database:
    """A database with the toy's table and an empty log, on either engine."""
    await begin_log(database)
    return database


@pytest_asyncio.fixture
async def process(log: Database) -> AsyncIterator[Appenders]:
    """One process that appends to the log."""
    made = appenders(log)
    yield made
    await made.close()


async def _tell(url: URL) -> URL:
    opened = open_database(url)
    story = await audit_history.told(opened)
    await story.service.close()
    return url


@pytest_asyncio.fixture(scope="session")
async def told_in_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with half a year of a programme in it (`audit_history`), for copies."""
    file = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("told") / "told.db"))
    await _tell(URL.create("sqlite+aiosqlite", database=str(file)))
    return file


@pytest_asyncio.fixture(scope="session")
async def told_in_postgresql(postgres_url: URL, postgresql_template: str) -> AsyncIterator[str]:
    """A database with half a year of a programme in it, for copies."""
    url = await create_database(postgres_url, f"firstclaim_told_{os.getpid()}", postgresql_template)
    yield str((await _tell(url)).database)
    await drop_database(postgres_url, url)


@pytest.fixture
def sqlite_history(told_in_sqlite: Path, tmp_path: Path) -> URL:
    """A copy of the history of this test's own."""
    file = shutil.copy(told_in_sqlite, tmp_path / "history.db")
    return URL.create("sqlite+aiosqlite", database=str(file))


@pytest_asyncio.fixture
async def postgresql_history(postgres_url: URL, told_in_postgresql: str) -> AsyncIterator[URL]:
    """A copy of the history of this test's own."""
    name = f"firstclaim_history_{os.getpid()}_{next(_serial)}"
    url = await create_database(postgres_url, name, told_in_postgresql)
    yield url
    await drop_database(postgres_url, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def history_url(request: pytest.FixtureRequest) -> URL:
    """A copy of the history, on either engine."""
    return make_url(request.getfixturevalue(f"{request.param}_history"))


@pytest.fixture(scope="module")
def modules_sqlite_history(told_in_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> URL:
    """A copy of the history for all tests of a module."""
    file = shutil.copy(told_in_sqlite, tmp_path_factory.mktemp("module") / "history.db")
    return URL.create("sqlite+aiosqlite", database=str(file))


@pytest_asyncio.fixture(scope="module")
async def modules_postgresql_history(postgres_url: URL, told_in_postgresql: str) -> AsyncIterator[URL]:
    """A copy of the history for all tests of a module."""
    url = await create_database(postgres_url, f"firstclaim_module_{os.getpid()}_{next(_serial)}", told_in_postgresql)
    yield url
    await drop_database(postgres_url, url)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def modules_history_url(request: pytest.FixtureRequest) -> URL:
    """A copy of the history, on either engine, for all tests of a module that leave it as they found it."""
    return make_url(request.getfixturevalue(f"modules_{request.param}_history"))


@pytest_asyncio.fixture
async def history(history_url: URL) -> AsyncIterator[Service]:
    """The service on a copy of the history; nobody follows."""
    service = assembled(open_database(history_url), follows=False)
    yield service
    await service.close()


@pytest_asyncio.fixture
async def exported(sqlite_history: URL, tmp_path: Path) -> Path:
    """The history as an exported file."""
    opened = open_database(sqlite_history)
    file = tmp_path / "log.ndjson"
    with file.open("wb") as to:
        await export_log(opened.engine, PROGRAMME, to, lambda _done, _total: None)
    await opened.close()
    return file
