"""The followers as tasks of a process: one per programme, woken after a commit here or when another process commits.

What others commit is seen by one short poll of all heads, whatever the number of programmes.

Any number of processes may follow the same programmes; who claims the checkpoints does the work.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import ProgrammeId
from projections.projection import Projection
from projections.runner import Runner
from service.database import read
from service.event_types import EventTypes
from service.log_source import LogSource, transactions
from service.schema import record_heads
from service.views import Views

POLL_SECONDS: Final = 0.25
FIRST_BACKOFF_SECONDS: Final = 0.1
LONGEST_BACKOFF_SECONDS: Final = 5.0
STOP_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 5.0
"""A follower with nothing to do looks by itself this often: whoever had the claim may have died with it."""

log = logging.getLogger(__name__)


class Follower:
    """Keeps the views of one programme up to date until it is stopped."""

    def __init__(self, runner: Runner, views: Views) -> None:
        self._runner = runner
        self._views = views
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.error: str | None = None
        """Why the last attempt failed; None when it did not."""

    def start(self) -> None:
        """Begin to follow; once is enough."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"follow {self._runner.programme}")

    def wake(self) -> None:
        """Say that the log has grown."""
        self._woken.set()

    async def stop(self) -> None:
        """Finish the chunk in hand and end; a transaction is cut off only when it takes longer than STOP_SECONDS."""
        if self._task is None:
            return
        self._stopping.set()
        self._woken.set()
        done, _ = await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        if not done:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        backoff = FIRST_BACKOFF_SECONDS
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                pause = await self._step()
            except Exception as error:  # noqa: BLE001 - shown by health, tried again after a bounded wait
                self.error = f"{type(error).__name__}: {error}"
                log.warning("the followers of %s wait: %s", self._runner.programme, self.error)
                await wait_for(self._stopping, backoff)
                backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)
                continue
            self.error = None
            backoff = FIRST_BACKOFF_SECONDS
            if pause:
                await wait_for(self._woken, pause)

    async def _step(self) -> float:
        """Apply one chunk; how many seconds to wait for a wake-up before the next."""
        step = await self._runner.step()
        if step.applied:
            await self._views.wake(self._runner.programme)
            return 0
        return POLL_SECONDS if step.contended else IDLE_SECONDS


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait until the event is set, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


class Followers:
    """The followers of every programme in the database, those begun later included."""

    def __init__(self, engine: AsyncEngine, types: EventTypes, projections: Sequence[Projection], views: Views) -> None:
        self._engine = engine
        self._source = LogSource(types)
        self._projections = tuple(projections)
        self._views = views
        self._followers: dict[ProgrammeId, Follower] = {}
        self._heads: dict[ProgrammeId, int] = {}
        self._discovery: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Begin to follow every programme."""
        if self._discovery is None:
            self._discovery = asyncio.create_task(self._discover(), name="discover programmes")

    def wake(self, programme: ProgrammeId) -> None:
        """Say that a programme's log has grown: call it right after a commit."""
        if (follower := self._followers.get(programme)) is not None:
            follower.wake()
        elif self._discovery is not None and not self._stopping.is_set():
            self._follow(programme)

    def errors(self) -> dict[ProgrammeId, str]:
        """The programmes whose followers are held up here, and by what."""
        return {name: follower.error for name, follower in self._followers.items() if follower.error is not None}

    async def stop(self) -> None:
        """End them all."""
        self._stopping.set()
        if self._discovery is not None:
            await asyncio.gather(self._discovery, return_exceptions=True)
        await asyncio.gather(*(follower.stop() for follower in self._followers.values()))

    def _follow(self, programme: ProgrammeId) -> None:
        if programme not in self._followers:
            runner = Runner(programme, self._projections, self._source, transactions(self._engine))
            self._followers[programme] = Follower(runner, self._views)
            self._followers[programme].start()

    def _seen(self, programme: ProgrammeId, position: int) -> None:
        if programme not in self._followers:
            self._follow(programme)
        elif self._heads.get(programme) != position:
            self._followers[programme].wake()
        self._heads[programme] = position

    async def _discover(self) -> None:
        while not self._stopping.is_set():
            try:
                async with read(self._engine) as connection:
                    found = (await connection.execute(select(record_heads.c.programme, record_heads.c.position))).all()
                for name, position in found:
                    self._seen(ProgrammeId(name), position)
            except Exception as error:  # noqa: BLE001 - the next look tries again
                log.warning("cannot look for programmes: %s", error)
            await wait_for(self._stopping, POLL_SECONDS)
