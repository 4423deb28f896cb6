"""What the tests of the log are given: a log for the toy aggregate, and one process that appends to it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from service.appenders import Appenders
from service.database import Database
from tests.service.tally import appenders, begin_log


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
