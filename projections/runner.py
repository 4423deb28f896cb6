"""One runner applies all following projections of a programme, in a fixed order, exactly once.

Any number of processes may try: the one that claims the checkpoints does the work, the others find nothing to do.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Position, ProgrammeId
from projections.checkpoints import (
    START,
    CheckpointMoved,
    advance,
    checkpoints,
    claim,
    create,
    live_generations,
)
from projections.log import EventSource, Transactions
from projections.parking import Parked, apply_one_by_one, is_of_the_event, load_parked, save_parked
from projections.projection import Logged, Projection

EVENTS_PER_CHUNK = 500

CONTENDED_WAIT_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Step:
    """What one attempt did: how many events it applied, and whether somebody else was at it."""

    applied: int
    contended: bool


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was seen before the write transaction: where everything stood and, on SQLite, the events that come next.

    SQLite's only writer must not wait for events to be read. Elsewhere they are read by whoever got the claim.
    """

    generations: Mapping[str, int]
    positions: Mapping[tuple[str, int], Position]
    complete: bool
    events: Sequence[Logged[object]] | None


@dataclass(frozen=True, slots=True)
class Runner:
    """The followers of one programme. Projections stand in their order: whoever is read comes before its readers."""

    programme: ProgrammeId
    projections: Sequence[Projection]
    source: EventSource
    transactions: Transactions
    events_per_chunk: int = EVENTS_PER_CHUNK

    async def step(self) -> Step:
        """Apply the next chunk of events in one transaction. A failed event costs the chunk a second try."""
        ahead = await self._look_ahead()
        if ahead is None:
            return Step(0, contended=False)
        try:
            return await self._apply(ahead, one_by_one=False)
        except CheckpointMoved:
            return Step(0, contended=True)
        except Exception as error:
            if not is_of_the_event(error):
                raise
        return await self._apply(ahead, one_by_one=True)

    async def catch_up(self, target: Position, most_steps: int = 100_000) -> None:
        """Step until every projection stands at the target or the log ends, for commands and tests."""
        for _ in range(most_steps):
            async with self.transactions.read() as connection:
                generations = await live_generations(connection, self.programme, self.projections)
                found = await checkpoints(connection, self.programme, generations)
            if all(found.get(item, START) >= target for item in generations.items()):
                return
            step = await self.step()
            if step.contended:
                await asyncio.sleep(CONTENDED_WAIT_SECONDS)
            elif step.applied == 0:
                return

    async def _look_ahead(self) -> Ahead | None:
        """Where the checkpoints stand; None when all of them have seen the whole log. Locks nothing."""
        async with self.transactions.read() as connection:
            generations = await live_generations(connection, self.programme, self.projections)
            found = await checkpoints(connection, self.programme, generations)
            positions = {item: found.get(item, START) for item in generations.items()}
            if await self.source.head(connection, self.programme) <= min(positions.values()):
                return None
            events = await self._next(connection, positions) if connection.dialect.name == "sqlite" else None
        return Ahead(generations, positions, len(found) == len(generations), events)

    async def _next(
        self, connection: AsyncConnection, positions: Mapping[tuple[str, int], Position]
    ) -> list[Logged[object]]:
        return await self.source.read(connection, self.programme, min(positions.values()), self.events_per_chunk)

    async def _apply(self, ahead: Ahead, *, one_by_one: bool) -> Step:
        async with self.transactions.write() as connection:
            if not ahead.complete:
                await create(connection, self.programme, ahead.generations)
            claimed = await claim(connection, self.programme, ahead.generations)
            if claimed is None or (ahead.events is not None and claimed != ahead.positions):
                return Step(0, contended=True)
            events = await self._next(connection, claimed) if ahead.events is None else ahead.events
            if not events:
                return Step(0, contended=False)
            parked = await load_parked(connection, self.programme, ahead.generations)
            seen = {name: position for (name, _), position in claimed.items()}
            if one_by_one or self._any_parked(events, seen, parked):
                await apply_one_by_one(connection, self.programme, self.projections, events, seen=seen, parked=parked)
                await save_parked(connection, self.programme, parked.values())
            else:
                await self._apply_in_one_go(connection, ahead.generations, events, seen)
            await advance(connection, self.programme, claimed, events[-1].position)
        return Step(len(events), contended=False)

    async def _apply_in_one_go(
        self,
        connection: AsyncConnection,
        generations: Mapping[str, int],
        events: Sequence[Logged[object]],
        seen: Mapping[str, Position],
    ) -> None:
        for projection in self.projections:
            mine = [event for event in events if event.position > seen[projection.name]]
            if mine:
                await projection.apply(connection, self.programme, generations[projection.name], mine)

    def _any_parked(
        self, events: Sequence[Logged[object]], seen: Mapping[str, Position], parked: Mapping[str, Parked]
    ) -> bool:
        """Whether an event of the chunk has a parked key; a chunk without one is applied in one go."""
        return any(
            parked[projection.name].holds(projection.key_of(event))
            for projection in self.projections
            if parked[projection.name].keys
            for event in events
            if event.position > seen[projection.name]
        )
