"""One run of one work: what it sees of the programme, and what it wants written.

An attempt stands on its batch (what the batch's earlier works made of the programme), which stands on the cache. What
the attempt puts and records is its own until the batch takes it over; a refused attempt is simply dropped.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant, Position, ProgrammeId
from domain.recorded import Recorded
from service.cache import MISSING
from service.chain import EventRow, Tip, extend
from service.work import DeliveryRow, SideRow, StateKey, Work, stream_key

FOLLOW_UPS_AT_MOST = 1_000
"""How many further works one work may ask for; more is a loop."""


class Ground(Protocol):
    """What an attempt stands on: the batch so far."""

    programme: ProgrammeId
    tip: Tip

    def state(self, key: StateKey) -> object:
        """The state as the batch sees it, or `NotLoaded`."""

    def knows(self, key: StateKey) -> bool:
        """Whether the state needs no loading."""

    def encode(self, event: object) -> tuple[str, bytes]:
        """The permanent name and the stored bytes of an event."""

    async def load(self, connection: AsyncConnection, keys: Iterable[StateKey]) -> None:
        """Loads the states that are not known yet."""

    async def write_ahead(self, connection: AsyncConnection, events: Sequence[EventRow]) -> None:
        """Writes events before the batch does."""


class Attempt:
    """What a work's `run` gets: the programme as of now, and the means to change it.

    `now` is the programme's time for this work, never before the last event's. `found_delivery` is the stored row of
    the work's delivery (None: it is new); `next_position` is where the next event will stand.
    """

    __slots__ = (
        "found_delivery",
        "now",
        "programme",
        "work",
        "_ground",
        "events",
        "follow_ups",
        "known",
        "puts",
        "rivals",
        "side_rows",
        "stored_deliveries",
        "tip",
    )

    def __init__(self, ground: Ground, work: Work, now: Instant, found_delivery: DeliveryRow | None) -> None:
        self.programme = ground.programme
        self.work = work
        self.now = now
        self.found_delivery = found_delivery
        self._ground = ground
        self.tip = ground.tip
        self.puts: dict[StateKey, object] = {}
        self.events: list[EventRow] = []
        self.side_rows: list[SideRow] = []
        self.stored_deliveries: list[DeliveryRow] = []
        self.rivals: list[DeliveryRow] = []
        self.known: list[str] = []
        self.follow_ups: list[Work] = []

    @property
    def next_position(self) -> Position:
        """Where the next recorded event will stand in the log, unless this attempt is dropped."""
        return Position(self.tip.position + 1)

    @property
    def delivery_conflicts(self) -> bool:
        """Whether the work's delivery id is known with another body (api.md: 409, kept beside the first)."""
        found, ref = self.found_delivery, self.work.delivery
        return found is not None and ref is not None and found.body_hash != ref.body_hash

    def state(self, key: StateKey) -> object:
        """The state of a key as of now (None: it does not exist); raises `NotLoaded`, which `run` lets pass."""
        found = self.puts.get(key, MISSING)
        return self._ground.state(key) if found is MISSING else found

    def knows(self, key: StateKey) -> bool:
        """Whether `state` would give the state of a key at once."""
        return key in self.puts or self._ground.knows(key)

    async def load(self, connection: AsyncConnection, *keys: StateKey) -> None:
        """Loads states so that `state` gives them. Only in `prepare`, which alone has a connection."""
        await self._ground.load(connection, keys)

    def put(self, key: StateKey, state: object) -> None:
        """Puts a new state (None: it exists no longer). Every state that the recorded events change must be put.

        States are immutable: put a new one, never change one that `state` gave.
        """
        self.puts[key] = state

    def begin(self, key: StateKey) -> None:
        """Says that nothing exists under a key whose id was made for this work, which spares the look-up."""
        self.puts.setdefault(key, None)

    def record(
        self, stream: str, event: object, *, begins_stream: bool = False, version: int | None = None
    ) -> Recorded[object]:
        """Records an event as the next of its stream and gives it its position, time and actor; see `append`."""
        row = self.append(stream, event, begins_stream=begins_stream, version=version)
        return Recorded(position=Position(row.position), recorded_at=self.now, actor=self.work.actor, event=event)

    def append(
        self, stream: str, event: object, *, begins_stream: bool = False, version: int | None = None
    ) -> EventRow:
        """Records an event as the next of its stream.

        `begins_stream` says that this is the stream's first event (its id was made for it), which spares the look-up
        of the stream's version; it fails as a bug if the stream exists. A `version` is stated only by who counts
        otherwise than 1, 2, 3 …, and has made sure that it is higher than the stream's last.
        """
        if version is None:
            version = 1 if begins_stream else 1 + self._version(stream_key(stream))
        type_name, body = self._ground.encode(event)
        return self.append_stored(stream, type_name, body, version=version)

    def append_stored(self, stream: str, type_name: str, body: bytes, *, version: int = 1) -> EventRow:
        """Records an event that is encoded already; the first of its stream, unless a `version` is stated."""
        row = extend(
            self.tip,
            programme=self.programme,
            stream=stream,
            version=version,
            type_name=type_name,
            recorded_at=self.now,
            actor=self.work.actor,
            cause=self.work.cause,
            body=body,
        )
        self.events.append(row)
        self.tip = Tip(row.position, row.hash, row.recorded_at)
        self.puts[stream_key(stream)] = version
        return row

    async def write_ahead(self, connection: AsyncConnection) -> None:
        """Writes what is recorded so far into the transaction that holds the head's lock, and remembers it no longer.

        Only in the `prepare` of an exclusive work, which must then neither refuse nor ask for a state, and records at
        least one event more: the head moves behind that, or all is undone.
        """
        await self._ground.write_ahead(connection, self.events)
        self.events = []

    def hash_of(self, recorded: Recorded[object]) -> bytes:
        """The chain hash of an event that this attempt recorded: with its position, the receipt (api.md)."""
        return self.events[recorded.position - self.events[0].position].hash

    def write(self, *rows: SideRow) -> None:
        """Writes rows beside the log in the same transaction: personal data, keys, sources."""
        self.side_rows.extend(rows)

    def keep(self, delivery: DeliveryRow) -> None:
        """Stores a delivery, or the new outcome of one that was parked (its body and time of arrival stay)."""
        self.stored_deliveries.append(delivery)

    def keep_rival(self, delivery: DeliveryRow) -> None:
        """Keeps a delivery with a known id and another body beside the first; answer with a `refusal` then."""
        self.rivals.append(delivery)

    def made_known(self, key: str) -> None:
        """Says that what deliveries with this `waits_for` waited for is there.

        They run in this same transaction, in order of arrival, after the works of this batch; at most 100 for one
        batch, the rest in the next.
        """
        self.known.append(key)

    def follow_up(self, work: Work) -> None:
        """Runs a further work in the same transaction, right after this one. Its answer goes nowhere.

        A refusal drops the further work alone; a bug in it is a bug of this work.
        """
        assert len(self.follow_ups) < FOLLOW_UPS_AT_MOST, "a work asked for follow-ups without end"
        self.follow_ups.append(work)

    def move_clock(self, now: Instant) -> None:
        """Moves this attempt's `now` forwards, for a sandbox's clock (rules §2). What is recorded next is at `now`."""
        assert now >= self.now, "time does not go backwards"
        self.now = now

    def _version(self, key: StateKey) -> int:
        version = self.state(key)
        assert version is None or isinstance(version, int)
        return version or 0
