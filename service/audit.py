"""Verifying a log: is every event there as it was recorded, and does folding them lead to what was closed and shown?

The log is a programme's in the database, or an exported file, for which no database is needed. In the database there
are the deliveries of webhooks beside it, from which events came, and the views. Two verdicts are kept
apart (log.md, The record): what was closed is intact, byte for byte; and recomputing it agrees, or is a known variance.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import ProgrammeId
from service.audit_chain import Receipt
from service.audit_deliveries import DeliveriesAudit
from service.audit_findings import ChainFindings, Disagreement, LedgerFindings, Verdict
from service.audit_processes import auditor
from service.audit_views import Moved, ViewsUnsettled, views_disagreement
from service.chain import Tip
from service.database import read
from service.event_store import read_head, read_log
from service.log_lines import LogFile
from service.running import Service
from service.schema import record_events
from service.work import Unavailable

BYTES_OF_A_LINE: Final = 900
"""About what an event takes in an exported file."""
MANY_EVENTS: Final = 1_000_000
"""What a log is taken for whose size nobody knows."""
READINGS: Final = 3
"""The log is folded once, and read once more for the inline and once for the following views."""

RETRY_SECONDS: Final = 5
REPLAYS_AT_MOST: Final = 4
"""So many may be asked for at a time in a process, of which one runs."""


@dataclass(slots=True)
class _Replays:
    """Who asked for a replay and was not answered yet."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked: int = 0


_replays: Final[WeakKeyDictionary[AsyncEngine, _Replays]] = WeakKeyDictionary()


class _Extent(NamedTuple):
    """What the database says of a log before it is read: its head, and its lowest and highest position."""

    head: Tip
    first: int
    last: int


def unheard(_done: int, _total: int | None) -> None:
    """Progress that nobody is told."""


async def replay(service: Service, programme: ProgrammeId) -> Verdict:
    """What `POST /v1/audit/replay` answers. In a process one replay runs at a time and a few more wait."""
    replays = _replays.setdefault(service.engine, _Replays())
    if replays.asked >= REPLAYS_AT_MOST:
        raise Unavailable("enough replays are under way", RETRY_SECONDS)
    replays.asked += 1
    try:
        async with replays.turn:
            return await verify_database(service, programme)
    except ViewsUnsettled as unsettled:
        raise Unavailable(str(unsettled), RETRY_SECONDS) from unsettled
    finally:
        replays.asked -= 1


async def verify_database(
    service: Service,
    programme: ProgrammeId,
    *,
    receipt: Receipt | None = None,
    moved: Moved = unheard,
) -> Verdict:
    """Verify a programme's log up to its head now, and where it holds, its live views. Raises NoSuchProgramme.

    Views are compared only where the deliveries agree as well.
    """
    verdict = await verify_log(
        service.engine, programme, receipt=receipt, moved=lambda done, of: moved(done, of * READINGS)
    )
    if not verdict.agrees:
        return replace(verdict, views_equal=False)
    events = verdict.chain.position
    found = await views_disagreement(
        service.engine,
        service.types,
        programme,
        tuple(service.projections.values()),
        lambda done, _: moved(events + done, events * READINGS),
    )
    return replace(verdict, views_equal=found is None, first_disagreement=found)


async def verify_log(
    engine: AsyncEngine, programme: ProgrammeId, *, receipt: Receipt | None = None, moved: Moved = unheard
) -> Verdict:
    """Verify the log up to its head now, and where it holds, the deliveries beside it. Raises NoSuchProgramme."""
    extent = await _extent(engine, programme)
    head = extent.head
    beside = DeliveriesAudit(engine, programme)
    async with auditor(programme, receipt, events=head.position) as audit:
        async for rows in read_log(engine, programme, up_to=head.position):
            await audit.take(rows)
            beside.take(rows)
            moved(rows[-1].position, head.position)
        chain, ledger = await audit.end(head)
    first = _first(chain, ledger, _outside(extent))
    deliveries = None
    if first is None:
        deliveries = await beside.end(lambda: moved(head.position, head.position))
        first = deliveries.first
    return Verdict(
        programme=programme,
        chain=chain,
        ledger=ledger,
        views_equal=None,
        first_disagreement=first,
        deliveries=deliveries,
    )


async def verify_file(
    lines: Iterable[bytes],
    *,
    size: int | None,
    receipt: Receipt | None = None,
    moved: Callable[[int, int | None], None] = unheard,
) -> Verdict:
    """Verify an exported log, with nothing but its lines. `size` is in bytes, None when nobody knows."""
    file = LogFile(lines)
    about = None if size is None else size // BYTES_OF_A_LINE
    done = 0
    async with auditor(file.programme, receipt, events=MANY_EVENTS if about is None else about) as audit:
        for rows in file.chunks():
            await audit.take(rows)
            done += len(rows)
            moved(done, None if about is None else max(done, about))
        chain, ledger = await audit.end(file.head)
    first = _first(chain, ledger, file.broken)
    return Verdict(programme=file.programme, chain=chain, ledger=ledger, views_equal=None, first_disagreement=first)


async def _extent(engine: AsyncEngine, programme: ProgrammeId) -> _Extent:
    position = record_events.c.position
    async with read(engine) as connection:
        head = await read_head(connection, programme)
        found = await connection.execute(
            select(func.min(position), func.max(position)).where(record_events.c.programme == programme)
        )
        first, last = found.one()
    return _Extent(head.tip, 1 if first is None else first, 0 if last is None else last)


def _outside(extent: _Extent) -> Disagreement | None:
    """An event before the log's beginning or behind its head."""
    if extent.first < 1:
        what = "there is an event before the first"
        return Disagreement(what=what, position=extent.first, expected=None, found=f"position {extent.first}")
    behind = extent.head.position + 1
    if extent.last >= behind:
        what = "there is an event behind the head"
        return Disagreement(what=what, position=behind, expected=None, found=f"position {extent.last}")
    return None


def _first(chain: ChainFindings, ledger: LedgerFindings, further: Disagreement | None) -> Disagreement | None:
    """The disagreement at the lowest position; of several there, the one closest to the bytes."""
    found = [one for one in (chain.first, further, ledger.first, chain.receipt) if one is not None]
    return min(found, key=lambda one: one.position or 0, default=None)
