"""The service as one process runs it: the parts, put together, started and ended in order."""

from collections.abc import Awaitable, Callable, Sequence

from domain.ids import ProgrammeId
from projections.projection import Projection
from service.access import AccessKeys
from service.appenders import Appenders
from service.database import Database
from service.event_types import EventTypes
from service.follow import Followers
from service.reading import Reading
from service.sources import Sources
from service.statement_inputs import StatementReader
from service.timer import Timer
from service.views import Views
from service.work import Answer, Clock, DeliveryRow, StateLoader, Work


class Service:
    """Everything that HTTP and the command line work with."""

    def __init__(
        self,
        database: Database,
        *,
        types: EventTypes,
        states: StateLoader,
        clock: Clock,
        parked_work: Callable[[DeliveryRow], Work],
        projections: Sequence[Projection],
        follows: bool,
    ) -> None:
        """`projections` are all the views; `follows` is False where another process (`firstclaim work`) does it."""
        self.database = database
        self.engine = database.engine
        self.types = types
        self.states = states
        self.clock = clock
        self.projections = {projection.name: projection for projection in projections}
        following = [projection for projection in projections if not projection.inline]
        self.views = Views(database.engine, following)
        self.followers = Followers(database.engine, types, following, self.views) if follows else None
        self.appenders = Appenders(
            database.appender,
            types=types,
            loader=states,
            clock=clock,
            parked_work=parked_work,
            on_commit=self._committed,
        )
        self.timer = Timer(database.engine, types, self.submit) if follows else None
        self.reading = Reading(database.engine, types)
        self.statements = StatementReader(types)
        self.access_keys = AccessKeys(database.engine)
        self.sources = Sources(database.engine)

    def start(self) -> None:
        """Begin to follow and to watch the time, where this process does."""
        if self.followers is not None and self.timer is not None:
            self.followers.start()
            self.timer.start()

    async def close(self) -> None:
        """Take nothing new, finish what waits, and let go of the database."""
        if self.timer is not None:
            await self.timer.stop()
        await self.appenders.close()
        if self.followers is not None:
            await self.followers.stop()
        await self.views.close()
        await self.database.close()

    def submit(self, programme: ProgrammeId, work: Work) -> Awaitable[Answer]:
        """One work into a programme's log; see `Appender.submit`."""
        return self.appenders.of(programme).submit(work)

    def _committed(self, programme: ProgrammeId, position: int) -> None:
        del position
        if self.followers is not None:
            self.followers.wake(programme)
