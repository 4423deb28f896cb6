"""The appender of one programme: takes works from whoever submits them and answers each after its commit.

Whatever waits when a batch is done becomes the next batch, without lingering; there is one batch in flight. The queue
is bounded: full means `Unavailable`, at once. The appender is its own task, so that cancelling a submitter never
cancels a transaction.
"""

import asyncio
import logging
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from service.batch import Outcome
from service.event_types import UnknownEventType
from service.sequencer import Sequencer
from service.work import Answer, KeyInUse, RequestKey, Unavailable, Work

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an appender takes on. What exceeds it is refused, at once or after `wait_seconds`."""

    batch_works: int = 512
    batch_bytes: int = 4 << 20
    queue_works: int = 8_192
    queue_bytes: int = 64 << 20
    cache_bytes: int = 64 << 20
    wait_seconds: float = 10.0
    close_seconds: float = 10.0
    probe_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the appender takes works now (/readyz), and if not, why."""

    ready: bool
    reason: str | None


@dataclass(slots=True, eq=False)
class Submitted:
    """A work in the queue, and where its outcome goes."""

    work: Work
    outcome: asyncio.Future[Outcome]
    give_up_at: float


class Appender:
    """Appends works to one programme's log. Made by `Appenders`; `start` it in the loop that it is used in."""

    def __init__(self, sequencer: Sequencer, limits: Limits) -> None:
        self._sequencer = sequencer
        self._limits = limits
        self._queue: deque[Submitted] = deque()
        self._queue_bytes = 0
        self._current: list[Submitted] = []
        self._in_flight: dict[tuple[str, str], int] = {}
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopped: str | None = None
        self._closing = False

    @property
    def health(self) -> Health:
        """For /readyz."""
        reason = self._stopped or self._sequencer.trouble
        return Health(reason is None, reason)

    @property
    def waiting(self) -> int:
        """How many works wait for the next batch."""
        return len(self._queue)

    @property
    def in_batch(self) -> int:
        """How many works the batch under way has."""
        return len(self._current)

    async def submit(self, work: Work) -> Answer:
        """Runs the work in one of the next batches and gives its answer after the commit.

        Raises what stood in the way: `Refusal`, `KeyReused`, `KeyInUse`, `Unavailable`, `WorkFailed`. Cancelling
        takes a work that has not begun out of the queue; one that has begun goes on without its caller.
        """
        submitted = self._enqueue(work)
        if work.request is None:
            outcome = await submitted.outcome
        else:
            outcome = await self._outcome_of_request(submitted, work.request)
        if isinstance(outcome, Answer):
            return outcome
        raise outcome()

    def start(self) -> None:
        """Starts the task that appends."""
        self._task = asyncio.create_task(self._append_for_ever(), name="appender")
        self._task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Takes nothing new, finishes what waits within a bounded time, and ends the task."""
        self._closing = True
        self._awake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=self._limits.close_seconds)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _enqueue(self, work: Work) -> Submitted:
        limits = self._limits
        if self._closing or self._stopped is not None:
            raise Unavailable(self._stopped or "the service is shutting down", 5)
        if self._sequencer.looking:
            raise Unavailable("the outcome of a commit is being looked up")
        if len(self._queue) >= limits.queue_works or self._queue_bytes + work.size_bytes > limits.queue_bytes:
            raise Unavailable("more is waiting than the log can take")
        assert self._task is not None, "submit to an appender that was started"
        # Its task knows the loop; asking for the running one costs a call to the kernel.
        outcome: asyncio.Future[Outcome] = self._task.get_loop().create_future()
        submitted = Submitted(work, outcome, time.monotonic() + limits.wait_seconds)
        self._queue.append(submitted)
        self._queue_bytes += work.size_bytes
        self._awake.set()
        return submitted

    async def _outcome_of_request(self, submitted: Submitted, request: RequestKey) -> Outcome:
        """Waits; behind another request under the same key only for the wait limit."""
        name = request[:2]
        ahead = self._in_flight.get(name, 0)
        self._in_flight[name] = ahead + 1
        try:
            if not ahead:
                return await submitted.outcome
            async with asyncio.timeout(self._limits.wait_seconds):
                return await submitted.outcome
        except TimeoutError:
            return KeyInUse
        finally:
            if self._in_flight[name] == 1:
                del self._in_flight[name]
            else:
                self._in_flight[name] -= 1

    # The task

    async def _append_for_ever(self) -> None:
        while True:
            if not self._queue and not self._sequencer.left:
                if self._closing:
                    return
                await self._wait()
            self._current = self._take()
            if self._current or self._sequencer.left or self._sequencer.trouble is not None:
                outcomes = await self._sequencer.append([submitted.work for submitted in self._current])
                for submitted, outcome in zip(self._current, outcomes, strict=True):
                    if not submitted.outcome.done():
                        submitted.outcome.set_result(outcome)
            self._current = []

    async def _wait(self) -> None:
        """Waits for a work; in trouble only so long, to find out by an empty batch whether it is over."""
        self._awake.clear()
        if self._sequencer.trouble is None:
            await self._awake.wait()
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.probe_seconds):
                    await self._awake.wait()

    def _take(self) -> list[Submitted]:
        """The next batch: the works that wait, in order, within the bounds; an exclusive one alone."""
        taken: list[Submitted] = []
        size_bytes = 0
        now = time.monotonic()
        while self._queue and len(taken) < self._limits.batch_works:
            first = self._queue[0]
            if taken and (first.work.exclusive or size_bytes + first.work.size_bytes > self._limits.batch_bytes):
                break
            self._queue.popleft()
            self._queue_bytes -= first.work.size_bytes
            if first.outcome.done():
                continue
            if now > first.give_up_at:
                first.outcome.set_result(partial(Unavailable, "it waited too long for its turn"))
                continue
            taken.append(first)
            size_bytes += first.work.size_bytes
            if first.work.exclusive:
                break
        return taken

    def _ended(self, task: asyncio.Task[None]) -> None:
        """The task has ended: tells everybody who waits, and starts another unless it ended for good."""
        failure = None if task.cancelled() else task.exception()
        reason = "the appender was stopped"
        if isinstance(failure, UnknownEventType):
            self._stopped = str(failure)
            reason = self._stopped
        elif failure is not None:
            logger.error("the appender failed and starts again", exc_info=failure)
        for submitted in (*self._current, *self._queue):
            if not submitted.outcome.done():
                submitted.outcome.set_result(partial(Unavailable, reason, 5))
        self._current = []
        self._queue.clear()
        self._queue_bytes = 0
        if not self._closing and self._stopped is None and not task.get_loop().is_closed():
            self.start()
