"""The `eventsourcing` library's recorders on our log, its snapshots and its tracking."""

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from sqlalchemy import Select, insert, select

from service.database import read, write
from service.event_store import read_head
from service.library_datastore import LogDatastore
from service.library_log import RecordStoredEvents, library_snapshots, tracked
from service.schema import record_events

POLL_SECONDS = 0.05
PAGE_NOTIFICATIONS = 500


class LogAggregateRecorder(AggregateRecorder):
    """Stored events by aggregate. Those of any other purpose than `events` are snapshots, beside the log."""

    def __init__(self, datastore: LogDatastore, purpose: str = "events") -> None:
        self.datastore = datastore
        self.purpose = purpose

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Stores the events, all or none; raises `IntegrityError` for a version that is stored already."""
        if self.purpose == "events":
            self.datastore.run(self._record(stored_events, kwargs.get("tracking")))
        elif stored_events:
            self.datastore.run(self._insert_snapshots(stored_events))
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """An aggregate's stored events by version."""
        programme, stream = self.datastore.programme, str(originator_id)
        if self.purpose == "events":
            table = record_events.c
            version = table.version
            statement = select(version, table.type, table.body).where(
                table.programme == programme, table.stream == stream
            )
        else:
            snapshots = library_snapshots.c
            version = snapshots.originator_version
            statement = select(version, snapshots.topic, snapshots.state).where(
                snapshots.programme == programme,
                snapshots.purpose == self.purpose,
                snapshots.originator_id == stream,
            )
        if gt is not None:
            statement = statement.where(version > gt)
        if lte is not None:
            statement = statement.where(version <= lte)
        statement = statement.order_by(version.desc() if desc else version).limit(limit)
        return [StoredEvent(originator_id, *row) for row in self.datastore.run(self._rows(statement))]

    async def _record(self, stored_events: Sequence[StoredEvent], tracking: Tracking | None) -> range:
        if not stored_events and tracking is None:
            return range(0)
        programme = self.datastore.programme
        work = RecordStoredEvents(programme, stored_events, tracking)
        position = (await self.datastore.appenders.submit(programme, work)).position
        assert position is not None
        return range(position - len(stored_events) + 1, position + 1)

    async def _insert_snapshots(self, stored_events: Sequence[StoredEvent]) -> None:
        rows = [
            {
                "programme": self.datastore.programme,
                "purpose": self.purpose,
                "originator_id": str(snapshot.originator_id),
                "originator_version": snapshot.originator_version,
                "topic": snapshot.topic,
                "state": snapshot.state,
            }
            for snapshot in stored_events
        ]
        async with write(self.datastore.database.engine) as connection:
            await connection.execute(insert(library_snapshots), rows)

    async def _rows(self, statement: Select[Any]) -> list[tuple[Any, ...]]:
        async with read(self.datastore.database.engine) as connection:
            return [tuple(row) for row in await connection.execute(statement)]


class LogApplicationRecorder(LogAggregateRecorder, ApplicationRecorder):
    """The log itself: a notification's id is an event's position."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Stores the events, all or none, and gives their positions."""
        return list(self.datastore.run(self._record(stored_events, kwargs.get("tracking"))))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The log by position."""
        table = record_events.c
        statement = select(table.stream, table.version, table.type, table.body, table.position).where(
            table.programme == self.datastore.programme
        )
        if start is not None:
            statement = statement.where(table.position >= start if inclusive_of_start else table.position > start)
        if stop is not None:
            statement = statement.where(table.position <= stop)
        if topics:
            statement = statement.where(table.type.in_(topics))
        rows = self.datastore.run(self._rows(statement.order_by(table.position).limit(limit)))
        return [Notification(self.datastore.originator_id(stream), *row) for stream, *row in rows]

    def max_notification_id(self) -> int | None:
        """The head's position; None for an empty log."""
        return self.datastore.run(self._position()) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Follows the log by polling it."""
        return LogSubscription(self, gt=gt, topics=topics)

    async def _position(self) -> int:
        async with read(self.datastore.database.engine) as connection:
            return (await read_head(connection, self.datastore.programme)).position


class LogSubscription(Subscription[LogApplicationRecorder]):
    """Gives one notification after the other, and waits for further ones."""

    def __init__(self, recorder: LogApplicationRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._page: list[Notification] = []
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Ends the iteration."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if self._page:
                return self._page.pop()
            found = self._recorder.select_notifications(
                self._last_notification_id or 0, PAGE_NOTIFICATIONS, topics=self._topics, inclusive_of_start=False
            )
            if found:
                self._last_notification_id = found[-1].id
                self._page = list(reversed(found))
            else:
                self._stopped.wait(POLL_SECONDS)
        raise StopIteration


class LogTrackingRecorder(TrackingRecorder):
    """How far this application has processed others."""

    def __init__(self, datastore: LogDatastore) -> None:
        self.datastore = datastore

    def insert_tracking(self, tracking: Tracking) -> None:
        """Moves on; raises `IntegrityError` when that was processed already."""
        programme = self.datastore.programme
        work = RecordStoredEvents(programme, (), tracking)
        self.datastore.run(self.datastore.appenders.submit(programme, work))

    def max_tracking_id(self, application_name: str) -> int | None:
        """The last notification of an application that was processed."""
        return self.datastore.run(self._tracked(application_name))

    async def _tracked(self, application_name: str) -> int | None:
        async with read(self.datastore.database.engine) as connection:
            return await tracked(connection, self.datastore.programme, application_name)


class LogProcessRecorder(LogTrackingRecorder, LogApplicationRecorder, ProcessRecorder):
    """Events and tracking, committed together."""

    def __init__(self, datastore: LogDatastore) -> None:
        LogApplicationRecorder.__init__(self, datastore)
