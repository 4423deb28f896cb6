"""The `eventsourcing` library on our log: its own recorder test cases, on both databases.

The cases are the library's, as it ships them for those who write a persistence module.
"""

from abc import ABC
from collections.abc import Iterator

import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    ProcessRecorder,
    TrackingRecorder,
)
from eventsourcing.tests import application, persistence, projection
from eventsourcing.utils import Environment

from service.eventsourcing_adapter import LogFactory
from service.library_recorders import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogTrackingRecorder,
)


class OnOurLog(ABC):
    """A fresh log for each of the library's cases."""

    __test__ = False
    url_fixture: str
    env: dict[str, str]
    factory: LogFactory

    @pytest.fixture(autouse=True)
    def on_a_fresh_log(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        url = request.getfixturevalue(self.url_fixture).render_as_string(hide_password=False)
        env = {"PERSISTENCE_MODULE": "service.eventsourcing_adapter", "FIRSTCLAIM_DATABASE_URL": url}
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        self.env = env
        self.factory = LogFactory(env)
        yield
        self.factory.close()


class OnSqlite(OnOurLog):
    __test__ = True
    url_fixture = "sqlite_url"


class OnPostgresql(OnOurLog):
    __test__ = True
    url_fixture = "postgresql_url"


class AggregateRecorders(OnOurLog, persistence.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return self.factory.aggregate_recorder()


class SnapshotRecorders(OnOurLog, persistence.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return self.factory.aggregate_recorder("snapshots")


class ApplicationRecorders(OnOurLog, persistence.ApplicationRecorderTestCase[ApplicationRecorder]):
    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class Insertions(OnOurLog, persistence.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()


class TrackingRecorders(OnOurLog, persistence.TrackingRecorderTestCase):
    def create_recorder(self) -> TrackingRecorder:
        return self.factory.tracking_recorder()


class ProcessRecorders(OnOurLog, persistence.ProcessRecorderTestCase):
    def create_recorder(self) -> ProcessRecorder:
        return self.factory.process_recorder()


class OurTrackingRecorder(LogTrackingRecorder):
    """One that an application makes of ours."""


class Factories(OnOurLog, persistence.InfrastructureFactoryTestCase[LogFactory]):
    env: Environment

    @pytest.fixture(autouse=True)
    def on_a_fresh_log(self, request: pytest.FixtureRequest) -> None:
        url = request.getfixturevalue(self.url_fixture).render_as_string(hide_password=False)
        self.env = Environment(
            env={"PERSISTENCE_MODULE": "service.eventsourcing_adapter", "FIRSTCLAIM_DATABASE_URL": url}
        )

    def expected_factory_class(self) -> type[LogFactory]:
        return LogFactory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return LogApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return LogTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return OurTrackingRecorder

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return LogProcessRecorder


class Applications(OnOurLog, application.ExampleApplicationTestCase):
    expected_factory_topic = "service.eventsourcing_adapter:LogFactory"


class Projections(OnOurLog, projection.EventSourcedProjectionTestCase):
    pass


class TestAggregateRecorderOnSqlite(OnSqlite, AggregateRecorders):
    """Stored events by aggregate."""


class TestAggregateRecorderOnPostgresql(OnPostgresql, AggregateRecorders):
    """Stored events by aggregate."""


class TestSnapshotRecorderOnSqlite(OnSqlite, SnapshotRecorders):
    """Snapshots, beside the log."""


class TestSnapshotRecorderOnPostgresql(OnPostgresql, SnapshotRecorders):
    """Snapshots, beside the log."""


class TestApplicationRecorderOnSqlite(OnSqlite, ApplicationRecorders):
    """The log by position, and subscriptions to it."""


class TestApplicationRecorderOnPostgresql(OnPostgresql, ApplicationRecorders):
    """The log by position, and subscriptions to it."""


class TestInsertionsOnSqlite(OnSqlite, Insertions):
    """An insertion is never split."""


class TestInsertionsOnPostgresql(OnPostgresql, Insertions):
    """An insertion is never split."""


class TestTrackingRecorderOnSqlite(OnSqlite, TrackingRecorders):
    """How far processing has come."""


class TestTrackingRecorderOnPostgresql(OnPostgresql, TrackingRecorders):
    """How far processing has come."""


class TestProcessRecorderOnSqlite(OnSqlite, ProcessRecorders):
    """Events and tracking, committed together."""


class TestProcessRecorderOnPostgresql(OnPostgresql, ProcessRecorders):
    """Events and tracking, committed together."""


class TestFactoryOnSqlite(OnSqlite, Factories):
    """The persistence module is found and configured by the environment."""


class TestFactoryOnPostgresql(OnPostgresql, Factories):
    """The persistence module is found and configured by the environment."""


class TestApplicationOnSqlite(OnSqlite, Applications):
    """A stock application with snapshots."""


class TestApplicationOnPostgresql(OnPostgresql, Applications):
    """A stock application with snapshots."""


class TestProjectionOnSqlite(OnSqlite, Projections):
    """A stock projection that follows an application and keeps a log of its own."""


class TestProjectionOnPostgresql(OnPostgresql, Projections):
    """A stock projection that follows an application and keeps a log of its own."""
