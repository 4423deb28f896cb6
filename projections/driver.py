"""Straight to PostgreSQL's driver, where a statement stands alone: its way through SQLAlchemy costs more than itself.

Only on a connection in autocommit, where every statement is a transaction of its own. In any other, SQLAlchemy alone
knows whether the transaction has begun.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

_NAMED = re.compile(r"(?<![:\w]):([a-z]\w*)")


def is_direct(connection: AsyncConnection) -> bool:
    """Whether statements may go straight to the driver."""
    options = connection.sync_connection.get_execution_options() if connection.sync_connection is not None else {}
    return connection.dialect.name == "postgresql" and options.get("isolation_level") == "AUTOCOMMIT"


async def fetch(
    connection: AsyncConnection, statement: str, parameters: Mapping[str, object]
) -> Sequence[Mapping[str, Any]]:
    """All rows of a statement with `:name` parameters. Errors are the driver's own; they have an SQLSTATE too."""
    sync_connection = connection.sync_connection
    assert sync_connection is not None
    driver: Any = sync_connection.connection.driver_connection
    text, names = numbered(statement)
    rows: Sequence[Mapping[str, Any]] = await driver.fetch(text, *[parameters[name] for name in names])
    return rows


@lru_cache(maxsize=1_024)
def numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """The statement as the driver reads it, with `$1` for its first parameter, and the names in that order."""
    names = tuple(dict.fromkeys(_NAMED.findall(statement)))
    return _NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names
