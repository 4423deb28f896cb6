"""One real server on each database for all scenarios; every test has a programme of its own on it."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.support.api import Place, Sandbox, running
from tests.support.postgres import create_database, drop_database


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server on an SQLite file."""
    folder = tmp_path_factory.mktemp("scenarios-sqlite")
    with running(URL.create("sqlite+aiosqlite", database=str(folder / "firstclaim.db")), folder) as place:
        yield place


@pytest.fixture(scope="session")
def on_postgresql(postgres_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server on a PostgreSQL database."""
    database = asyncio.run(create_database(postgres_url, f"firstclaim_scenarios_{os.getpid()}"))
    with running(database, tmp_path_factory.mktemp("scenarios-postgresql")) as place:
        yield place
    asyncio.run(drop_database(postgres_url, database))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """A server on either database."""
    found: Place = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture
def sandbox(on_sqlite: Place) -> Sandbox:
    """A sandbox programme with two partners, on SQLite: for what the database has no part in."""
    made = on_sqlite.sandbox()
    made.enrol("northwind", "contoso")
    return made
