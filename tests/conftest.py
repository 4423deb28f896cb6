"""What tests are given.

| fixture | what it is |
| --- | --- |
| `engine_url` | a database of this test's own with all tables, once on SQLite and once on PostgreSQL |
| `sqlite_url`, `postgresql_url` | the same on one of the two only |
| `modules_url` | one database for all tests of a module, once on SQLite and once on PostgreSQL |
| `empty_url` | a database of this test's own without any table, on both |
| `database` | `engine_url`, opened (`Database.engine`, `Database.appender`) |
| `serve` | starts servers: `serve(url)` returns a running `Server`; all are stopped at the end |
| `crashable_postgres` | a PostgreSQL of this test's own that keeps what it commits through its own `kill -9` |
| `postgres_url` | the PostgreSQL of the session, at its maintenance database |
"""

import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import URL, make_url

from service.database import Database, database_url, open_database
from tests.support.copies import Copies
from tests.support.order import place
from tests.support.postgres import NoPostgres, PostgresServer, create_database, drop_database, start_postgres
from tests.support.server import Server
from tests.support.tables import create_tables

_serial = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first."""
    items.sort(key=lambda item: place(item.path))


def _do_without_postgres(reason: NoPostgres) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"no PostgreSQL: {reason}", pytrace=False)
    pytest.skip(f"no PostgreSQL: {reason}")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[URL]:
    """The stated PostgreSQL, or one that runs as long as the tests do."""
    stated = os.environ.get("FIRSTCLAIM_TEST_POSTGRES_URL")
    if stated:
        yield database_url(stated)
        return
    try:
        server = start_postgres(careful=False)
    except NoPostgres as reason:
        _do_without_postgres(reason)
    else:
        yield server.url()
        server.stop()


@pytest.fixture
def crashable_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL to be killed and started again."""
    try:
        server = start_postgres(careful=True)
    except NoPostgres as reason:
        _do_without_postgres(reason)
    else:
        yield server
        server.stop()


@pytest_asyncio.fixture(scope="session")
async def postgresql_template(postgres_url: URL) -> AsyncIterator[str]:
    """The name of the database that every test's own is a copy of."""
    url = await create_database(postgres_url, f"firstclaim_template_{os.getpid()}")
    await create_tables(url)
    yield str(url.database)
    await drop_database(postgres_url, url)


@pytest_asyncio.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that every test's own is a copy of."""
    file = tmp_path_factory.mktemp("template") / "firstclaim.db"
    await create_tables(_sqlite(file))
    return file


@pytest_asyncio.fixture(scope="session")
async def postgresql_copies(postgres_url: URL, postgresql_template: str) -> AsyncIterator[Copies]:
    """PostgreSQL databases with all tables, which tests have to themselves in turn."""
    copies = Copies(postgres_url, postgresql_template)
    yield copies
    await copies.end()


@pytest_asyncio.fixture
async def postgresql_url(postgresql_copies: Copies) -> AsyncIterator[URL]:
    """A PostgreSQL database with all tables."""
    url = await postgresql_copies.take()
    yield url
    await postgresql_copies.give_back(url)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> URL:
    """An SQLite file with all tables."""
    return _sqlite(Path(shutil.copy(sqlite_template, tmp_path / "firstclaim.db")))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_url(request: pytest.FixtureRequest) -> URL:
    """A database with all tables, on either engine."""
    return make_url(request.getfixturevalue(f"{request.param}_url"))


@pytest_asyncio.fixture(scope="module")
async def modules_postgresql_url(postgresql_copies: Copies) -> AsyncIterator[URL]:
    """A PostgreSQL database with all tables."""
    url = await postgresql_copies.take()
    yield url
    await postgresql_copies.give_back(url)


@pytest.fixture(scope="module")
def modules_sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> URL:
    """An SQLite file with all tables."""
    return _sqlite(Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("module") / "firstclaim.db")))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def modules_url(request: pytest.FixtureRequest) -> URL:
    """A database with all tables, on either engine, for all tests of a module that leave it as they found it."""
    return make_url(request.getfixturevalue(f"modules_{request.param}_url"))


@pytest_asyncio.fixture
async def empty_postgresql_url(postgres_url: URL) -> AsyncIterator[URL]:
    """A PostgreSQL database without any table."""
    url = await create_database(postgres_url, _name())
    yield url
    await drop_database(postgres_url, url)


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> URL:
    """An SQLite file that does not exist yet."""
    return _sqlite(tmp_path / "empty.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> URL:
    """A database without any table, on either engine."""
    return make_url(request.getfixturevalue(f"empty_{request.param}_url"))


@pytest_asyncio.fixture
async def database(engine_url: URL) -> AsyncIterator[Database]:
    """An open database with all tables, on either engine."""
    opened = open_database(engine_url)
    yield opened
    await opened.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server on a database, with further arguments of `serve` and further settings."""
    servers: list[Server] = []

    def start(url: URL, *arguments: str, **settings: str) -> Server:
        folder = tmp_path / f"server-{len(servers) + 1}"
        folder.mkdir()
        servers.append(Server(url, folder, *arguments, **settings))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def _sqlite(file: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(file))


def _name() -> str:
    return f"firstclaim_test_{os.getpid()}_{next(_serial)}"
