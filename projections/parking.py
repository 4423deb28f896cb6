"""What happens to an event that a projection cannot apply: its key is parked, the other keys go on.

An operational error (no connection, a deadlock, a full disk, a missing table) is nobody's event and parks nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Position, ProgrammeId
from projections.changes import Upsert, execute
from projections.projection import Logged, Projection, live_generation, view_parked

MOST_PARKED_KEYS = 100
"""So many keys of one projection may be parked; one more, and its programme's followers stop."""

LONGEST_ERROR = 2_000

BAD_VALUES = ("22", "23")
"""The SQLSTATE classes that speak of the values of one event: data exceptions and violated constraints."""

BAD_VALUES_ON_SQLITE = ("SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG", "SQLITE_RANGE")


class TooManyParked(Exception):
    """More keys failed than single events explain: the projection itself is broken, and its followers stop."""


@dataclass(slots=True)
class Parked:
    """The parked keys of one generation of one projection, as its claimed checkpoint protects them."""

    projection: str
    generation: int
    keys: dict[str, Position]
    added: dict[str, tuple[Position, str]] = field(default_factory=dict)

    def holds(self, key: str | None) -> bool:
        """Whether events of this key must not be applied."""
        return key is not None and key in self.keys

    def park(self, key: str, position: Position, error: str) -> None:
        """Park a key from the event at this position on."""
        if len(self.keys) >= MOST_PARKED_KEYS:
            raise TooManyParked(f"{self.projection} has parked {len(self.keys)} keys; the last error was: {error}")
        self.keys[key] = position
        self.added[key] = (position, error[:LONGEST_ERROR])


def is_of_the_event(error: Exception) -> bool:
    """Whether the error comes from what the event says, and would come again, rather than from operation."""
    if isinstance(error, DBAPIError):
        sqlstate = str(getattr(error.orig, "sqlstate", None) or "")
        on_sqlite = str(getattr(error.orig, "sqlite_errorname", None) or "")
        return sqlstate.startswith(BAD_VALUES) or on_sqlite.startswith(BAD_VALUES_ON_SQLITE)
    return not isinstance(error, (SQLAlchemyError, OSError, TimeoutError, MemoryError))


async def load_parked(
    connection: AsyncConnection, programme: ProgrammeId, generations: Mapping[str, int]
) -> dict[str, Parked]:
    """What is parked in these generations, by projection."""
    rows = await connection.execute(
        select(view_parked.c.projection, view_parked.c.generation, view_parked.c.key, view_parked.c.position).where(
            view_parked.c.programme == programme
        )
    )
    parked = {name: Parked(name, generation, {}) for name, generation in generations.items()}
    for row in rows:
        found = parked.get(str(row.projection))
        if found is not None and found.generation == row.generation:
            found.keys[str(row.key)] = Position(row.position)
    return parked


async def save_parked(connection: AsyncConnection, programme: ProgrammeId, parked: Iterable[Parked]) -> None:
    """Store the keys that were parked in this transaction."""
    rows = [
        {
            "programme": programme,
            "projection": held.projection,
            "generation": held.generation,
            "key": key,
            "position": position,
            "error": error,
        }
        for held in parked
        for key, (position, error) in held.added.items()
    ]
    if rows:
        await execute(connection, [Upsert(view_parked, rows)])


async def is_parked(connection: AsyncConnection, programme: ProgrammeId, projection: str, key: str) -> bool:
    """Whether the live generation of a projection has stopped at this key."""
    generation = await live_generation(connection, programme, projection)
    found = await connection.scalar(
        select(view_parked.c.position).where(
            view_parked.c.programme == programme,
            view_parked.c.projection == projection,
            view_parked.c.generation == generation,
            view_parked.c.key == key,
        )
    )
    return found is not None


async def parked_counts(connection: AsyncConnection, programme: ProgrammeId) -> dict[tuple[str, int], int]:
    """How many keys each generation of each projection has parked."""
    rows = await connection.execute(
        select(view_parked.c.projection, view_parked.c.generation, func.count().label("parked"))
        .where(view_parked.c.programme == programme)
        .group_by(view_parked.c.projection, view_parked.c.generation)
    )
    return {(str(row.projection), int(row.generation)): int(row.parked) for row in rows}


async def apply_one_by_one(
    connection: AsyncConnection,
    programme: ProgrammeId,
    projections: Sequence[Projection],
    events: Sequence[Logged[object]],
    *,
    seen: Mapping[str, Position],
    parked: Mapping[str, Parked],
) -> None:
    """Apply each event in a savepoint of its own and park the keys of those that fail.

    `seen` is where each projection stands: events up to there are not applied again. What a projection could not
    apply, those that read its rows do not apply either: their keys of that event are parked with it.
    """
    for event in events:
        failed: set[str] = set()
        for projection in projections:
            if event.position <= seen[projection.name]:
                continue
            key = projection.key_of(event)
            if key is None:
                continue
            held = parked[projection.name]
            if held.holds(key):
                failed.add(projection.name)
                continue
            if broken := failed.intersection(projection.reads):
                held.park(
                    key, event.position, f"it reads {', '.join(sorted(broken))}, which could not apply this event"
                )
                failed.add(projection.name)
                continue
            error = await try_one(connection, programme, projection, held.generation, event)
            if error is not None:
                held.park(key, event.position, f"{type(error).__name__}: {error}")
                failed.add(projection.name)


async def try_one(
    connection: AsyncConnection,
    programme: ProgrammeId,
    projection: Projection,
    generation: int,
    event: Logged[object],
) -> Exception | None:
    """Apply one event in a savepoint; the error that is the event's own, if there was one."""
    try:
        async with connection.begin_nested():
            await projection.apply(connection, programme, generation, [event])
    except Exception as error:
        if not is_of_the_event(error):
            raise
        return error
    return None
