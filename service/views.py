"""Waiting until a view has seen a write, and what is known of the views' health.

Works in every process, whether it runs the followers or not: the checkpoints are in the database. One task per
programme looks for all that wait there.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import Position, ProgrammeId
from projections.checkpoints import START, checkpoints, live_generations
from projections.parking import is_parked, parked_counts
from projections.projection import Projection
from service.database import is_connection_error, read
from service.event_store import find_head

LONGEST_WAIT_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.05
MOST_WAITING: Final = 1_000
GREATEST_LAG: Final = 10_000
"""So many events may a view be behind the head before the process says that it is not ready."""


class ViewBehind(Exception):
    """The view has not reached the position within the wait, or the position is beyond the log's end (503)."""

    def __init__(self, projection: str, at_least: int, position: int) -> None:
        super().__init__(f"{projection} stands at {position}, not yet at {at_least}")
        self.projection = projection
        self.at_least = at_least
        self.position = position


class ViewParked(Exception):
    """The view has stopped at this key: what it shows there is not the latest (503 `VIEW_PARKED`)."""

    def __init__(self, projection: str, key: str) -> None:
        super().__init__(f"{projection} has parked {key}: an event of it could not be applied")
        self.projection = projection
        self.key = key


@dataclass(frozen=True, slots=True)
class ViewHealth:
    """How one view of one programme stands."""

    position: Position
    lag: int
    parked: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a programme's log ends and where its views stand."""

    head: Position
    views: Mapping[str, Position]


@dataclass(slots=True)
class Queue:
    """Who waits for views of one programme, and the task that looks for them."""

    waiting: set[asyncio.Event] = field(default_factory=set)
    looking: asyncio.Task[None] | None = None


class Views:
    """The views of all programmes as their readers need to know them."""

    def __init__(self, engine: AsyncEngine, followers: Sequence[Projection]) -> None:
        self._engine = engine
        self._followers = tuple(followers)
        self._standing: dict[ProgrammeId, Standing] = {}
        self._queues: dict[ProgrammeId, Queue] = {}

    async def at_least(
        self,
        programme: ProgrammeId,
        projection: Projection,
        position: int,
        *,
        key: str | None = None,
        wait_seconds: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        """Return once the view has seen the log up to this position.

        Raises `ViewBehind` past the bounded wait, and at once for a position beyond the head; `ViewParked` when the
        view has stopped at the key that the caller reads.
        """
        deadline = time.monotonic() + wait_seconds
        standing = self._standing.get(programme)
        if standing is None or self._place(standing, projection) < position:
            standing = await self._look(programme)
        if standing.head < position:
            raise ViewBehind(projection.name, position, standing.head)
        while self._place(standing, projection) < position:
            if not await self._wait(programme, deadline):
                raise ViewBehind(projection.name, position, self._place(standing, projection))
            standing = self._standing[programme]
        if key is not None:
            async with read(self._engine) as connection:
                if await is_parked(connection, programme, projection.name, key):
                    raise ViewParked(projection.name, key)

    async def health(self, programme: ProgrammeId) -> dict[str, ViewHealth]:
        """How every following view of a programme stands, for `/readyz`, the metrics and the command line."""
        async with read(self._engine) as connection:
            head = await find_head(connection, programme)
            generations = await live_generations(connection, programme, self._followers)
            found = await checkpoints(connection, programme, generations)
            parked = await parked_counts(connection, programme)
        end = 0 if head is None else head.position
        return {
            item[0]: ViewHealth(found.get(item, START), end - found.get(item, START), parked.get(item, 0))
            for item in generations.items()
        }

    async def wake(self, programme: ProgrammeId) -> None:
        """Tell those who wait in this process that the views have just moved."""
        if (queue := self._queues.get(programme)) is not None and queue.waiting:
            await self._look(programme)

    async def close(self) -> None:
        """End the looking tasks."""
        tasks = [queue.looking for queue in self._queues.values() if queue.looking is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _place(self, standing: Standing, projection: Projection) -> Position:
        return standing.head if projection.inline else standing.views.get(projection.name, START)

    async def _look(self, programme: ProgrammeId) -> Standing:
        """Read where everything stands, and wake all who wait for it."""
        async with read(self._engine) as connection:
            head = await find_head(connection, programme)
            generations = await live_generations(connection, programme, self._followers)
            found = await checkpoints(connection, programme, generations)
        views = {name: found.get((name, generation), START) for name, generation in generations.items()}
        standing = Standing(Position(0 if head is None else head.position), views)
        self._standing[programme] = standing
        if (queue := self._queues.get(programme)) is not None:
            for waiting in queue.waiting:
                waiting.set()
        return standing

    async def _wait(self, programme: ProgrammeId, deadline: float) -> bool:
        """Wait until somebody looked again; False when the time is over or too many wait already."""
        queue = self._queues.setdefault(programme, Queue())
        if len(queue.waiting) >= MOST_WAITING:
            return False
        looked = asyncio.Event()
        queue.waiting.add(looked)
        if queue.looking is None or queue.looking.done():
            queue.looking = asyncio.create_task(self._look_for_all(programme, queue))
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                await looked.wait()
        except TimeoutError:
            return False
        finally:
            queue.waiting.discard(looked)
        return True

    async def _look_for_all(self, programme: ProgrammeId, queue: Queue) -> None:
        """Look again and again while anybody waits; their own deadlines bound how long that is."""
        while queue.waiting:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look(programme)
            except Exception as error:
                if not is_connection_error(error):
                    raise
