"""Reading the log: its head, its events by position and by stream; and the same in the `eventsourcing` library's types.

Whoever reads a whole log reads it in chunks by position, up to a head taken at the start, one short transaction each.
"""

from collections.abc import AsyncIterator, Iterable
from json import dumps
from typing import Final, NamedTuple

from eventsourcing.persistence import Notification, StoredEvent
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import Instant, Position, ProgrammeId
from projections.projection import Logged
from service.chain import EventRow, Tip, empty_log
from service.database import read
from service.event_types import EventTypes
from service.schema import record_events

CHUNK_EVENTS = 2_000

HEAD: Final = text("SELECT revision, position, hash, recorded_at FROM record_heads WHERE programme = :programme")
LOCK_HEAD: Final = text(
    "SELECT revision, position, hash, recorded_at, CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
    " FROM record_heads WHERE programme = :programme FOR UPDATE"
)
BY_POSITION: Final = text(
    "SELECT position, stream, version, type, body, recorded_at, actor, cause, hash FROM record_events"
    " WHERE programme = :programme AND position > :after AND position <= :up_to ORDER BY position LIMIT :at_most"
)
BY_STREAM: Final = text(
    "SELECT position, stream, version, type, body, recorded_at, actor, cause, hash FROM record_events"
    " WHERE programme = :programme AND stream = :stream AND version > :after_version ORDER BY version"
)
BY_STREAMS: Final = {
    "postgresql": text(
        "SELECT e.* FROM unnest(CAST(:streams AS TEXT[])) AS k(stream) CROSS JOIN LATERAL ("
        "SELECT position, stream, version, type, body, recorded_at, actor, cause, hash FROM record_events"
        " WHERE programme = :programme AND stream = k.stream ORDER BY version LIMIT 1000000) AS e"
    ),
    "sqlite": text(
        "SELECT e.position, e.stream, e.version, e.type, e.body, e.recorded_at, e.actor, e.cause, e.hash"
        " FROM json_each(:streams) AS k CROSS JOIN record_events AS e"
        " WHERE programme = :programme AND stream = k.value ORDER BY stream, version"
    ),
}
LAST_VERSIONS: Final = {
    "postgresql": text(
        "SELECT k.stream, e.version FROM unnest(CAST(:streams AS TEXT[])) AS k(stream) CROSS JOIN LATERAL ("
        "SELECT version FROM record_events WHERE programme = :programme AND stream = k.stream"
        " ORDER BY version DESC LIMIT 1) AS e"
    ),
    "sqlite": text(
        "SELECT k.value, max(version) FROM json_each(:streams) AS k CROSS JOIN record_events"
        " WHERE programme = :programme AND stream = k.value GROUP BY k.value"
    ),
}


class Head(NamedTuple):
    """A programme's row in `record_heads`."""

    revision: int
    position: int
    hash: bytes
    recorded_at: Instant

    @property
    def tip(self) -> Tip:
        """The end of the log that this head states."""
        return Tip(self.position, self.hash, self.recorded_at)


class NoSuchProgramme(Exception):
    """The database has no log of this programme."""


class AlreadyCreated(Exception):
    """The database has a log of this programme."""


async def create_log(connection: AsyncConnection, programme: ProgrammeId) -> Head:
    """Begins the log of a new programme, inside the caller's write transaction; raises `AlreadyCreated`."""
    if await find_head(connection, programme) is not None:
        raise AlreadyCreated(programme)
    tip = empty_log(programme)
    await connection.execute(
        text(
            "INSERT INTO record_heads (programme, revision, position, hash, recorded_at)"
            " VALUES (:programme, 0, :position, :hash, :recorded_at)"
        ),
        {"programme": programme, **tip._asdict()},
    )
    return Head(0, *tip)


async def find_head(connection: AsyncConnection, programme: ProgrammeId) -> Head | None:
    """The head of a programme's log as last committed; None where there is no such programme."""
    row = (await connection.execute(HEAD, {"programme": programme})).first()
    return None if row is None else Head(*row)


async def read_head(connection: AsyncConnection, programme: ProgrammeId) -> Head:
    """The head of a programme's log as last committed; raises `NoSuchProgramme`."""
    head = await find_head(connection, programme)
    if head is None:
        raise NoSuchProgramme(programme)
    return head


async def lock_head(connection: AsyncConnection, programme: ProgrammeId) -> tuple[Head, Instant | None]:
    """Takes the head's lock until the transaction ends; gives the head and the database host's clock (µs, UTC).

    The clock may have been read before the lock was granted. It is None on SQLite, whose host is this one and whose
    write transaction (BEGIN IMMEDIATE) is the lock.
    """
    if connection.dialect.name != "postgresql":
        return await read_head(connection, programme), None
    row = (await connection.execute(LOCK_HEAD, {"programme": programme})).first()
    if row is None:
        raise NoSuchProgramme(programme)
    *head, now = row
    return Head(*head), Instant(int(now))


async def read_events(
    connection: AsyncConnection, programme: ProgrammeId, *, after: int, up_to: int, at_most: int | None = None
) -> list[EventRow]:
    """The events at positions in (after, up_to], in order, at most so many."""
    found = await connection.execute(
        BY_POSITION, {"programme": programme, "after": after, "up_to": up_to, "at_most": at_most or CHUNK_EVENTS}
    )
    return [EventRow._make(row) for row in found]


async def read_log(
    engine: AsyncEngine, programme: ProgrammeId, *, after: int = 0, up_to: int | None = None
) -> AsyncIterator[list[EventRow]]:
    """The events after a position up to another (by default the head's now), in chunks, a short transaction each.

    A gap ends the reading: it is for the reader to check that the last event given is the one expected.
    """
    if up_to is None:
        async with read(engine) as connection:
            up_to = (await read_head(connection, programme)).position
    while after < up_to:
        async with read(engine) as connection:
            rows = await read_events(connection, programme, after=after, up_to=up_to)
        if not rows:
            return
        yield rows
        after = rows[-1].position


async def read_stream(
    connection: AsyncConnection, programme: ProgrammeId, stream: str, *, after_version: int = -1
) -> list[EventRow]:
    """The events of one stream after a version, in order."""
    found = await connection.execute(
        BY_STREAM, {"programme": programme, "stream": stream, "after_version": after_version}
    )
    return [EventRow._make(row) for row in found]


async def read_streams(
    connection: AsyncConnection, programme: ProgrammeId, streams: Iterable[str]
) -> dict[str, list[EventRow]]:
    """The events of several streams, in one query; a stream without events has an empty list."""
    by_stream: dict[str, list[EventRow]] = {stream: [] for stream in streams}
    if by_stream:
        statement, keys = BY_STREAMS[connection.dialect.name], keys_of(connection, by_stream)
        for row in await connection.execute(statement, {"programme": programme, "streams": keys}):
            by_stream[row[1]].append(EventRow._make(row))
    return by_stream


async def stream_names(
    connection: AsyncConnection,
    programme: ProgrammeId,
    kind: str,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> list[str]:
    """The names of all streams of a kind, in order; of those after one, so many."""
    stream = record_events.c.stream
    statement = (
        select(func.min(stream))
        .where(record_events.c.programme == programme, stream > (after or f"{kind}/"), stream < f"{kind}0")
        .group_by(stream)
        .order_by(stream)
        .limit(limit)
    )
    return [str(name) for name in await connection.scalars(statement)]


async def stream_versions(
    connection: AsyncConnection, programme: ProgrammeId, streams: Iterable[str]
) -> dict[str, int | None]:
    """The version of each stream's last event; None for a stream that has none."""
    versions: dict[str, int | None] = dict.fromkeys(streams)
    if versions:
        statement, keys = LAST_VERSIONS[connection.dialect.name], keys_of(connection, versions)
        found = await connection.execute(statement, {"programme": programme, "streams": keys})
        versions.update((stream, version) for stream, version in found)
    return versions


def logged(row: EventRow, types: EventTypes) -> Logged[object]:
    """The decoded event at its place; raises `UnknownEventType`."""
    return Logged(
        position=Position(row.position),
        recorded_at=row.recorded_at,
        actor=row.actor,
        event=types.decode(row.type_name, row.body),
        stream=row.stream,
    )


def stored_event(row: EventRow) -> StoredEvent:
    """The row as the `eventsourcing` library knows a stored event: its topic is our permanent name."""
    return StoredEvent(originator_id=row.stream, originator_version=row.version, topic=row.type_name, state=row.body)


def notification(row: EventRow) -> Notification:
    """The row as the `eventsourcing` library knows a notification: its id is our position."""
    return Notification(
        id=row.position,
        originator_id=row.stream,
        originator_version=row.version,
        topic=row.type_name,
        state=row.body,
    )


def keys_of(connection: AsyncConnection, keys: Iterable[str]) -> object:
    """Many text keys as one parameter: an array on PostgreSQL, JSON on SQLite."""
    return list(keys) if connection.dialect.name == "postgresql" else dumps(list(keys))
