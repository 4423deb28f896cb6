"""What a batch makes of the programme before it is committed, over what is cached of it.

The cache's states are immutable and are not touched: the overlay is merged into the cache after the commit, and dropped
with its batch otherwise. Each attempt in turn is an overlay of this one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant, ProgrammeId
from service.attempt import Attempt
from service.cache import MISSING, StateCache
from service.chain import EventRow, Tip
from service.clock_guard import ClockGuard
from service.event_store import Head, stream_versions
from service.event_types import EventTypes
from service.record_look_up import DeliveryId, StoredRequest
from service.record_writing import Writing, write_events
from service.work import Clock, DeliveryRow, NotLoaded, RequestKey, SideRow, StateKey, StateLoader, Work

ARRIVALS_OF_A_REVISION = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all batches of one programme share."""

    programme: ProgrammeId
    types: EventTypes
    loader: StateLoader
    clock: Clock
    guard: ClockGuard
    parked_work: Callable[[DeliveryRow], Work]


class Overlay:
    """The programme as the works so far left it, and all that they want written."""

    def __init__(self, setting: Setting, cache: StateCache, head: Head) -> None:
        self.programme = setting.programme
        self.encode = setting.types.encode
        self.tip: Tip = head.tip
        self.requests: dict[tuple[str, str], StoredRequest] = {}
        self.deliveries: dict[DeliveryId, DeliveryRow] = {}
        self.stored_deliveries: dict[DeliveryId, int] = {}
        self.known: dict[str, None] = {}
        self._setting = setting
        self._cache = cache
        self._head = head
        self._states: dict[StateKey, object] = {}
        self._loaded: set[StateKey] = set()
        self._changed: set[StateKey] = set()
        self._events: list[EventRow] = []
        self._written_to = 0
        self._side_rows: list[SideRow] = []
        self._rivals: list[DeliveryRow] = []
        self._new_requests: list[tuple[RequestKey, StoredRequest, Instant]] = []

    def state(self, key: StateKey) -> object:
        """The state of a key as the works so far left it; raises `NotLoaded`."""
        found = self._states.get(key, MISSING)
        if found is not MISSING:
            return found
        if self.knows(key):
            return self._states[key]
        raise NotLoaded(key)

    async def load(self, connection: AsyncConnection, keys: Iterable[StateKey]) -> None:
        """Loads those of the states that are not known yet, as they were before this batch."""
        missing = [key for key in dict.fromkeys(keys) if not self.knows(key)]
        streams = [key[1] for key in missing if key[0] == "stream"]
        others = [key for key in missing if key[0] != "stream"]
        if streams:
            for stream, version in (await stream_versions(connection, self.programme, streams)).items():
                self._states["stream", stream] = version
                self._loaded.add(("stream", stream))
        if others:
            found = await self._setting.loader.load(connection, self.programme, others, self.state)
            self._states.update((key, found.get(key)) for key in others)
            self._loaded.update(others)

    def knows(self, key: StateKey) -> bool:
        """Whether the state needs no loading; what the cache has is asked for once in a batch."""
        if key in self._states:
            return True
        state = self._cache.get(key)
        if state is MISSING:
            return False
        self._states[key] = state
        return True

    async def write_ahead(self, connection: AsyncConnection, events: Sequence[EventRow]) -> None:
        """Writes events of an attempt that holds the head's lock, and must succeed now."""
        await write_events(connection, self.programme, events)
        self._written_to = events[-1].position

    def absorb(self, attempt: Attempt) -> None:
        """Takes over what an attempt that succeeded puts and writes."""
        self._states.update(attempt.puts)
        self._changed.update(attempt.puts)
        self.tip = attempt.tip
        self._events += attempt.events
        self._side_rows += attempt.side_rows
        self._rivals += attempt.rivals
        for delivery in attempt.stored_deliveries:
            self.deliveries[delivery.source, delivery.delivery_id] = delivery
            self.stored_deliveries.setdefault((delivery.source, delivery.delivery_id), len(self.stored_deliveries))
        self.known.update(dict.fromkeys(attempt.known))

    def answered(self, request: RequestKey, stored: StoredRequest) -> None:
        """Stores the answer to a request."""
        self.requests[request[:2]] = stored
        self._new_requests.append((request, stored, self._setting.guard.host_now()))

    def writing(self) -> Writing | None:
        """All that the batch writes; None when that is nothing."""
        assert not self._written_to or (self._events and self.tip.position > self._written_to), (
            "written ahead, then dropped"
        )
        if not (self._events or self._side_rows or self._rivals or self._new_requests or self.stored_deliveries):
            return None
        revision = self._head.revision + 1
        first_arrival = revision * ARRIVALS_OF_A_REVISION
        return Writing(
            programme=self.programme,
            old=self._head,
            new=Head(revision, *self.tip),
            events=self._events,
            deliveries=[
                (first_arrival + place, self.deliveries[name]) for name, place in self.stored_deliveries.items()
            ],
            rivals=self._rivals,
            requests=self._new_requests,
            side_rows=self._side_rows,
        )

    def merge(self) -> None:
        """Lets the cache remember what the batch loaded and changed. Only after its commit."""
        size = self._setting.loader.size
        for key in self._loaded | self._changed:
            state = self._states[key]
            self._cache.put(key, state, 8 if key[0] == "stream" else size(key, state))
