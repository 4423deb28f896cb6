"""The live views of a programme, compared row for row with a rebuild from the log. Nothing of the rebuild stays."""

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import Position, ProgrammeId
from projections.checkpoints import checkpoints, live_generations
from projections.parking import is_of_the_event
from projections.projection import Projection, view_checkpoints, view_parked
from projections.rebuild import FinalLock, Rebuild, RebuildSuperseded, RebuildUnsettled, followers_lock
from service.audit_findings import Disagreement
from service.database import read
from service.event_store import lock_head, read_head
from service.event_types import EventTypes
from service.log_source import LogSource, transactions

Moved = Callable[[int, int], None]
"""Told how much is done, and of how much."""

EVENTS_PER_CHUNK: Final = 500
"""So many events are applied in one transaction, which on SQLite keeps other writers waiting."""


class ViewsUnsettled(Exception):
    """The views change too fast to be compared, or are being rebuilt: nothing can be said of them now."""


async def views_disagreement(
    engine: AsyncEngine, types: EventTypes, programme: ProgrammeId, projections: Sequence[Projection], moved: Moved
) -> Disagreement | None:
    """The first row of a view that is not what the log says, each view up to the position that it has seen."""
    inline = [projection for projection in projections if projection.inline]
    following = [projection for projection in projections if not projection.inline]
    async with read(engine) as connection:
        head = (await read_head(connection, programme)).position
    found = await _standing(engine, programme, [*inline, *following])
    behind = 0
    for group in (inline, following):
        if found is None and group:
            lock = resting_head(programme) if group is inline else followers_lock(programme, group)
            rebuild = Rebuild(
                programme=programme,
                group=group,
                source=LogSource(types),
                transactions=transactions(engine),
                final_lock=lock,
                progress=_after(behind, moved),
                events_per_chunk=EVENTS_PER_CHUNK,
            )
            found = await _compared(rebuild)
            behind = head
    return found


def resting_head(programme: ProgrammeId) -> FinalLock:
    """Keeps the log from growing while the last few rows are compared; no appender has to know of it."""

    async def lock(connection: AsyncConnection) -> Position:
        head, _ = await lock_head(connection, programme)
        return Position(head.position)

    return lock


def _after(behind: int, moved: Moved) -> Callable[[Position, Position], None]:
    """Progress as part of a longer way, of which so much is behind."""
    return lambda done, target: moved(behind + done, behind + target)


async def _standing(
    engine: AsyncEngine, programme: ProgrammeId, projections: Sequence[Projection]
) -> Disagreement | None:
    """What is said about the views themselves: nothing is parked, and none has seen more than there is."""
    async with read(engine) as connection:
        head = await read_head(connection, programme)
        live = await live_generations(connection, programme, projections)
        seen = await checkpoints(connection, programme, live)
        statement = select(view_parked).where(view_parked.c.programme == programme).order_by(*view_parked.primary_key)
        parked = (await connection.execute(statement)).all()
    for row in parked:
        if live.get(row.projection) == row.generation:
            return Disagreement(
                what=f"{row.projection} could not apply an event of {row.key}",
                view=view_parked.name,
                row={"projection": row.projection, "key": row.key},
                expected=None,
                found=row.error,
            )
    for (projection, _), position in seen.items():
        if position > head.position:
            return Disagreement(
                what=f"{projection} has seen more events than there are",
                view=view_checkpoints.name,
                row={"projection": projection},
                expected=f"a position up to {head.position}",
                found=position,
            )
    return None


async def _compared(rebuild: Rebuild) -> Disagreement | None:
    try:
        outcome = await rebuild.compare()
    except (RebuildSuperseded, RebuildUnsettled) as error:
        raise ViewsUnsettled(str(error)) from error
    except Exception as error:
        if not is_of_the_event(error):
            raise
        found = "; ".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
        names = ", ".join(projection.name for projection in rebuild.group)
        return Disagreement(what="the views cannot be rebuilt from the log", view=names, expected=None, found=found)
    difference = outcome.difference
    if difference is None:
        return None
    return Disagreement(
        what=f"{difference.table} has a row that is not what the log says",
        view=difference.table,
        row=difference.key,
        expected=difference.expected,
        found=difference.found,
    )
