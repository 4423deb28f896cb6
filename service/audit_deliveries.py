"""The webhooks' deliveries beside the log: is what its events came of still there, and as it arrived?

An event that came of a delivery names it in its cause, with the SHA-256 of its raw body; the delivery states the
position of the last event that it brought about (log.md, The record). So every delivery is followed to its bytes and to
its event, and the log to the deliveries that it names. A body that was erased is no disagreement.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import ProgrammeId
from projections.look_up import look_up
from service.audit_findings import DeliveriesFindings, Disagreement
from service.causes import CAUSE_OF_DELIVERY, OF_DELIVERY, cause_of_delivery
from service.chain import EventRow
from service.database import read
from service.event_store import read_log
from service.schema import record_deliveries

DELIVERIES_AT_ONCE: Final = 500
"""So many are read in one transaction; a raw body is at most 1 MiB."""
# The cause is looked up row by row: a join could be planned as a reading of all events for each chunk.
NEXT_DELIVERIES: Final = text(
    "SELECT d.source, d.delivery_id, d.body, d.body_hash, d.position, (SELECT e.cause FROM record_events AS e"
    " WHERE e.programme = d.programme AND e.position = d.position) AS cause FROM record_deliveries AS d"
    " WHERE d.programme = :programme AND (d.source, d.delivery_id) > (:source, :delivery_id)"
    " ORDER BY d.source, d.delivery_id LIMIT :at_most"
)

# A plan made before the table was analysed would sort all that are left, for each chunk anew.
IN_ORDER_OF_THE_KEY: Final = text("SET LOCAL enable_sort = off")
ANOTHER_HASH: Final = "has another body's SHA-256 than the event that it brought about"


class BroughtAbout(NamedTuple):
    """The events that one delivery brought about, which follow on each other."""

    cause: str
    first: int
    last: int


class Kept(NamedTuple):
    """What is kept of a delivery, and the cause of the event where it says that its events end."""

    source: str
    delivery_id: str
    body: bytes | str | None
    body_hash: bytes | str
    position: int | None
    cause: str | None


class Counted(NamedTuple):
    """How many positions there were, and their sum."""

    number: int = 0
    total: int = 0

    def with_those(self, positions: Iterable[int]) -> "Counted":
        """With some more."""
        more = list(positions)
        return Counted(self.number + len(more), self.total + sum(more))


class DeliveriesAudit:
    """Follows a log in chunks to the deliveries that its events name, and then looks at every delivery.

    Each delivery that states a position is found to be named by the event there. So as many of them as the log names,
    and the same sum of positions, say that none is gone and that each states its last event's: no event lies behind
    the last that names the same delivery. Only where these differ is the log read again, to find the first.
    """

    def __init__(self, engine: AsyncEngine, programme: ProgrammeId) -> None:
        """A log of which nothing has been read."""
        self._engine = engine
        self._programme = programme
        self._going_on: BroughtAbout | None = None
        """What the last delivery brought about so far: its events may go on in the next chunk."""
        self._named = Counted()
        self._head = 0

    def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows in order of position."""
        self._named = self._named.with_those(one.last for one in self._ended_in(rows))
        self._head = rows[-1].position

    async def end(self, moved: Callable[[], None]) -> DeliveriesFindings:
        """There are no more rows: look at every delivery. It calls `moved` now and then."""
        named = self._named.with_those(one.last for one in self._rest())
        stated, deliveries, source, delivery_id = Counted(), 0, "", ""
        while kept := await self._read_after(source, delivery_id):
            first = await asyncio.to_thread(first_unlike_its_event, kept)
            deliveries += len(kept)
            if first is not None:
                return DeliveriesFindings(deliveries=deliveries, first=first)
            positions = [one.position for one in kept if one.position is not None]
            stated = stated.with_those(position for position in positions if position <= self._head)
            source, delivery_id = kept[-1].source, kept[-1].delivery_id
            moved()
        first = None if stated == named else await self._first_unlike_what_is_named(moved)
        return DeliveriesFindings(deliveries=deliveries, first=first)

    async def _first_unlike_what_is_named(self, moved: Callable[[], None]) -> Disagreement | None:
        self._going_on = None
        async for rows in read_log(self._engine, self._programme, up_to=self._head):
            first = await self._unlike_what_is_named(self._ended_in(rows))
            if first is not None:
                return first
            moved()
        return await self._unlike_what_is_named(self._rest())

    def _rest(self) -> list[BroughtAbout]:
        """What was going on at the end of the log."""
        return [] if self._going_on is None else [self._going_on]

    def _ended_in(self, rows: Sequence[EventRow]) -> list[BroughtAbout]:
        ended: list[BroughtAbout] = []
        going_on = self._going_on
        for row in rows:
            cause = row.cause
            if going_on is not None:
                if cause == going_on.cause:
                    going_on = going_on._replace(last=row.position)
                    continue
                ended.append(going_on)
                going_on = None
            if cause is not None and cause.startswith(OF_DELIVERY):
                going_on = BroughtAbout(cause, row.position, row.position)
        self._going_on = going_on
        return ended

    async def _unlike_what_is_named(self, brought: Sequence[BroughtAbout]) -> Disagreement | None:
        """The first of these whose delivery is gone, is another, or says that its events end elsewhere."""
        named = [match for one in brought if (match := CAUSE_OF_DELIVERY.fullmatch(one.cause))]
        async with read(self._engine) as connection:
            rows = await look_up(
                connection,
                record_deliveries,
                where={"programme": self._programme},
                by=("source", "delivery_id"),
                keys=[(match[1], match[2]) for match in named],
                columns=("source", "delivery_id", "body_hash", "position"),
            )
        kept = {(row.source, row.delivery_id): (as_bytes(row.body_hash).hex(), row.position) for row in rows}
        return next((unlike for one in brought if (unlike := unlike_what_is_kept(one, kept))), None)

    async def _read_after(self, source: str, delivery_id: str) -> list[Kept]:
        asked = {
            "programme": self._programme,
            "source": source,
            "delivery_id": delivery_id,
            "at_most": DELIVERIES_AT_ONCE,
        }
        async with read(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(IN_ORDER_OF_THE_KEY)
            return [Kept._make(row) for row in await connection.execute(NEXT_DELIVERIES, asked)]


def unlike_what_is_kept(
    brought: BroughtAbout, kept: Mapping[tuple[str, str], tuple[str, int | None]]
) -> Disagreement | None:
    """How the delivery that events name is not what they say, None where it is. `kept`: body's hash and position."""
    match = CAUSE_OF_DELIVERY.fullmatch(brought.cause)
    if match is None:
        what = "an event names a delivery in a way that no release writes"
        return Disagreement(what=what, position=brought.first, expected="delivery:ID:HASH", found=brought.cause)
    source, delivery_id, digest = match.groups()
    found = kept.get((source, delivery_id))
    if found is None:
        how = "is not kept any more, though an event names it"
        return disagreement((source, delivery_id), how, brought.first, digest)
    if found[0] != digest:
        return disagreement((source, delivery_id), ANOTHER_HASH, brought.first, digest, found[0])
    if found[1] != brought.last:
        how = "does not state the position of the last event that it brought about"
        return disagreement((source, delivery_id), how, brought.last, brought.last, found[1])
    return None


def first_unlike_its_event(deliveries: Iterable[Kept]) -> Disagreement | None:
    """The first whose body is not the one that arrived, or that states the position of an event of another cause."""
    for one in deliveries:
        name, digest = (one.source, one.delivery_id), as_bytes(one.body_hash)
        cause = cause_of_delivery(*name, digest)
        if one.position is not None and one.cause != cause:
            match = CAUSE_OF_DELIVERY.fullmatch(one.cause or "")
            is_named = match is not None and (match[1], match[2]) == name
            how = ANOTHER_HASH if is_named else "states a position at which it brought nothing about"
            return disagreement(name, how, one.position, cause, one.cause)
        if one.body is not None and (found := sha256(as_bytes(one.body)).digest()) != digest:
            how = "has another body than the one that arrived: its SHA-256 is another"
            return disagreement(name, how, one.position, digest.hex(), found.hex())
    return None


def disagreement(
    name: tuple[str, str], how: str, position: int | None, expected: object, found: object = None
) -> Disagreement:
    """What is wrong with a delivery; `position` is that of an event it has to do with."""
    source, delivery_id = name
    return Disagreement(
        what=f"the delivery {delivery_id} of {source} {how}",
        view=record_deliveries.name,
        row={"source": source, "delivery_id": delivery_id},
        position=position,
        expected=expected,
        found=found,
    )


def as_bytes(stored: bytes | str) -> bytes:
    """A column of bytes, in which SQLite lets somebody put a text."""
    return stored.encode() if isinstance(stored, str) else stored
