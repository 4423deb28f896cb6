"""The PostgreSQL that a benchmark measures on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL

from service.database import database_url
from tests.support.postgres import start_postgres


@contextmanager
def stated_or_started() -> Iterator[URL]:
    """The server that `FIRSTCLAIM_TEST_POSTGRES_URL` names, or one for this run, with its ordinary durability."""
    stated = os.environ.get("FIRSTCLAIM_TEST_POSTGRES_URL")
    if stated:
        yield database_url(stated)
        return
    server = start_postgres(careful=True)
    try:
        yield server.url()
    finally:
        server.stop()
