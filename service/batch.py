"""A batch: the works of one transaction, each deciding on what the ones before it made of the programme.

A batch reads through the cache and changes nothing but itself. Only after its commit does the sequencer merge it into
the cache; a batch that is aborted is dropped, and everything in it is decided again.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant, ProgrammeId
from domain.refusal import Refusal
from service.attempt import FOLLOW_UPS_AT_MOST, Attempt
from service.cache import MISSING, StateCache
from service.chain import EventRow, Tip
from service.clock_guard import ClockGuard
from service.event_store import Head, stream_versions
from service.event_types import EventTypes, UnknownEventType
from service.record_look_up import DeliveryId, StoredRequest, find_deliveries, find_requests, find_waiting
from service.record_writing import Writing
from service.work import (
    Answer,
    Change,
    Clock,
    DeliveryRow,
    KeyReused,
    NotLoaded,
    RequestKey,
    SideRow,
    StateKey,
    StateLoader,
    Work,
)

logger = logging.getLogger(__name__)

ROUNDS_AT_MOST = 16
"""How often a work may ask for further states before it is taken for a bug."""
WAITING_AT_MOST = 100
"""How many parked deliveries one batch takes up."""
ARRIVALS_OF_A_REVISION = 1 << 20

Outcome = Answer | Callable[[], Exception]
"""What a work's caller gets: the answer, or what makes a fresh exception to raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all batches of one programme share."""

    programme: ProgrammeId
    types: EventTypes
    loader: StateLoader
    clock: Clock
    guard: ClockGuard
    parked_work: Callable[[DeliveryRow], Work]


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
        self.programme = setting.programme
        self.encode = setting.types.encode
        self.tip: Tip = head.tip
        self.left: list[Waiting] = []
        self._setting = setting
        self._cache = cache
        self._head = head
        self._skipped = skipped
        self._states: dict[StateKey, object] = {}
        self._before: dict[StateKey, object] = {}
        self._events: list[EventRow] = []
        self._side_rows: list[SideRow] = []
        self._rivals: list[DeliveryRow] = []
        self._found_requests: dict[tuple[str, str], StoredRequest] = {}
        self._new_requests: list[tuple[RequestKey, StoredRequest, Instant]] = []
        self._deliveries: dict[DeliveryId, DeliveryRow] = {}
        self._stored_deliveries: dict[DeliveryId, int] = {}
        self._known: dict[str, None] = {}

    # What attempts stand on

    def state(self, key: StateKey) -> object:
        """The state of a key as the works so far left it; raises `NotLoaded`."""
        if key in self._states:
            return self._states[key]
        state = self._cache.get(key)
        if state is MISSING:
            raise NotLoaded(key)
        return state

    async def load(self, connection: AsyncConnection, keys: Iterable[StateKey]) -> None:
        """Loads those of the states that are not known yet, as they were before this batch."""
        missing = [key for key in dict.fromkeys(keys) if not self._knows(key)]
        streams = [key[1] for key in missing if key[0] == "stream"]
        others = [key for key in missing if key[0] != "stream"]
        if streams:
            for stream, version in (await stream_versions(connection, self.programme, streams)).items():
                self._states["stream", stream] = version
        if others:
            found = await self._setting.loader.load(connection, self.programme, others)
            for key in others:
                self._states[key] = found.get(key)

    def _knows(self, key: StateKey) -> bool:
        return key in self._states or self._cache.get(key) is not MISSING

    # Deciding

    async def decide(
        self, connection: AsyncConnection, works: Sequence[Work], waiting: Sequence[Waiting]
    ) -> list[Outcome]:
        """Runs the works in order, and then what waited for what they made known; gives each work's outcome."""
        await self._look_up(connection, works)
        await self.load(connection, self._setting.clock.needs)
        if self._setting.clock.follows_host(self.state):
            self._setting.guard.check(self.tip.recorded_at)
        await self._load_needs(connection, works)
        outcomes = [await self._outcome(connection, work) for work in works]
        await self._take_up(connection, waiting)
        return outcomes

    async def _look_up(self, connection: AsyncConnection, works: Sequence[Work]) -> None:
        requests = [work.request for work in works if work.request is not None]
        if requests:
            self._found_requests = await find_requests(connection, self.programme, requests)
        deliveries = [work.delivery[:2] for work in works if work.delivery is not None]
        if deliveries:
            self._deliveries = await find_deliveries(connection, self.programme, deliveries)

    async def _load_needs(self, connection: AsyncConnection, works: Sequence[Work]) -> None:
        asked = [work for work in works if work.request is None or work.request[:2] not in self._found_requests]
        for _ in range(ROUNDS_AT_MOST):
            missing: list[StateKey] = []
            asked = [work for work in asked if self._asks_again(work, missing)]
            if missing:
                await self.load(connection, missing)
            if not asked:
                return

    def _asks_again(self, work: Work, missing: list[StateKey]) -> bool:
        try:
            missing.extend(key for key in work.needs(self.state) if not self._knows(key))
        except NotLoaded as asked:
            missing.extend(asked.keys)
            return True
        return False

    async def _outcome(self, connection: AsyncConnection, work: Work) -> Outcome:
        request = work.request
        if request is not None and (stored := self._found_requests.get(request[:2])) is not None:
            return repeat(request, stored)
        try:
            answer, attempt = await self._run(connection, work)
        except Refusal as refusal:
            return partial(Refusal, refusal.code, refusal.detail, **refusal.facts)
        self._absorb(attempt)
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
            self._found_requests[request[:2]] = stored
            self._new_requests.append((request, stored, self._setting.guard.host_now()))
        return answer

    async def _run(self, connection: AsyncConnection, work: Work) -> tuple[Answer, Attempt]:
        found = None if work.delivery is None else self._deliveries.get(work.delivery[:2])
        prepared = not work.exclusive
        for _ in range(ROUNDS_AT_MOST):
            now = Instant(max(self._setting.clock.now(self.state), self.tip.recorded_at))
            attempt = Attempt(self, work, now, found)
            try:
                if not prepared:
                    await work.prepare(connection, attempt)
                    prepared = True
                return work.run(attempt), attempt
            except NotLoaded as asked:
                await self.load(connection, asked.keys)
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
            self._absorb(attempt)
            waiting[:0] = attempt.follow_ups

    def _absorb(self, attempt: Attempt) -> None:
        for key, state in attempt.puts.items():
            if key not in self._before:
                before = self._states[key] if key in self._states else self._cache.get(key)
                self._before[key] = None if before is MISSING else before
            self._states[key] = state
        self.tip = attempt.tip
        self._events += attempt.events
        self._side_rows += attempt.side_rows
        self._rivals += attempt.rivals
        for delivery in attempt.stored_deliveries:
            self._deliveries[delivery.source, delivery.delivery_id] = delivery
            self._stored_deliveries.setdefault((delivery.source, delivery.delivery_id), len(self._stored_deliveries))
        self._known.update(dict.fromkeys(attempt.known))

    # Parked deliveries

    async def _take_up(self, connection: AsyncConnection, waiting: Sequence[Waiting]) -> None:
        """Runs what waited for what became known, in order of arrival; what that makes known in turn as well."""
        again = list(waiting)
        taken: set[DeliveryId] = set(self._skipped)
        room = WAITING_AT_MOST
        while again or self._known:
            if self._known:
                again.append(Waiting(tuple(self._known)))
                self._known = {}
            keys, after = again.pop(0)
            found = await find_waiting(connection, self.programme, keys, after=after, at_most=room + 1)
            if len(found) > room:
                found = found[:room]
                self.left.append(Waiting(keys, found[-1][0] if found else after))
            rows = self._still_waiting(found, keys, taken)
            room -= len(rows)
            await self._run_parked(connection, rows)

    def _still_waiting(
        self, found: Sequence[tuple[int, DeliveryRow]], keys: Sequence[str], taken: set[DeliveryId]
    ) -> list[DeliveryRow]:
        """The stored rows as this batch left them, and behind them those that this batch parked itself."""
        for _, row in found:
            self._deliveries.setdefault((row.source, row.delivery_id), row)
        names = [(row.source, row.delivery_id) for _, row in found] + list(self._stored_deliveries)
        rows: list[DeliveryRow] = []
        for name in dict.fromkeys(names):
            row = self._deliveries[name]
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
                self._absorb(attempt)
                await self._follow_up(connection, attempt.follow_ups)
            except Refusal as refusal:
                logger.warning("the delivery %s of %s stays parked: %s", row.delivery_id, row.source, refusal)
            except (SQLAlchemyError, OSError, UnknownEventType):
                raise
            except Exception as error:
                raise ParkedWorkFailed((row.source, row.delivery_id)) from error

    # What comes of it

    def writing(self) -> Writing | None:
        """All that the batch writes; None when that is nothing."""
        changed = {
            key: Change(before, self._states[key])
            for key, before in self._before.items()
            if key[0] != "stream" and before is not self._states[key]
        }
        side_rows = [*self._side_rows, *self._setting.loader.upserts(self.programme, changed)]
        if not (self._events or side_rows or self._rivals or self._new_requests or self._stored_deliveries):
            return None
        revision = self._head.revision + 1
        first_arrival = revision * ARRIVALS_OF_A_REVISION
        return Writing(
            programme=self.programme,
            old=self._head,
            new=Head(revision, *self.tip),
            events=self._events,
            deliveries=[
                (first_arrival + place, self._deliveries[name]) for name, place in self._stored_deliveries.items()
            ],
            rivals=self._rivals,
            requests=self._new_requests,
            side_rows=side_rows,
        )

    def merge(self) -> None:
        """Lets the cache remember what the batch loaded and changed. Only after its commit."""
        for key, state in self._states.items():
            self._cache.put(key, state, 8 if key[0] == "stream" else self._setting.loader.size(key, state))


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
