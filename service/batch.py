"""A batch: the works of one transaction, each deciding on what the ones before it made of the programme.

A batch reads through the cache and changes nothing but itself. Only after its commit does the sequencer merge it into
the cache; a batch that is aborted is dropped, and everything in it is decided again.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant
from domain.refusal import Refusal
from service.attempt import FOLLOW_UPS_AT_MOST, Attempt
from service.cache import StateCache
from service.event_store import Head
from service.event_types import UnknownEventType
from service.overlay import Overlay, Setting
from service.record_look_up import DeliveryId, StoredRequest, find_deliveries, find_requests, find_waiting
from service.work import (
    SO_FAR,
    Answer,
    DeliveryRow,
    KeyReused,
    NotLoaded,
    RequestKey,
    StateKey,
    Unavailable,
    Work,
)

logger = logging.getLogger(__name__)

ROUNDS_AT_MOST = 16
"""How often a work may ask for further states before it is taken for a bug."""
WAITING_AT_MOST = 100
"""How many parked deliveries one batch takes up."""

Outcome = Answer | Callable[[], Exception]
"""What a work's caller gets: the answer, or what makes a fresh exception to raise."""


class Asking(NamedTuple):
    """A work, and what it has not asked for yet."""

    work: Work
    needs: Iterator[StateKey]


class Waiting(NamedTuple):
    """What became known, and the arrival up to which the deliveries that waited for it were taken up."""

    keys: tuple[str, ...]
    after: int = -1


class ParkedWorkFailed(Exception):
    """A parked delivery failed unexpectedly: it stays parked, and what made it known goes on without it."""

    def __init__(self, delivery: DeliveryId) -> None:
        super().__init__(*delivery)
        self.delivery = delivery


class Batch:
    """What some works make of the programme, from a head on. `left` is what waits for the next batch."""

    def __init__(self, setting: Setting, cache: StateCache, head: Head, skipped: frozenset[DeliveryId]) -> None:
        self.overlay = Overlay(setting, cache, head)
        self.left: list[Waiting] = []
        self._setting = setting
        self._skipped = skipped

    async def decide(
        self, connection: AsyncConnection, works: Sequence[Work], waiting: Sequence[Waiting], *, fresh: bool
    ) -> list[Outcome]:
        """Runs the works in order, and then what waited for what they made known; gives each work's outcome.

        `fresh` takes every request for a new one without looking it up, where writing fails if it is not: only a
        request that is refused, and so writes nothing, is looked up then, because a repeat gets its first answer.
        """
        if not fresh:
            await self._look_up_requests(connection, works)
        await self._look_up_deliveries(connection, works)
        await self.overlay.load(connection, self._setting.clock.needs)
        if self._setting.clock.follows_host(self.overlay.state):
            self._setting.guard.check(self.overlay.tip.recorded_at)
        await self._load_needs(connection, works)
        outcomes = [await self._outcome(connection, work) for work in works]
        if fresh:
            outcomes = await self._look_again(connection, works, outcomes)
        await self._take_up(connection, waiting)
        return outcomes

    async def _look_up_requests(self, connection: AsyncConnection, works: Sequence[Work]) -> None:
        requests = [work.request for work in works if work.request is not None]
        if requests:
            self.overlay.requests = await find_requests(connection, self._setting.programme, requests)

    async def _look_again(
        self, connection: AsyncConnection, works: Sequence[Work], outcomes: list[Outcome]
    ) -> list[Outcome]:
        """The outcomes, in which refused requests that were answered before have their first answers."""
        refused = {
            place: work.request
            for place, (work, outcome) in enumerate(zip(works, outcomes, strict=True))
            if work.request is not None
            and not isinstance(outcome, Answer)
            and work.request[:2] not in self.overlay.requests
        }
        if not refused:
            return outcomes
        found = await find_requests(connection, self._setting.programme, refused.values())
        repeats = {
            place: repeat(request, found[request[:2]]) for place, request in refused.items() if request[:2] in found
        }
        return [repeats.get(place, outcome) for place, outcome in enumerate(outcomes)]

    async def _look_up_deliveries(self, connection: AsyncConnection, works: Sequence[Work]) -> None:
        deliveries = [work.delivery[:2] for work in works if work.delivery is not None]
        if deliveries:
            self.overlay.deliveries = await find_deliveries(connection, self._setting.programme, deliveries)

    async def _load_needs(self, connection: AsyncConnection, works: Sequence[Work]) -> None:
        asking = [
            Asking(work, iter(work.needs(self.overlay.state)))
            for work in works
            if work.request is None or work.request[:2] not in self.overlay.requests
        ]
        for _ in range(ROUNDS_AT_MOST):
            wanted: list[StateKey] = []
            asking = [again for one in asking if (again := self._asks_again(one, wanted)) is not None]
            await self.overlay.load(connection, wanted)
            if not asking:
                return

    def _asks_again(self, asking: Asking, wanted: list[StateKey]) -> Asking | None:
        """Adds what is asked for up to where it has to be loaded first; gives who goes on asking then."""
        try:
            for key in asking.needs:
                if key is SO_FAR:
                    return asking
                wanted.append(key)
        except NotLoaded as asked:
            wanted.extend(asked.keys)
            return Asking(asking.work, iter(asking.work.needs(self.overlay.state)))
        return None

    async def _outcome(self, connection: AsyncConnection, work: Work) -> Outcome:
        request = work.request
        if request is not None and (stored := self.overlay.requests.get(request[:2])) is not None:
            return repeat(request, stored)
        try:
            answer, attempt = await self._run(connection, work)
        except Refusal as refusal:
            return partial(Refusal, refusal.code, refusal.detail, **refusal.facts)
        except Unavailable as unavailable:
            return partial(Unavailable, unavailable.reason, unavailable.retry_after_seconds)
        self.overlay.absorb(attempt)
        if attempt.follow_ups:
            await self._follow_up(connection, attempt.follow_ups)
        if answer.refusal is not None:
            return partial(Refusal, answer.refusal.code, answer.refusal.detail, **answer.refusal.facts)
        if request is not None:
            stored = StoredRequest(
                request.request_hash,
                None if answer.secret else answer.body,
                answer.created,
                answer.position,
                answer.recorded_at,
            )
            self.overlay.answered(request, stored)
        return answer

    async def _run(self, connection: AsyncConnection, work: Work) -> tuple[Answer, Attempt]:
        found = None if work.delivery is None else self.overlay.deliveries.get(work.delivery[:2])
        prepared = not work.exclusive
        for _ in range(ROUNDS_AT_MOST):
            now = Instant(max(self._setting.clock.now(self.overlay.state), self.overlay.tip.recorded_at))
            attempt = Attempt(self.overlay, work, now, found)
            try:
                if not prepared:
                    await work.prepare(connection, attempt)
                    prepared = True
                return work.run(attempt), attempt
            except NotLoaded as asked:
                await self.overlay.load(connection, asked.keys)
        raise AssertionError(f"{type(work).__name__} asks for states without end")

    async def _follow_up(self, connection: AsyncConnection, works: Iterable[Work]) -> None:
        waiting = list(works)
        for count in range(FOLLOW_UPS_AT_MOST + 1):
            if not waiting:
                return
            assert count < FOLLOW_UPS_AT_MOST, "follow-ups without end"
            work = waiting.pop(0)
            try:
                _, attempt = await self._run(connection, work)
            except Refusal as refusal:
                logger.info("a follow-up of %s was refused: %s", work.actor, refusal)
                continue
            self.overlay.absorb(attempt)
            waiting[:0] = attempt.follow_ups

    # Parked deliveries

    async def _take_up(self, connection: AsyncConnection, waiting: Sequence[Waiting]) -> None:
        """Runs what waited for what became known, in order of arrival; what that makes known in turn as well."""
        again = list(waiting)
        taken: set[DeliveryId] = set(self._skipped)
        room = WAITING_AT_MOST
        while again or self.overlay.known:
            if self.overlay.known:
                again.append(Waiting(tuple(self.overlay.known)))
                self.overlay.known = {}
            keys, after = again.pop(0)
            found = await find_waiting(connection, self._setting.programme, keys, after=after, at_most=room + 1)
            if len(found) > room:
                found = found[:room]
                self.left.append(Waiting(keys, found[-1][0] if found else after))
            rows = self._still_waiting(found, keys, taken)
            room = max(room - len(rows), 0)
            await self._run_parked(connection, rows)

    def _still_waiting(
        self, found: Sequence[tuple[int, DeliveryRow]], keys: Sequence[str], taken: set[DeliveryId]
    ) -> list[DeliveryRow]:
        """The stored rows as this batch left them, and behind them those that this batch parked itself."""
        for _, row in found:
            self.overlay.deliveries.setdefault((row.source, row.delivery_id), row)
        names = [(row.source, row.delivery_id) for _, row in found] + list(self.overlay.stored_deliveries)
        rows: list[DeliveryRow] = []
        for name in dict.fromkeys(names):
            row = self.overlay.deliveries[name]
            if row.waits_for in keys and name not in taken:
                taken.add(name)
                rows.append(row)
        return rows

    async def _run_parked(self, connection: AsyncConnection, rows: Sequence[DeliveryRow]) -> None:
        works = [self._setting.parked_work(row) for row in rows]
        await self._load_needs(connection, works)
        for row, work in zip(rows, works, strict=True):
            try:
                _, attempt = await self._run(connection, work)
                self.overlay.absorb(attempt)
                await self._follow_up(connection, attempt.follow_ups)
            except Refusal as refusal:
                logger.warning("the delivery %s of %s stays parked: %s", row.delivery_id, row.source, refusal)
            except (SQLAlchemyError, OSError, UnknownEventType):
                raise
            except Exception as error:
                raise ParkedWorkFailed((row.source, row.delivery_id)) from error


def repeat(request: RequestKey, stored: StoredRequest) -> Outcome:
    """What a request gets whose key was answered before."""
    if stored.request_hash != request.request_hash:
        return KeyReused
    if stored.body is None:
        return partial(
            Refusal,
            "SECRET_SHOWN_ONCE",
            "The answer to this request held a secret, which is shown once and not stored.",
        )
    return stored.replay()
