"""Reading the log: by position, by stream, and in the `eventsourcing` library's types."""

import pytest
import pytest_asyncio
from eventsourcing.persistence import Notification, StoredEvent

from domain.ids import Position, ProgrammeId
from projections.projection import Logged
from service import event_store
from service.appenders import Appenders
from service.database import Database, read, write
from service.event_store import (
    AlreadyCreated,
    NoSuchProgramme,
    create_log,
    logged,
    notification,
    read_events,
    read_head,
    read_log,
    read_stream,
    read_streams,
    stored_event,
    stream_versions,
)
from tests.service.tally import PROGRAMME, TYPES, Raise, Raised
from tests.service.whole_log import whole_log


@pytest_asyncio.fixture
async def five_events(log: Database, process: Appenders) -> Database:
    """Three events of one tally and two of another."""
    for tally in "abaab":
        await process.submit(PROGRAMME, Raise(tally=tally))
    return log


async def test_a_programme_is_created_once(log: Database) -> None:
    """A second log of the same name is refused, and a missing one is said to be missing."""
    async with write(log.engine) as connection:
        with pytest.raises(AlreadyCreated):
            await create_log(connection, PROGRAMME)
        with pytest.raises(NoSuchProgramme):
            await read_head(connection, ProgrammeId("nobody"))


async def test_programmes_have_logs_of_their_own(log: Database, process: Appenders) -> None:
    """Each begins at position 1, with a chain of its own."""
    other = ProgrammeId("other")
    async with write(log.engine) as connection:
        await create_log(connection, other)
    await process.submit(PROGRAMME, Raise(tally="a"))
    await process.submit(other, Raise(tally="a", by=2))
    [ours], [theirs] = await whole_log(log), await whole_log(log, other)
    assert (ours.position, theirs.position) == (1, 1)
    assert ours.hash != theirs.hash


async def test_the_log_is_read_in_chunks(five_events: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the head as it was at the start, or between two positions."""
    monkeypatch.setattr(event_store, "CHUNK_EVENTS", 2)
    chunks = [[row.position for row in chunk] async for chunk in read_log(five_events.engine, PROGRAMME)]
    assert chunks == [[1, 2], [3, 4], [5]]
    chunks = [
        [row.position for row in chunk] async for chunk in read_log(five_events.engine, PROGRAMME, after=1, up_to=4)
    ]
    assert chunks == [[2, 3], [4]]
    async with read(five_events.engine) as connection:
        rows = await read_events(connection, PROGRAMME, after=3, up_to=9, at_most=1)
    assert [row.position for row in rows] == [4]


async def test_streams_are_read_by_name(five_events: Database) -> None:
    """One or several; one without events is empty and has no version."""
    async with read(five_events.engine) as connection:
        rows = await read_stream(connection, PROGRAMME, "tally/a", after_version=1)
        assert [(row.version, row.position) for row in rows] == [(2, 3), (3, 4)]
        found = await read_streams(connection, PROGRAMME, ["tally/b", "tally/a", "tally/c"])
        assert {stream: [row.position for row in rows] for stream, rows in found.items()} == {
            "tally/b": [2, 5],
            "tally/a": [1, 3, 4],
            "tally/c": [],
        }
        assert await stream_versions(connection, PROGRAMME, ["tally/a", "tally/c"]) == {"tally/a": 3, "tally/c": None}
        assert await read_streams(connection, PROGRAMME, []) == {}


async def test_a_row_is_what_the_library_knows(five_events: Database) -> None:
    """Our stream, version, permanent name and stored bytes are a stored event's; our position a notification's id."""
    row = (await whole_log(five_events))[2]
    assert stored_event(row) == StoredEvent(
        originator_id="tally/a", originator_version=2, topic="tally.raised.v1", state=b'{"tally":"a","by":1}'
    )
    assert notification(row) == Notification(
        id=3,
        originator_id="tally/a",
        originator_version=2,
        topic="tally.raised.v1",
        state=b'{"tally":"a","by":1}',
    )
    assert logged(row, TYPES) == Logged(
        position=Position(3),
        recorded_at=row.recorded_at,
        actor="tester",
        event=Raised(tally="a", by=1),
        stream="tally/a",
    )
