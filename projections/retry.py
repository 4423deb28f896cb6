"""Letting a parked key go on after the fix: its events are applied from where it was parked to the checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Position, ProgrammeId
from projections.changes import Delete, execute
from projections.checkpoints import claim, live_generations
from projections.log import EventSource, Transactions
from projections.parking import is_of_the_event
from projections.projection import Projection, view_parked

EVENTS_PER_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Retry:
    """Tries parked keys again, a chunk of the log at a time, each in a short transaction of its own."""

    programme: ProgrammeId
    projections: Sequence[Projection]
    source: EventSource
    transactions: Transactions

    async def all(self) -> list[tuple[str, str]]:
        """Try every parked key, in the projections' order; gives the (projection, key) that failed again."""
        failed: list[tuple[str, str]] = []
        for projection in self.projections:
            async with self.transactions.read() as connection:
                keys = await self._parked_keys(connection, projection)
            failed.extend([(projection.name, key) for key in keys if not await self.one(projection, key)])
        return failed

    async def one(self, projection: Projection, key: str) -> bool:
        """Try one key; False when it failed again, and then it stays parked at the chunk that failed."""
        try:
            while True:
                async with self.transactions.write() as connection:
                    if await self._chunk(connection, projection, key):
                        return True
        except Exception as error:
            if not is_of_the_event(error):
                raise
            return False

    async def _chunk(self, connection: AsyncConnection, projection: Projection, key: str) -> bool:
        """Apply the key's events of one chunk; True when it has reached the checkpoint and is parked no more."""
        generations = await live_generations(connection, self.programme, [projection])
        claimed = await claim(connection, self.programme, generations, wait=True)
        generation = generations[projection.name]
        row = (self.programme, projection.name, generation, key)
        condition = [column == value for column, value in zip(view_parked.primary_key.columns, row, strict=True)]
        first = await connection.scalar(select(view_parked.c.position).where(*condition))
        if claimed is None or first is None:
            return True
        until = claimed[projection.name, generation]
        events = await self.source.read(connection, self.programme, Position(first - 1), EVENTS_PER_CHUNK)
        mine = [event for event in events if event.position <= until and projection.key_of(event) == key]
        if mine:
            await projection.apply(connection, self.programme, generation, mine)
        if not events or events[-1].position >= until:
            await execute(connection, [Delete(view_parked, [row])])
            return True
        await connection.execute(update(view_parked).where(*condition).values(position=events[-1].position + 1))
        return False

    async def _parked_keys(self, connection: AsyncConnection, projection: Projection) -> list[str]:
        generations = await live_generations(connection, self.programme, [projection])
        rows = await connection.execute(
            select(view_parked.c.key)
            .where(
                view_parked.c.programme == self.programme,
                view_parked.c.projection == projection.name,
                view_parked.c.generation == generations[projection.name],
            )
            .order_by(view_parked.c.position)
        )
        return [str(row.key) for row in rows]
