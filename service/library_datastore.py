"""One log behind the `eventsourcing` library's synchronous calls: a thread whose loop reads and writes it."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Literal, NoReturn, TypeVar
from uuid import UUID

from eventsourcing.persistence import (
    DatabaseError,
    IntegrityError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import SQLAlchemyError

from domain.ids import ProgrammeId
from domain.refusal import Refusal
from service.appenders import Appenders
from service.database import Database, is_data_error, open_database, write
from service.event_store import create_log, find_head
from service.library_log import LibraryClock, LibraryLoader, LibraryTypes
from service.work import DeliveryRow, Unavailable, WorkFailed

CLOSE_SECONDS = 30
T = TypeVar("T")


class LogDatastore:
    """One programme's log, and the thread whose loop reads and writes it."""

    def __init__(self, url: str, programme: ProgrammeId, originator_id_type: Literal["uuid", "text"]) -> None:
        self.programme = programme
        self._uuids = originator_id_type == "uuid"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="eventsourcing-adapter", daemon=True)
        self._calls = threading.Condition()
        self._calls_under_way = 0
        self._closed = False
        self._thread.start()
        self.database: Database = self.run(self._open(url))
        self.appenders = Appenders(
            self.database.appender,
            types=LibraryTypes(),
            loader=LibraryLoader(),
            clock=LibraryClock(),
            parked_work=no_parked_work,
            on_commit=lambda programme, position: None,
        )

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Carries a coroutine out in the datastore's loop, and its errors over to the library's."""
        with self._calls:
            if self._closed or threading.current_thread() is self._thread:
                coroutine.close()
                raise ProgrammingError("the datastore is closed, or was called from its own loop")
            self._calls_under_way += 1
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()
        except Refusal as refusal:
            error = IntegrityError if refusal.code == "CONFLICT" else ProgrammingError
            raise error(refusal.detail) from refusal
        except Unavailable as unavailable:
            raise OperationalError(unavailable.reason) from unavailable
        except WorkFailed as failed:
            raise InternalError(str(failed)) from failed
        except SQLAlchemyError as failed:
            raise (IntegrityError if is_data_error(failed) else DatabaseError)(str(failed)) from failed
        finally:
            with self._calls:
                self._calls_under_way -= 1
                self._calls.notify_all()

    def close(self) -> None:
        """Finishes what is under way and ends the thread."""
        with self._calls:
            if self._closed:
                return
            self._closed = True
            self._calls.wait_for(lambda: self._calls_under_way == 0, CLOSE_SECONDS)
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def originator_id(self, stream: str) -> UUID | str:
        """A stream's name as the application knows it."""
        return UUID(stream) if self._uuids else stream

    async def _open(self, url: str) -> Database:
        database = open_database(url)
        async with write(database.engine) as connection:
            if await find_head(connection, self.programme) is None:
                await create_log(connection, self.programme)
        return database

    async def _close(self) -> None:
        await self.appenders.close()
        await self.database.close()


def no_parked_work(row: DeliveryRow) -> NoReturn:
    """The library knows no webhooks."""
    raise AssertionError(f"a delivery is parked in a library's log: {row.delivery_id}")
