"""One appender for each programme that this process writes to, made when it is first asked for."""

import logging
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import Instant, ProgrammeId
from service.appender import Appender, Health, Limits
from service.clock_guard import ClockGuard
from service.event_types import EventTypes
from service.host_time import host_now
from service.overlay import Setting
from service.sequencer import Sequencer
from service.work import Answer, Clock, DeliveryRow, StateLoader, Work

logger = logging.getLogger(__name__)

OnCommit = Callable[[ProgrammeId, int], None]
"""Told the position that a programme's log has reached, right after each commit; wakes followers and waiting reads."""


class Appenders:
    """The way into every programme's log. `engine` is the database's engine for appending."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        types: EventTypes,
        loader: StateLoader,
        clock: Clock,
        parked_work: Callable[[DeliveryRow], Work],
        on_commit: OnCommit,
        limits: Limits | None = None,
        host_clock: Callable[[], Instant] = host_now,
    ) -> None:
        self._engine = engine
        self._types = types
        self._loader = loader
        self._clock = clock
        self._parked_work = parked_work
        self._on_commit = on_commit
        self._limits = limits or Limits()
        self._host_clock = host_clock
        self._by_programme: dict[ProgrammeId, Appender] = {}

    def of(self, programme: ProgrammeId) -> Appender:
        """The programme's appender."""
        appender = self._by_programme.get(programme)
        if appender is None:
            appender = self._by_programme[programme] = self._make(programme)
            appender.start()
        return appender

    async def submit(self, programme: ProgrammeId, work: Work) -> Answer:
        """Submits a work to the programme's appender; see `Appender.submit`."""
        return await self.of(programme).submit(work)

    @property
    def health(self) -> Health:
        """For /readyz: the first trouble that an appender has."""
        for programme, appender in self._by_programme.items():
            if not appender.health.ready:
                return Health(False, f"{programme}: {appender.health.reason}")
        return Health(True, None)

    async def close(self) -> None:
        """Takes nothing new, finishes what waits, and ends every appender."""
        for appender in self._by_programme.values():
            await appender.close()

    def _make(self, programme: ProgrammeId) -> Appender:
        setting = Setting(
            programme=programme,
            types=self._types,
            loader=self._loader,
            clock=self._clock,
            guard=ClockGuard(self._host_clock),
            parked_work=self._parked_work,
        )

        def committed(position: int) -> None:
            try:
                self._on_commit(programme, position)
            except Exception:
                logger.exception("waking the followers failed; they poll")

        return Appender(Sequencer(self._engine, setting, self._limits.cache_bytes, committed), self._limits)
