"""What is written with the `eventsourcing` library runs on our log, and an auditor reads our history with it."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError, ProgrammingError, StoredEvent, Tracking
from sqlalchemy import URL

from domain.ids import ProgrammeId
from domain.programme.events import ProgrammeStarted
from service.assembly import assembled
from service.database import Database, open_database
from service.eventsourcing_adapter import LogFactory, RecordedEvent
from service.initialise import initialise, starting
from tests.service.whole_log import whole_log

PROGRAMME = ProgrammeId("acme")


class Dog(Aggregate):
    """An aggregate as the library's readers know them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tricks: list[str] = []

    @event("TrickAdded")
    def add_trick(self, trick: str) -> None:
        self.tricks.append(trick)


Environ = dict[str, str]


@pytest.fixture
def library_env(engine_url: URL) -> Environ:
    """The environment of an application on this test's database."""
    return {
        "PERSISTENCE_MODULE": "service.eventsourcing_adapter",
        "FIRSTCLAIM_DATABASE_URL": engine_url.render_as_string(hide_password=False),
    }


@pytest.fixture
def kennel(library_env: Environ) -> Iterator[Callable[[], Application[UUID]]]:
    """Starts processes of a stock application, all on the log `Kennel`."""
    started: list[Application[UUID]] = []

    class Kennel(Application[UUID]):
        snapshotting_intervals = {Dog: 4}  # noqa: RUF012 - as the library has it

    def start() -> Application[UUID]:
        started.append(Kennel(env=library_env))
        return started[-1]

    yield start
    for application in started:
        application.close()


async def test_a_stock_application_keeps_its_events_in_our_log(
    kennel: Callable[[], Application[UUID]], database: Database
) -> None:
    """Its positions are ours, its events are in the chain, and it finds them again, by snapshot too."""
    fido = Dog(name="Fido")
    for trick in ("roll over", "play dead", "fetch", "speak"):
        fido.add_trick(trick)
    first = kennel()
    recordings = first.save(fido)
    assert [recording.notification.id for recording in recordings] == [1, 2, 3, 4, 5]
    copy: Dog = kennel().repository.get(fido.id)
    assert (copy.name, copy.tricks) == ("Fido", ["roll over", "play dead", "fetch", "speak"])
    rows = await whole_log(database, ProgrammeId("Kennel"))
    assert [(row.stream, row.version) for row in rows] == [(str(fido.id), version) for version in range(1, 6)]
    assert rows[0].type_name.endswith("Dog.Created")


async def test_of_two_processes_that_change_an_aggregate_one_is_told(kennel: Callable[[], Application[UUID]]) -> None:
    """The second writes a version that exists: the library's integrity error, and nothing is stored."""
    first, second = kennel(), kennel()
    fido = Dog(name="Fido")
    first.save(fido)
    ours: Dog = first.repository.get(fido.id)
    theirs: Dog = second.repository.get(fido.id)
    ours.add_trick("roll over")
    theirs.add_trick("play dead")
    first.save(ours)
    with pytest.raises(IntegrityError):
        second.save(theirs)
    found: Dog = second.repository.get(fido.id)
    assert found.tricks == ["roll over"]


async def test_tracking_is_committed_with_its_events_or_not_at_all(library_env: Environ) -> None:
    """What was processed already is refused together with what it would have stored."""
    factory = LogFactory(library_env)
    recorder = factory.process_recorder()
    stored = StoredEvent("1b8bd1b2-0a2c-4f5c-9d4c-8f3a3a6f7d11", 1, "topic", b"\x00not json")
    recorder.insert_events([stored], tracking=Tracking("upstream", 7))
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent(stored.originator_id, 2, "topic", b"")], tracking=Tracking("upstream", 7))
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored], tracking=Tracking("upstream", 8))
    assert recorder.max_notification_id() == 1
    assert recorder.max_tracking_id("upstream") == 7
    factory.close()


async def test_an_auditor_reads_our_history_with_the_stock_library(engine_url: URL, library_env: Environ) -> None:
    """Without the service: every event of ours, by its permanent name, in order and by stream."""
    database = open_database(engine_url)
    service = assembled(database)
    await initialise(service, starting(PROGRAMME))
    await service.close()
    rows = await whole_log(database, PROGRAMME)
    await database.close()
    audit = {
        **library_env,
        "FIRSTCLAIM_PROGRAMME": PROGRAMME,
        "ORIGINATOR_ID_TYPE": "text",
        "MAPPER_TOPIC": "service.eventsourcing_adapter:RecordMapper",
    }
    with Application[str](env=audit) as auditor:
        notifications = auditor.notification_log.select(start=1, limit=10)
        assert [(found.id, found.topic, found.state) for found in notifications] == [
            (row.position, row.type_name, row.body) for row in rows
        ]
        first = next(iter(auditor.events.get("programme")))
        assert isinstance(first, RecordedEvent)
        assert isinstance(first.event, ProgrammeStarted)


async def test_our_history_is_not_written_with_the_library(engine_url: URL, library_env: Environ) -> None:
    """It would bypass the rules and the views that decisions read."""
    database = open_database(engine_url)
    service = assembled(database)
    await initialise(service, starting(PROGRAMME))
    await service.close()
    await database.close()
    factory = LogFactory({**library_env, "FIRSTCLAIM_PROGRAMME": PROGRAMME, "ORIGINATOR_ID_TYPE": "text"})
    recorder = factory.application_recorder()
    position = recorder.max_notification_id()
    with pytest.raises(ProgrammingError):
        recorder.insert_events([StoredEvent("deal_registration/reg_1", 1, "deal_registration.registered.v1", b"{}")])
    assert recorder.max_notification_id() == position
    factory.close()


async def test_calls_from_the_datastores_own_loop_are_refused(library_env: Environ) -> None:
    """They would wait for themselves for ever."""
    factory = LogFactory(library_env)
    recorder = factory.application_recorder()

    async def call() -> int | None:
        return recorder.max_notification_id()

    with pytest.raises(ProgrammingError):
        factory.datastore.run(call())
    factory.close()
    with pytest.raises(ProgrammingError):
        recorder.max_notification_id()


@pytest.mark.parametrize("change", [{"FIRSTCLAIM_DATABASE_URL": ""}, {"ORIGINATOR_ID_TYPE": "number"}])
async def test_an_environment_that_makes_no_sense_is_refused(library_env: Environ, change: Environ) -> None:
    """Before anything is opened."""
    with pytest.raises(OSError, match=next(iter(change))):
        LogFactory({**library_env, **change})
