"""The same events as the stock `eventsourcing` library stores and reads them: its PostgreSQL recorder, mapper and JSON.

Each of our event classes gets a library event class with the same fields. Value objects (money, a deal's name, a
statement's lines) have transcodings, as the library's documentation recommends.
"""

import dataclasses
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import AggregateEvent
from eventsourcing.persistence import DatetimeAsISO, DecimalAsStr, JSONTranscoder, Mapper, Transcoding, UUIDAsHex
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import register_topic
from sqlalchemy import URL

from service.chain import EventRow
from service.event_names import EVENT_TYPES

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TABLE: Final = "stock_events"
READ_AT_ONCE: Final = 1_000


class DateAsISO(Transcoding):
    """A day."""

    type = date
    name = "date_iso"

    def encode(self, obj: date) -> str:
        """As text."""
        return obj.isoformat()

    def decode(self, data: str) -> date:
        """From text."""
        return date.fromisoformat(data)


class ValueObject(Transcoding):
    """A frozen dataclass that events hold."""

    def __init__(self, kind: type[Any]) -> None:
        self.type = kind
        self.name = kind.__name__
        self._fields = [field.name for field in dataclasses.fields(kind)]

    def encode(self, obj: object) -> dict[str, object]:
        """Its fields."""
        return {name: getattr(obj, name) for name in self._fields}

    def decode(self, data: dict[str, object]) -> object:
        """The object again."""
        return self.type(**data)


class StockLog:
    """The library's events table in a PostgreSQL database, and its way to and from objects."""

    def __init__(self, url: URL) -> None:
        query = url.query
        self._datastore = PostgresDatastore(
            dbname=str(url.database),
            host=str(url.host or query["host"]),
            port=str(url.port or 5432),
            user=str(url.username),
            password=str(url.password or ""),
        )
        self._recorder = PostgresApplicationRecorder(self._datastore, events_table_name=TABLE)
        self._recorder.create_table()
        self._transcoder = JSONTranscoder()
        for transcoding in (DatetimeAsISO(), DecimalAsStr(), UUIDAsHex(), DateAsISO()):
            self._transcoder.register(transcoding)
        self._mapper: Mapper[UUID] = Mapper(self._transcoder)
        self._classes: dict[type, type[AggregateEvent]] = {}

    def write(self, rows: Iterable[EventRow]) -> None:
        """Store the events of our log as the library's own. They are copied in, for only reading them is measured."""
        with self._datastore.get_connection() as connection, connection.cursor() as cursor:
            columns = "originator_id, originator_version, topic, state"
            with cursor.copy(f"COPY {TABLE} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    stored = self._mapper.to_stored_event(self._event_of(row))
                    copy.write_row((stored.originator_id, stored.originator_version, stored.topic, stored.state))

    def read(self) -> int:
        """Read and decode every event, in order; gives how many there were."""
        start, count = 1, 0
        while found := self._recorder.select_notifications(start, READ_AT_ONCE):
            for notification in found:
                self._mapper.to_domain_event(notification)
            count += len(found)
            start = found[-1].id + 1
        return count

    def close(self) -> None:
        """Let go of the database."""
        self._datastore.close()

    def _event_of(self, row: EventRow) -> AggregateEvent:
        event = EVENT_TYPES.decode(row.type_name, row.body)
        content = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}  # type: ignore[arg-type]
        for value in content.values():
            self._learn(value)
        return self._class_of(type(event))(
            originator_id=uuid5(NAMESPACE_URL, row.stream),
            originator_version=row.version,
            timestamp=EPOCH + timedelta(microseconds=row.recorded_at),
            **content,
        )

    def _class_of(self, kind: type) -> type[AggregateEvent]:
        if kind not in self._classes:
            annotations = {field.name: Any for field in dataclasses.fields(kind)}
            made = type(kind.__name__, (AggregateEvent,), {"__annotations__": annotations, "__module__": __name__})
            register_topic(f"{__name__}:{kind.__name__}", made)
            self._classes[kind] = made
        return self._classes[kind]

    def _learn(self, value: object) -> None:
        """Register how the value objects in here are written."""
        if isinstance(value, tuple):
            for item in value:
                self._learn(item)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            if type(value) not in self._transcoder.types:
                self._transcoder.register(ValueObject(type(value)))
            for field in dataclasses.fields(value):
                self._learn(getattr(value, field.name))
