"""On which accounts does a partner have something that is alive? Asked when it is bought by another one."""

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import AccountId, PartnerId, ProgrammeId
from projections.parts import view_priority_parts
from projections.priority import view_priority_registrations
from projections.projection import live_generation


async def accounts_naming(
    connection: AsyncConnection, programme: ProgrammeId, partner: PartnerId, *, at_most: int
) -> list[AccountId]:
    """The accounts with a living registration that is the partner's, or in which it has a share or a role."""
    generation = await live_generation(connection, programme, "priority")
    own, parts = view_priority_registrations.c, view_priority_parts.c
    statement = union(
        select(own.account).where(
            own.programme == programme, own.generation == generation, own.partner == partner, own.live == 1
        ),
        select(parts.account).where(
            parts.programme == programme, parts.generation == generation, parts.partner == partner
        ),
    )
    found = await connection.execute(statement.order_by("account").limit(at_most))
    return [AccountId(account) for account in found.scalars()]
