"""One programme's end of the log, as this process knows it: how a batch becomes the next events, exactly once.

There are two ways to write a batch, with one result. On the *lock path* the head's row is locked, the cache is made
coherent with it, and what the batch decides is written and committed. On the *fast path* (PostgreSQL) the batch is
decided on the cache as it is and written by one statement that does nothing unless the head is still where the cache
stands; whatever goes wrong there, the lock path decides it again.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.batch import Batch, Outcome, ParkedWorkFailed, Waiting
from service.cache import StateCache
from service.chain import ChainBroken, follow
from service.clock_guard import ClockWrong
from service.database import write
from service.event_store import Head, NoSuchProgramme, find_head, lock_head, logged, read_events
from service.event_types import UnknownEventType
from service.failures import is_poison, is_transient, pause, was_refused
from service.overlay import Setting
from service.record_look_up import DeliveryId
from service.record_writing import Writing, write_batch
from service.work import Unavailable, Work, WorkFailed, stream_key

logger = logging.getLogger(__name__)

TRIES = 6
LOOKS = 12
"""How often a lost outcome is looked up (some seconds in all) before its callers are told that it is unknown."""
CATCH_UP_EVENTS = 2_000
MAY_COMPUTE: Final = text("SET LOCAL idle_in_transaction_session_timeout = '60s'")
"""Exclusive work may compute for longer, under the lock, than a stopped process may hold it otherwise."""
BATCHES_THAT_LOOK_FIRST = 16
"""After a repeated request has cost a batch its fast path, so many batches look their requests up before deciding."""


class OutcomeUnknown(Exception):
    """The connection was lost around the commit of this batch: it is stored, or it is not."""

    def __init__(self, batch: Batch, writing: Writing, outcomes: list[Outcome]) -> None:
        super().__init__("the outcome of a commit is unknown")
        self.batch = batch
        self.writing = writing
        self.outcomes = outcomes


class Sequencer:
    """Appends batches to one programme's log, one at a time. `trouble` says why it cannot, for /readyz."""

    def __init__(
        self, engine: AsyncEngine, setting: Setting, cache_bytes: int, on_commit: Callable[[int], None]
    ) -> None:
        self.trouble: str | None = None
        self.looking = False
        self.left: list[Waiting] = []
        self.cache = StateCache(cache_bytes)
        self._engine = engine
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._has_fast_path = engine.dialect.name == "postgresql"
        self._setting = setting
        self._programme = setting.programme
        self._on_commit = on_commit
        self._head: Head | None = None
        self._contended = False
        self._repeats_ahead = 0
        self._skipped: frozenset[DeliveryId] = frozenset()

    async def append(self, works: Sequence[Work]) -> list[Outcome]:
        """Appends the works, and what was left of the last batch, in order; gives each work's outcome.

        Raises `UnknownEventType` (this version of the service must not write here); anything else becomes an outcome.
        """
        self._skipped = frozenset()
        left, self.left = self.left, []
        return await self._settle(works, left, fast=True)

    async def _settle(self, works: Sequence[Work], left: Sequence[Waiting], *, fast: bool) -> list[Outcome]:
        """Tries until the works are decided, or for a bounded while."""
        attempt = 0
        while True:
            try:
                outcomes = await self._try(works, left, fast=fast)
            except UnknownEventType:
                raise
            except OutcomeUnknown as error:
                settled = await self._look(error)
                if settled is not None:
                    return settled
                failure: Exception = error
            except Exception as error:  # noqa: BLE001 - told apart below, and always answered
                failure = error
            else:
                self.trouble = None
                return outcomes
            if isinstance(failure, ParkedWorkFailed):
                self._skipped |= {failure.delivery}
                logger.error("the delivery %s of %s stays parked", *failure.delivery[::-1], exc_info=failure)
            elif not isinstance(failure, OutcomeUnknown | ClockWrong | NoSuchProgramme) and is_poison(failure):
                return await self._isolate(works, left, failure)
            elif (isinstance(failure, OutcomeUnknown) or is_transient(failure)) and attempt < TRIES:
                logger.warning("a batch is tried again: %s", failure)
                await pause(attempt)
                attempt += 1
            else:
                return self._refuse_all(works, failure)

    async def _isolate(self, works: Sequence[Work], left: Sequence[Waiting], failure: Exception) -> list[Outcome]:
        """Tries the halves by themselves, so that in the end only the work fails that makes its batch fail."""
        if len(works) > 1:
            middle = len(works) // 2
            return [
                *await self._settle(works[:middle], left, fast=False),
                *await self._settle(works[middle:], (), fast=False),
            ]
        logger.error("a work failed: %s", [type(work).__name__ for work in works], exc_info=failure)
        return [partial(WorkFailed, f"{type(work).__name__} failed unexpectedly") for work in works]

    def _refuse_all(self, works: Sequence[Work], failure: Exception) -> list[Outcome]:
        """Nothing was stored of these works; says so to all of them, and to /readyz."""
        if isinstance(failure, NoSuchProgramme):
            return [partial(NoSuchProgramme, self._programme) for _ in works]
        self.trouble = f"{type(failure).__name__}: {failure}"
        logger.error("a batch was given up: %s", self.trouble)
        reason = str(failure) if isinstance(failure, ClockWrong) else "the database cannot be written to now"
        return [partial(Unavailable, reason) for _ in works]

    async def _try(self, works: Sequence[Work], left: Sequence[Waiting], *, fast: bool) -> list[Outcome]:
        if fast and self._may_be_fast(works):
            outcomes = await self._fast(works, left)
            if outcomes is not None:
                return outcomes
        return await self._locked(works, left)

    # The fast path

    def _may_be_fast(self, works: Sequence[Work]) -> bool:
        return (
            self._has_fast_path
            and self._head is not None
            and not self._contended
            and not any(work.exclusive for work in works)
            and not self._setting.guard.must_measure()
        )

    async def _fast(self, works: Sequence[Work], left: Sequence[Waiting]) -> list[Outcome] | None:
        """The batch on the cache as it is; None where the lock path has to decide it again."""
        assert self._head is not None
        async with self._autocommit.connect() as connection:
            batch = Batch(self._setting, self.cache, self._head, self._skipped)
            try:
                outcomes = await batch.decide(connection, works, left, fresh=self._repeats_ahead == 0)
                writing = batch.overlay.writing()
                if writing is None:
                    coherent = await find_head(connection, self._programme) == self._head
                    if coherent:
                        self._committed(batch, None)
                    return outcomes if coherent else None
            except Exception as error:  # noqa: BLE001 - the lock path meets it again, and tells it apart
                # A state that is being changed elsewhere may look torn from here: only the lock path's word counts.
                logger.debug("decided again under the lock: %s", error)
                return None
            try:
                moved = await write_batch(connection, writing)
            except BaseException as error:
                if was_refused(error):
                    self._repeats_ahead = BATCHES_THAT_LOOK_FIRST
                    return None
                await connection.invalidate()
                raise self._unknown(error, batch, writing, outcomes) from error
        if not moved:
            self._contended = True
            return None
        self._repeats_ahead = max(self._repeats_ahead - 1, 0)
        self._committed(batch, writing)
        return outcomes

    # The lock path

    async def _locked(self, works: Sequence[Work], left: Sequence[Waiting]) -> list[Outcome]:
        committing: tuple[Batch, Writing | None, list[Outcome]] | None = None
        guard = self._setting.guard
        try:
            async with write(self._engine) as connection:
                if self._has_fast_path and any(work.exclusive for work in works):
                    await connection.execute(MAY_COMPUTE)
                before = guard.host_now()
                head, database_now = await lock_head(connection, self._programme)
                guard.measured(before, database_now, guard.host_now())
                await self._catch_up(connection, head)
                batch = Batch(self._setting, self.cache, head, self._skipped)
                outcomes = await batch.decide(connection, works, left, fresh=False)
                writing = batch.overlay.writing()
                if writing is not None:
                    moved = await write_batch(connection, writing)
                    assert moved, "the head moved under its lock"
                committing = (batch, writing, outcomes)
        except BaseException as error:
            if committing is None or committing[1] is None or was_refused(error):
                raise
            raise self._unknown(error, committing[0], committing[1], committing[2]) from error
        self._committed(batch, writing)
        return outcomes

    async def _catch_up(self, connection: AsyncConnection, head: Head) -> None:
        """Makes the cache coherent with the locked head: what others wrote leaves it, or all of it goes."""
        known, self._head = self._head, None
        self._contended = known is not None and known != head
        if known != head and (known is None or not await self._follow(connection, known, head)):
            self.cache.clear()
        self._head = head

    async def _follow(self, connection: AsyncConnection, known: Head, head: Head) -> bool:
        """Reads what others recorded since; False when the log does not lead from the known head to this one."""
        if head.revision < known.revision or not 0 <= head.position - known.position <= CATCH_UP_EVENTS:
            return False
        rows = await read_events(connection, self._programme, after=known.position, up_to=head.position)
        try:
            tip = deque(follow(known.tip, self._programme, rows), maxlen=1)
        except ChainBroken as broken:
            logger.warning("everything cached is dropped: %s", broken)
            return False
        if (tip[0].hash if tip else known.hash) != head.hash:
            return False
        for key in self._setting.loader.unlogged:
            self.cache.drop(key)
        for row in rows:
            self.cache.drop(stream_key(row.stream))
            for key in self._setting.loader.touched(row.stream, logged(row, self._setting.types)):
                self.cache.drop(key)
        return True

    def _committed(self, batch: Batch, writing: Writing | None) -> None:
        """Takes over what a committed batch made known."""
        batch.overlay.merge()
        self.left += batch.left
        if writing is not None:
            self._head = writing.new
            if writing.events:
                self._on_commit(writing.new.position)

    # The outcome unknown

    def _unknown(self, error: BaseException, batch: Batch, writing: Writing, outcomes: list[Outcome]) -> BaseException:
        """What to raise when a commit neither succeeded nor was refused. A cancelled task can only forget."""
        if isinstance(error, Exception):
            return OutcomeUnknown(batch, writing, outcomes)
        self._forget()
        return error

    async def _look(self, unknown: OutcomeUnknown) -> list[Outcome] | None:
        """Takes the head's lock, which waits out a commit under way, and looks: None when nothing was stored."""
        self.looking, self.trouble = True, "the outcome of a commit is being looked up"
        try:
            for attempt in range(LOOKS):
                try:
                    async with write(self._engine) as connection:
                        head, _ = await lock_head(connection, self._programme)
                        stored = await is_stored(connection, head, unknown.writing)
                except Exception as error:
                    if not is_transient(error):
                        raise
                    logger.warning("the outcome of a commit is still unknown: %s", error)
                    await pause(attempt)
                    continue
                if stored:
                    self._committed(unknown.batch, unknown.writing)
                    self.trouble = None
                    return unknown.outcomes
                if stored is False:
                    return None
                break
        finally:
            self.looking = False
        self._forget()
        reason = "whether this was stored could not be found out; repeating it is safe"
        return [partial(Unavailable, reason, 5) for _ in unknown.outcomes]

    def _forget(self) -> None:
        self._head = None
        self.cache.clear()


async def is_stored(connection: AsyncConnection, head: Head, writing: Writing) -> bool | None:
    """Whether a batch was stored, asked under the head's lock; None when it left no trace that only it can leave."""
    if writing.events:
        last = writing.new.position
        rows = await read_events(connection, writing.programme, after=last - 1, up_to=last)
        return bool(rows) and rows[0].hash == writing.new.hash
    return False if head.revision == writing.old.revision else None
