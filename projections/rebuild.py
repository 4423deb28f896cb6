"""A new generation of a view, made from position 1 beside the live one, compared with it, and put in its place.

Projections that read each other's rows are rebuilt together and share their generation's number.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Position, ProgrammeId
from projections.changes import Delete, Key, Upsert, execute, key_columns
from projections.checkpoints import START, advance, claim, create, forget, live_generations, position_of
from projections.comparison import Difference, Pair, differing_keys, first_difference
from projections.log import EventSource, Transactions
from projections.projection import Logged, Projection, view_checkpoints, view_live

EVENTS_PER_CHUNK = 1_000
ROWS_PER_DELETION = 1_000
LAST_FEW = 50
MOST_ROUNDS = 20
MOST_COMPARISONS = 3
MOST_SUSPECTS = 1_000

FinalLock = Callable[[AsyncConnection], Awaitable[Position]]
"""Stops the live view until the transaction ends, and gives the position at which it stands.

For inline projections it takes the lock on the programme's head and raises its revision, so that every appender reads
again which generation is live.
"""


class RebuildSuperseded(Exception):
    """Another rebuild switched the view meanwhile; this one is dropped."""


class RebuildUnsettled(Exception):
    """The views change faster than they can be compared."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rebuild found: up to which position, the first row that differed, and whether it is live now."""

    position: Position
    difference: Difference | None
    switched: bool


def connected(projections: Sequence[Projection], name: str) -> list[Projection]:
    """The projection of that name with all that it reads and all that read it, in their order."""
    together = {name}
    for _ in projections:
        for projection in projections:
            if projection.name in together or together.intersection(projection.reads):
                together.update((projection.name, *projection.reads))
    return [projection for projection in projections if projection.name in together]


def followers_lock(programme: ProgrammeId, group: Sequence[Projection]) -> FinalLock:
    """The final lock for following projections: their claimed checkpoints, which stand at one position."""

    async def lock(connection: AsyncConnection) -> Position:
        generations = await live_generations(connection, programme, group)
        await create(connection, programme, generations)
        claimed = await claim(connection, programme, generations, wait=True)
        if claimed is None:
            raise RebuildSuperseded(f"another generation of {', '.join(generations)} became live")
        if len(set(claimed.values())) != 1:
            raise RebuildUnsettled(f"the followers stand apart: {claimed}; let them catch up first")
        return next(iter(claimed.values()))

    return lock


@dataclass(slots=True)
class Rebuild:
    """Rebuilds one group of connected projections of one programme.

    `final_lock` decides what live means: `followers_lock`, or the head's lock for inline ones. `progress` hears the
    position reached and the one aimed at, after each chunk.
    """

    programme: ProgrammeId
    group: Sequence[Projection]
    source: EventSource
    transactions: Transactions
    final_lock: FinalLock
    progress: Callable[[Position, Position], None]
    events_per_chunk: int = EVENTS_PER_CHUNK

    async def compare(self) -> Outcome:
        """Find out whether the live view is what the log says; the live view stays."""
        return await self._run(switch=False)

    async def switch(self) -> Outcome:
        """Put the rebuilt view in the live one's place, whatever the comparison found (it is reported)."""
        return await self._run(switch=True)

    async def _run(self, *, switch: bool) -> Outcome:
        build = await self._begin()
        try:
            await self._bring_near(build)
            outcome = await self._compare(build, switch=switch)
        except BaseException:
            await self._remove(build.rebuilt, build.rebuilt)
            raise
        if outcome.switched:
            await self._remove(0, build.rebuilt - 1)
            await self._analyze()
        else:
            await self._remove(build.rebuilt, build.rebuilt)
        return outcome

    async def _begin(self) -> "Build":
        """Take a generation's number that nothing has used, and make its checkpoints."""
        async with self.transactions.write() as connection:
            live = await live_generations(connection, self.programme, self.group)
            highest = await connection.scalar(
                select(func.max(view_checkpoints.c.generation)).where(
                    view_checkpoints.c.programme == self.programme, view_checkpoints.c.projection.in_(list(live))
                )
            )
            rebuilt = max(highest or 0, *live.values()) + 1
            await create(connection, self.programme, dict.fromkeys(live, rebuilt))
        return Build(live, rebuilt, START)

    async def _bring_near(self, build: "Build") -> None:
        """Apply the log in chunks until only the last few events are missing."""
        for _ in range(MOST_ROUNDS):
            target = await self._live_position()
            self.progress(build.position, target)
            if target - build.position <= LAST_FEW:
                return
            while build.position < target:
                limit = min(self.events_per_chunk, target - build.position)
                async with self.transactions.read() as connection:
                    events = await self.source.read(connection, self.programme, build.position, limit)
                async with self.transactions.write() as connection:
                    await self._apply(connection, build, events)
                self.progress(build.position, target)

    async def _live_position(self) -> Position:
        async with self.transactions.read() as connection:
            if self.group[0].inline:
                return await self.source.head(connection, self.programme)
            return await position_of(connection, self.programme, self.group[0].name)

    async def _apply(self, connection: AsyncConnection, build: "Build", events: Sequence[Logged[object]]) -> None:
        assert events, f"the log of {self.programme} ends at {build.position}, before its own head"
        for projection in self.group:
            try:
                await projection.apply(connection, self.programme, build.rebuilt, events)
            except Exception as error:
                places = f"positions {events[0].position} to {events[-1].position}"
                error.add_note(f"while rebuilding {projection.name} of {self.programme}, {places}")
                raise
        claimed = {(projection.name, build.rebuilt): build.position for projection in self.group}
        await advance(connection, self.programme, claimed, events[-1].position)
        build.position = events[-1].position

    async def _compare(self, build: "Build", *, switch: bool) -> Outcome:
        """Compare in one view of the database, then look at what differed again where both stand at one position.

        What differs in the first look may be only what the live view has seen and the rebuilt one has not yet.
        """
        pairs = [
            Pair(self.programme, table, build.live[projection.name], build.rebuilt)
            for projection in self.group
            for table in projection.tables
        ]
        for _ in range(MOST_COMPARISONS):
            suspects = await self._suspects(pairs)
            if not suspects and not switch:
                return Outcome(build.position, None, switched=False)
            async with self.transactions.write() as connection:
                await self._bring_home(connection, build)
                difference = await self._first_real(connection, suspects)
                settled = difference is not None or sum(map(len, suspects.values())) < MOST_SUSPECTS
                if settled and switch:
                    await self._make_live(connection, build)
            if settled:
                return Outcome(build.position, difference, switched=switch)
        raise RebuildUnsettled(f"{MOST_COMPARISONS} comparisons found rows on the move only")

    async def _suspects(self, pairs: Sequence[Pair]) -> dict[Pair, list[Key]]:
        suspects: dict[Pair, list[Key]] = {}
        left = MOST_SUSPECTS
        async with self.transactions.read() as connection:
            for pair in pairs:
                if keys := await differing_keys(connection, pair, left) if left else []:
                    suspects[pair] = keys
                    left -= len(keys)
        return suspects

    async def _first_real(
        self, connection: AsyncConnection, suspects: Mapping[Pair, Sequence[Key]]
    ) -> Difference | None:
        for pair, keys in suspects.items():
            if difference := await first_difference(connection, pair, keys):
                return difference
        return None

    async def _bring_home(self, connection: AsyncConnection, build: "Build") -> None:
        """Stop the live view and apply the last few events, so that both stand at the same position."""
        home = await self.final_lock(connection)
        if await live_generations(connection, self.programme, self.group) != build.live:
            raise RebuildSuperseded(f"another generation of {', '.join(build.live)} became live")
        while build.position < home:
            limit = min(self.events_per_chunk, home - build.position)
            events = await self.source.read(connection, self.programme, build.position, limit)
            await self._apply(connection, build, events)

    async def _make_live(self, connection: AsyncConnection, build: "Build") -> None:
        rows = [{"programme": self.programme, "projection": name, "generation": build.rebuilt} for name in build.live]
        await execute(connection, [Upsert(view_live, rows)])
        for projection in self.group:
            last = build.rebuilt if projection.inline else build.live[projection.name]
            await forget(connection, self.programme, projection.name, first=0, last=last)

    async def _remove(self, first: int, last: int) -> None:
        """Delete the rows of generations that nobody reads, a bounded number in each transaction."""
        for projection in self.group:
            for table in projection.tables:
                keys = [table.c[name] for name in key_columns(table)]
                some = (
                    select(*keys)
                    .where(table.c.programme == self.programme, table.c.generation.between(first, last))
                    .limit(ROWS_PER_DELETION)
                )
                removed = ROWS_PER_DELETION
                while removed == ROWS_PER_DELETION:
                    async with self.transactions.write() as connection:
                        gone = [tuple(row) for row in (await connection.execute(some)).all()]
                        await execute(connection, [Delete(table, gone)])
                    removed = len(gone)
            async with self.transactions.write() as connection:
                await forget(connection, self.programme, projection.name, first=first, last=last)

    async def _analyze(self) -> None:
        """Tell the database's planner about the new rows."""
        for projection in self.group:
            for table in projection.tables:
                async with self.transactions.write() as connection:
                    await connection.execute(text(f"ANALYZE {table.name}"))


@dataclass(slots=True)
class Build:
    """A rebuild under way: which generations are live, which one is being made and how far it has come."""

    live: Mapping[str, int]
    rebuilt: int
    position: Position
