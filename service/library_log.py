"""A log that an application written with the `eventsourcing` library keeps, through the same appender as our own.

Whatever the library stores is stored as it is: any topic as the type, any bytes as the body, versions as the library
counts them. Snapshots and the tracking of what was processed have tables of their own, since they are not history.
"""

from collections.abc import Iterable, Mapping, Sequence

from eventsourcing.persistence import StoredEvent, Tracking
from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant, ProgrammeId
from domain.recorded import Recorded
from domain.refusal import Refusal
from projections.changes import Upsert
from projections.metadata import metadata
from service.attempt import Attempt
from service.event_store import read_events
from service.event_types import EventTypes
from service.host_time import host_now
from service.work import Answer, Known, StateKey, Work, stream_key

FIRST_STREAM: StateKey = ("first_stream",)
"""The stream of the event at position 1: in a log that Firstclaim's own rules write, always the programme's."""
RULED_BY_FIRSTCLAIM = "programme"

library_snapshots = Table(
    "library_snapshots",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("originator_id", Text, primary_key=True),
    Column("originator_version", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", Text, nullable=False),
    Column("state", LargeBinary, nullable=False),
    comment="What the eventsourcing library keeps beside its events.",
)

library_tracking = Table(
    "library_tracking",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("application_name", Text, primary_key=True),
    Column("notification_id", BigInteger, nullable=False),
    comment="How far an application of the eventsourcing library has processed another's events.",
)


class LibraryTypes(EventTypes):
    """Every name is known, and a body is what it is."""

    def __init__(self) -> None:
        super().__init__({})

    def encode(self, event: object) -> tuple[str, bytes]:
        """The topic and the state of a stored event, unchanged."""
        assert isinstance(event, StoredEvent)
        return event.topic, event.state

    def decode(self, type_name: str, body: bytes) -> object:
        """Nothing of the body is read here; the application has its mapper."""
        return (type_name, body)


class LibraryLoader:
    """The few states that storing needs; the streams' versions are the appender's own."""

    unlogged: Sequence[StateKey] = ()

    async def load(
        self, connection: AsyncConnection, programme: ProgrammeId, keys: Sequence[StateKey], known: Known
    ) -> Mapping[StateKey, object]:
        """Which stream began the log."""
        first = await read_events(connection, programme, after=0, up_to=1)
        return {FIRST_STREAM: first[0].stream if first else None}

    def touched(self, stream: str, recorded: Recorded[object]) -> Iterable[StateKey]:
        """Only an empty log's first event tells anything new."""
        return (FIRST_STREAM,) if recorded.position == 1 else ()

    def size(self, key: StateKey, state: object) -> int:
        """A name."""
        return 50


class LibraryClock:
    """The host's time."""

    needs: Sequence[StateKey] = ()

    def now(self, known: Known) -> Instant:
        """The time now."""
        return host_now()

    def follows_host(self, known: Known) -> bool:
        """Always."""
        return True


class Conflict(Refusal):
    """What the library calls an integrity error: this version, or this tracking, is stored already."""

    def __init__(self, detail: str) -> None:
        super().__init__("CONFLICT", detail)


class RecordStoredEvents(Work):
    """Everything that one save of the library stores: all of it, or nothing, and never split.

    With a `tracking`, how far processing has come is read and written under the head's lock, with the events.
    """

    actor = "library"

    def __init__(self, programme: ProgrammeId, stored_events: Sequence[StoredEvent], tracking: Tracking | None) -> None:
        self._programme = programme
        self._stored_events = [(str(stored_event.originator_id), stored_event) for stored_event in stored_events]
        self._tracking = tracking
        self._tracked: int | None = None
        self.exclusive = tracking is not None
        self.size_bytes = sum(len(stored_event.state) + 500 for stored_event in stored_events)

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The last version of each stream."""
        yield FIRST_STREAM
        for stream in dict.fromkeys(stream for stream, _ in self._stored_events):
            yield stream_key(stream)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads how far processing has come."""
        assert self._tracking is not None
        self._tracked = await tracked(connection, self._programme, self._tracking.application_name)

    def run(self, attempt: Attempt) -> Answer:
        """Records the events under the versions that the library gave them."""
        if attempt.state(FIRST_STREAM) == RULED_BY_FIRSTCLAIM:
            raise Refusal("RULED_BY_FIRSTCLAIM", "This log is written by Firstclaim's own rules, and only read here.")
        if self._tracking is not None:
            self._track(attempt, self._tracking)
        position = attempt.next_position - 1
        for stream, stored_event in self._stored_events:
            last = attempt.state(stream_key(stream))
            version = stored_event.originator_version
            if isinstance(last, int) and version <= last:
                raise Conflict(f"{stream} has version {last} already, {version} is to be stored")
            position = attempt.record(stream, stored_event, version=version).position
            if position == 1:
                attempt.put(FIRST_STREAM, stream)
        return Answer(body=b"", position=position)

    def _track(self, attempt: Attempt, tracking: Tracking) -> None:
        if self._tracked is not None and self._tracked >= tracking.notification_id:
            raise Conflict(f"{tracking.application_name} is processed up to {self._tracked} already")
        row = {
            "programme": self._programme,
            "application_name": tracking.application_name,
            "notification_id": tracking.notification_id,
        }
        attempt.write(Upsert(library_tracking, [row]))


async def tracked(connection: AsyncConnection, programme: ProgrammeId, application_name: str) -> int | None:
    """Up to which notification of an application this one has processed; None for none."""
    found: int | None = await connection.scalar(
        select(library_tracking.c.notification_id).where(
            library_tracking.c.programme == programme, library_tracking.c.application_name == application_name
        )
    )
    return found
