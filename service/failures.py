"""What a failed batch's error means for the works in it (log.md, "The batch", 7 and 8)."""

import asyncio
from typing import Final

from sqlalchemy.exc import DBAPIError

from service.database import is_connection_error, is_data_error, is_serialization_failure, sqlstate

FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 1.0
UNCERTAIN: Final = ("08", "57P", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_NOMEM", "SQLITE_INTERRUPT")
"""After these, around a commit, nobody knows whether it happened (log.md, "The batch", 8)."""
INTERRUPTED: Final = ("57014", "55P03")


def was_refused(error: BaseException) -> bool:
    """Whether the server itself said that the commit did not happen; anything else leaves the outcome unknown."""
    state = sqlstate(error)
    return state is not None and not state.startswith(UNCERTAIN)


def is_transient(error: Exception) -> bool:
    """Whether the same batch may succeed when it is tried again."""
    return (
        is_connection_error(error) or is_serialization_failure(error) or (sqlstate(error) or "").startswith(INTERRUPTED)
    )


def is_poison(error: Exception) -> bool:
    """Whether one of the works made the batch fail: a bug in it, or a value that the database does not take."""
    return not is_transient(error) and (is_data_error(error) or not isinstance(error, DBAPIError))


async def pause(attempt: int) -> None:
    """Waits before the next try, longer each time."""
    await asyncio.sleep(min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS))
