"""What is forgotten on demand: what people wrote or who they are, and the raw bodies of deliveries (rules §9).

Events are never touched, so that amounts, priorities and hashes stay what they were. Of a delivery its id, the digest
of its body, its outcome and its position stay for ever, and a repeat of it is still recognised.
"""

import re
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import ProgrammeId, RegistrationId
from service.database import write
from service.event_store import lock_head, read_stream
from service.personal import personal_registrations
from service.schema import record_deliveries, record_delivery_rivals

_FROM_A_DELIVERY: Final = re.compile(r"delivery:([^:]+):(.+):[0-9a-f]{64}")


async def erase_registration(engine: AsyncEngine, programme: ProgrammeId, registration: RegistrationId) -> bool:
    """Erases a registration's sales owner and notes, and the body of the webhook that brought it; False: unknown."""
    async with write(engine) as connection:
        await lock_head(connection, programme)
        history = await read_stream(connection, programme, f"deal_registration/{registration}")
        if not history:
            return False
        table = personal_registrations
        await connection.execute(
            delete(table).where(table.c.programme == programme, table.c.registration == registration)
        )
        brought = _FROM_A_DELIVERY.fullmatch(history[0].cause or "")
        if brought is not None:
            await _erase_body(connection, programme, brought[1], brought[2])
    return True


async def erase_delivery(engine: AsyncEngine, programme: ProgrammeId, source: str, delivery_id: str) -> bool:
    """Erases the raw body of a delivery, and of whatever came under its id with another one; False: unknown.

    Takes the head's lock: a parked delivery is not applied from a body that is just being erased. One that is parked
    waits no more, since nothing is left of it that could be applied.
    """
    async with write(engine) as connection:
        await lock_head(connection, programme)
        return await _erase_body(connection, programme, source, delivery_id)


async def _erase_body(connection: AsyncConnection, programme: ProgrammeId, source: str, delivery_id: str) -> bool:
    known = False
    forgotten = {record_deliveries: {"waits_for": None}, record_delivery_rivals: {}}
    for table, more in forgotten.items():
        erased = await connection.execute(
            update(table)
            .where(
                table.c.programme == programme,
                table.c.source == source,
                table.c.delivery_id == delivery_id,
            )
            .values(body=None, headers="{}", **more)
        )
        known = known or erased.rowcount > 0
    return known
