"""What the record forgets by itself: answers to requests after their time. Events are never touched."""

from typing import Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import Instant, ProgrammeId
from service.database import write
from service.schema import record_requests

KEPT_MICROSECONDS: Final = 30 * 24 * 3_600 * 1_000_000
"""How long an answer is kept for a repeat of its request: 30 days."""
REQUESTS_AT_ONCE: Final = 5_000
ROUNDS_AT_MOST: Final = 1_000
"""What is older still is forgotten the next time."""


async def prune_requests(engine: AsyncEngine, programme: ProgrammeId, now: Instant) -> int:
    """Forgets the answers that are older than 30 days, in short transactions; gives how many there were."""
    pruned = 0
    for _ in range(ROUNDS_AT_MOST):
        async with write(engine) as connection:
            found = await _prune_some(connection, programme, Instant(now - KEPT_MICROSECONDS))
        pruned += found
        if found < REQUESTS_AT_ONCE:
            break
    return pruned


async def _prune_some(connection: AsyncConnection, programme: ProgrammeId, before: Instant) -> int:
    columns = record_requests.c
    old = (
        select(columns.api_key, columns.idempotency_key)
        .where(columns.programme == programme, columns.stored_at < before)
        .order_by(columns.stored_at)
        .limit(REQUESTS_AT_ONCE)
    )
    rows = (await connection.execute(old)).all()
    if rows:
        one = delete(record_requests).where(
            columns.programme == programme,
            columns.api_key == bindparam("old_api_key"),
            columns.idempotency_key == bindparam("old_idempotency_key"),
        )
        await connection.execute(
            one, [{"old_api_key": row.api_key, "old_idempotency_key": row.idempotency_key} for row in rows]
        )
    return len(rows)
