"""A real server on a database of the test's own, with a programme and a key for each role."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import URL

from tests.api.house import House, opened


@pytest_asyncio.fixture
async def house(engine_url: URL) -> AsyncIterator[House]:
    """A programme that lives by the real clock."""
    async with opened(engine_url) as house:
        yield house


@pytest_asyncio.fixture
async def sandbox(engine_url: URL) -> AsyncIterator[House]:
    """A sandbox whose clock stands at 2026-10-05T09:00:00Z."""
    async with opened(engine_url, clock="2026-10-05T09:00:00Z") as house:
        yield house


@pytest_asyncio.fixture(scope="session")
async def shared_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A programme on SQLite that many tests share: nothing of what they ask is to be recorded."""
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("house") / "firstclaim.db")
    async with opened(URL.create("sqlite+aiosqlite", database=str(file))) as house:
        yield house


@pytest_asyncio.fixture
async def small_house(sqlite_url: URL) -> AsyncIterator[House]:
    """A programme on SQLite, for what no database has a part in."""
    async with opened(sqlite_url) as house:
        yield house
