"""What the record may forget: answers to requests after their time, and the raw bodies of deliveries on demand.

Events are never touched, and of a delivery its id, the digest of its body, its outcome and its position stay for ever.
"""

from typing import Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import Instant, ProgrammeId
from service.database import write
from service.event_store import lock_head
from service.schema import record_deliveries, record_delivery_rivals, record_requests

KEPT_MICROSECONDS: Final = 30 * 24 * 3_600 * 1_000_000
"""How long an answer is kept for a repeat of its request: 30 days."""
REQUESTS_AT_ONCE: Final = 5_000


async def prune_requests(engine: AsyncEngine, programme: ProgrammeId, now: Instant) -> int:
    """Forgets the answers that are older than 30 days, in short transactions; gives how many there were."""
    pruned = 0
    while True:
        async with write(engine) as connection:
            found = await _prune_some(connection, programme, Instant(now - KEPT_MICROSECONDS))
        pruned += found
        if found < REQUESTS_AT_ONCE:
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


async def erase_delivery(connection: AsyncConnection, programme: ProgrammeId, source: str, delivery_id: str) -> bool:
    """Erases the raw body of a delivery, and of whatever came under its id with another one; False: unknown.

    Takes the head's lock: a parked delivery is not applied from a body that is just being erased.
    """
    await lock_head(connection, programme)
    known = False
    for table in (record_deliveries, record_delivery_rivals):
        erased = await connection.execute(
            update(table)
            .where(
                table.c.programme == programme,
                table.c.source == source,
                table.c.delivery_id == delivery_id,
            )
            .values(body=None, headers="{}")
        )
        known = known or erased.rowcount > 0
    return known
