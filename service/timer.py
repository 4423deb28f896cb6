"""The timer of a process: every second, it has written down what fell due in the programmes of the real clock.

Nothing depends on it: decisions and answers compare instants themselves (rules §2). It writes the events that tell
people that protection ended and who was promoted, and takes up deliveries whose day has come. A sandbox moves only by
its own clock. Any number of processes may run it: whoever comes second finds nothing due. Once an hour it forgets the
answers to requests that are older than 30 days.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import Instant, ProgrammeId
from domain.programme.events import ProgrammeStarted
from projections.leads import due_leads
from service.commands.due import WriteWhatIsDue, due_accounts, due_parked
from service.commands.registering import fresh_token
from service.database import read
from service.event_store import read_stream
from service.event_types import EventTypes
from service.follow import wait_for
from service.host_time import host_now
from service.record_pruning import prune_requests
from service.schema import record_heads
from service.streams import PROGRAMME
from service.work import Answer, Work, cause_of_timer

LOOK_SECONDS: Final = 1.0
LONGEST_BACKOFF_SECONDS: Final = 30.0
FORGET_SECONDS: Final = 3_600.0
ROUNDS_AT_MOST: Final = 100
"""How many works one look submits for one programme while more and more is due; the next look goes on."""
STOP_SECONDS: Final = 10.0

log = logging.getLogger(__name__)

Submit = Callable[[ProgrammeId, Work], Awaitable[Answer]]


class Timer:
    """Looks every second what is due, until it is stopped."""

    def __init__(
        self, engine: AsyncEngine, types: EventTypes, submit: Submit, *, host_clock: Callable[[], Instant] = host_now
    ) -> None:
        self._engine = engine
        self._types = types
        self._submit = submit
        self._host_clock = host_clock
        self._lives_by_real_clock: dict[ProgrammeId, bool] = {}
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look; once is enough."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="timer")

    async def stop(self) -> None:
        """Finish what is in hand and end."""
        if self._task is None:
            return
        self._stopping.set()
        await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """One look at every programme of the real clock. Nothing is written where nothing is due."""
        failed: Exception | None = None
        for programme in await self._due(self._host_clock()):
            try:
                await self._write_due(programme)
            except Exception as error:  # noqa: BLE001 - one programme's trouble does not keep the others waiting
                failed = error
        if failed is not None:
            raise failed

    async def forget(self) -> None:
        """Forget, in every programme, the answers that are too old to be repeated."""
        async with read(self._engine) as connection:
            programmes = (await connection.scalars(select(record_heads.c.programme))).all()
        for programme in programmes:
            await prune_requests(self._engine, ProgrammeId(programme), self._host_clock())

    async def _write_due(self, programme: ProgrammeId) -> None:
        for _ in range(ROUNDS_AT_MOST):
            work = WriteWhatIsDue(token=fresh_token(), cause=cause_of_timer(self._host_clock()))
            await self._submit(programme, work)
            if not work.more or self._stopping.is_set():
                return

    async def _run(self) -> None:
        wait_seconds = LOOK_SECONDS
        forget_at = time.monotonic()
        while not self._stopping.is_set():
            try:
                await self.look()
                if time.monotonic() >= forget_at:
                    await self.forget()
                    forget_at = time.monotonic() + FORGET_SECONDS
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again after a bounded wait
                wait_seconds = min(wait_seconds * 2, LONGEST_BACKOFF_SECONDS)
                log.warning("the timer waits %.0f seconds: %s: %s", wait_seconds, type(error).__name__, error)
            else:
                wait_seconds = LOOK_SECONDS
            await wait_for(self._stopping, wait_seconds)

    async def _due(self, now: Instant) -> Collection[ProgrammeId]:
        """The programmes of the real clock in which something fell due, by one indexed look at each."""
        found: list[ProgrammeId] = []
        async with read(self._engine) as connection:
            for name in (await connection.scalars(select(record_heads.c.programme))).all():
                programme = ProgrammeId(name)
                if await self._by_real_clock(connection, programme) and (
                    await due_accounts(connection, programme, now, 1)
                    or await due_leads(connection, programme, now, 1)
                    or await due_parked(connection, programme, now, 1)
                ):
                    found.append(programme)
        return found

    async def _by_real_clock(self, connection: AsyncConnection, programme: ProgrammeId) -> bool:
        """Whether the programme has begun and is no sandbox, which stays so for ever."""
        known = self._lives_by_real_clock.get(programme)
        if known is None:
            rows = await read_stream(connection, programme, PROGRAMME)
            if not rows:
                return False
            begun = self._types.decode(rows[0].type_name, rows[0].body)
            assert isinstance(begun, ProgrammeStarted)
            known = self._lives_by_real_clock[programme] = not begun.sandbox
        return known
