"""Firstclaim's log as a persistence module of the `eventsourcing` library (`PERSISTENCE_MODULE`).

An application, subscription or projection written with the library runs on our log, and an auditor reads the history
of a programme with it, without our service. Set `PERSISTENCE_MODULE=service.eventsourcing_adapter`,
`FIRSTCLAIM_DATABASE_URL` (a migrated database), and `FIRSTCLAIM_PROGRAMME` (by default the application's name; a log
that does not exist yet is begun). To read what Firstclaim itself wrote, also set `ORIGINATOR_ID_TYPE=text` and
`MAPPER_TOPIC=service.eventsourcing_adapter:RecordMapper`; that history is only read here: writing it would bypass the
rules and the inline views.
"""

from dataclasses import dataclass
from typing import Any, Literal, cast

from eventsourcing.persistence import InfrastructureFactory, Mapper, ProgrammingError, StoredEvent
from eventsourcing.utils import Environment, EnvType, resolve_topic

from domain.ids import ProgrammeId
from service.event_names import EVENT_TYPES
from service.library_datastore import LogDatastore
from service.library_recorders import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogTrackingRecorder,
)


class LogFactory(InfrastructureFactory[LogTrackingRecorder]):
    """Makes the recorders of one application, all on one log."""

    DATABASE_URL = "FIRSTCLAIM_DATABASE_URL"
    PROGRAMME = "FIRSTCLAIM_PROGRAMME"
    ORIGINATOR_ID_TYPE = "ORIGINATOR_ID_TYPE"

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        url = self.env.get(self.DATABASE_URL)
        if not url:
            raise OSError(f"{self.DATABASE_URL} is not set")
        id_type = self.env.get(self.ORIGINATOR_ID_TYPE, "uuid")
        if id_type not in ("uuid", "text"):
            raise OSError(f"{self.ORIGINATOR_ID_TYPE} is {id_type!r}, and must be 'uuid' or 'text'")
        programme = ProgrammeId(self.env.get(self.PROGRAMME) or self.env.name or "library")
        self.datastore = LogDatastore(url, programme, cast(Literal["uuid", "text"], id_type))

    def aggregate_recorder(self, purpose: str = "events") -> LogAggregateRecorder:
        """Stored events by aggregate, or snapshots."""
        return LogAggregateRecorder(self.datastore, purpose)

    def application_recorder(self) -> LogApplicationRecorder:
        """The log."""
        stated: type[LogApplicationRecorder] = self._stated(self.APPLICATION_RECORDER_TOPIC, LogApplicationRecorder)
        return stated(self.datastore)

    def tracking_recorder(
        self, tracking_recorder_class: type[LogTrackingRecorder] | None = None
    ) -> LogTrackingRecorder:
        """What was processed, and whatever view a subclass keeps with it."""
        stated: type[LogTrackingRecorder] = tracking_recorder_class or self._stated(
            self.TRACKING_RECORDER_TOPIC, LogTrackingRecorder
        )
        return stated(self.datastore)

    def process_recorder(self) -> LogProcessRecorder:
        """The log, and what was processed."""
        stated: type[LogProcessRecorder] = self._stated(self.PROCESS_RECORDER_TOPIC, LogProcessRecorder)
        return stated(self.datastore)

    def close(self) -> None:
        """Ends the thread and closes every connection."""
        self.datastore.close()

    def _stated(self, variable: str, ours: type[Any]) -> type[Any]:
        topic = self.env.get(variable)
        stated: type[Any] = resolve_topic(topic) if topic else ours
        assert issubclass(stated, ours), f"{variable} does not lead to a {ours.__name__}"
        return stated


@dataclass(frozen=True)
class RecordedEvent:
    """One of Firstclaim's events as the library passes it around: our own event, and its place in its stream."""

    originator_id: str
    originator_version: int
    event: object


class RecordMapper(Mapper[str]):
    """Reads what Firstclaim wrote, by its permanent names; older versions come as the newest."""

    def to_stored_event(self, domain_event: object) -> StoredEvent:
        """Only the service's own rules write here."""
        raise ProgrammingError("this log is written by Firstclaim's own rules, and only read here")

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The event that is stored under this name."""
        return RecordedEvent(
            originator_id=str(stored_event.originator_id),
            originator_version=stored_event.originator_version,
            event=EVENT_TYPES.decode(stored_event.topic, stored_event.state),
        )
