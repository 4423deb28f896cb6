"""How far each generation of a following projection has seen the log."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, Update, and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Position, ProgrammeId
from projections.projection import (
    FIRST_GENERATION,
    Projection,
    live_generation,
    view_checkpoints,
    view_live,
    view_parked,
)

Checkpoints = Mapping[tuple[str, int], Position]
"""Positions by (projection, generation)."""

START = Position(0)


class CheckpointMoved(Exception):
    """Somebody else advanced a checkpoint that this transaction had claimed: nothing of it may be kept."""


async def live_generations(
    connection: AsyncConnection, programme: ProgrammeId, projections: Sequence[Projection]
) -> dict[str, int]:
    """The generation of each projection that is read now."""
    rows = await connection.execute(
        select(view_live.c.projection, view_live.c.generation).where(view_live.c.programme == programme)
    )
    known = {str(row.projection): int(row.generation) for row in rows}
    return {projection.name: known.get(projection.name, FIRST_GENERATION) for projection in projections}


async def checkpoints(
    connection: AsyncConnection, programme: ProgrammeId, generations: Mapping[str, int]
) -> dict[tuple[str, int], Position]:
    """The checkpoints of these generations; one that does not exist yet is left out."""
    rows = await connection.execute(
        select(view_checkpoints.c.projection, view_checkpoints.c.generation, view_checkpoints.c.position).where(
            view_checkpoints.c.programme == programme
        )
    )
    found = {(str(row.projection), int(row.generation)): Position(row.position) for row in rows}
    return {key: position for key, position in found.items() if generations.get(key[0]) == key[1]}


async def claim(
    connection: AsyncConnection, programme: ProgrammeId, generations: Mapping[str, int], *, wait: bool = False
) -> dict[tuple[str, int], Position] | None:
    """Lock the checkpoints of these generations until the transaction ends.

    None when another process has one of them (and this one does not `wait`), or when one is no longer there. On
    SQLite the write transaction itself is the lock.
    """
    rows = await connection.execute(_claiming(tuple(generations.items()), wait), {"of": programme})
    found = {(str(row.projection), int(row.generation)): Position(row.position) for row in rows}
    return found if len(found) == len(generations) else None


@lru_cache(maxsize=256)
def _claiming(items: tuple[tuple[str, int], ...], wait: bool) -> Select[tuple[str, int, int]]:
    table = view_checkpoints.c
    return (
        select(table.projection, table.generation, table.position)
        .where(table.programme == bindparam("of"), or_(*(is_generation(*item) for item in items)))
        .order_by(table.projection, table.generation)
        .with_for_update(skip_locked=not wait)
    )


def is_generation(projection: str, generation: int) -> ColumnElement[bool]:
    """The condition on a checkpoint to be of this generation."""
    return and_(view_checkpoints.c.projection == projection, view_checkpoints.c.generation == generation)


async def create(connection: AsyncConnection, programme: ProgrammeId, generations: Mapping[str, int]) -> None:
    """Make those checkpoints of these generations that are not there yet, at the start of the log."""
    rows = [
        {"programme": programme, "projection": name, "generation": generation, "position": START}
        for name, generation in generations.items()
    ]
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    await connection.execute(insert(view_checkpoints).on_conflict_do_nothing(), rows)


async def advance(connection: AsyncConnection, programme: ProgrammeId, claimed: Checkpoints, new: Position) -> None:
    """Move checkpoints that stand before a position to it; CheckpointMoved when one is not where it was claimed."""
    by_position: dict[Position, list[tuple[str, int]]] = {}
    for item, old in claimed.items():
        if old < new:
            by_position.setdefault(old, []).append(item)
    for old, items in by_position.items():
        moved = await connection.execute(_moving(tuple(items)), {"of": programme, "old": old, "new": new})
        if moved.rowcount != len(items):
            raise CheckpointMoved(f"not all of {items} of {programme} were at {old}")


@lru_cache(maxsize=256)
def _moving(items: tuple[tuple[str, int], ...]) -> Update:
    table = view_checkpoints.c
    return (
        update(view_checkpoints)
        .where(
            table.programme == bindparam("of"),
            or_(*(is_generation(*item) for item in items)),
            table.position == bindparam("old"),
        )
        .values(position=bindparam("new"))
    )


async def position_of(connection: AsyncConnection, programme: ProgrammeId, projection: str) -> Position:
    """The position up to which the live generation of a following projection has seen the log.

    Read it in the same REPEATABLE READ transaction as the rows that it is stated for.
    """
    generation = await live_generation(connection, programme, projection)
    return await checkpoint_of(connection, programme, projection, generation)


async def checkpoint_of(
    connection: AsyncConnection, programme: ProgrammeId, projection: str, generation: int
) -> Position:
    """The position up to which one generation of a projection has seen the log."""
    found = await connection.scalar(
        select(view_checkpoints.c.position).where(
            view_checkpoints.c.programme == programme, is_generation(projection, generation)
        )
    )
    return START if found is None else Position(found)


async def forget(
    connection: AsyncConnection, programme: ProgrammeId, projection: str, *, first: int, last: int
) -> None:
    """Remove what is kept about these generations besides their rows."""
    for table in (view_checkpoints, view_parked):
        await connection.execute(
            delete(table).where(
                table.c.programme == programme,
                table.c.projection == projection,
                table.c.generation.between(first, last),
            )
        )
