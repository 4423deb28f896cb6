"""Which partners are in the programme, in the order in which they came?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import PartnerId, Position, ProgrammeId
from domain.partner.events import PartnerEnrolled
from projections.changes import Upsert, execute
from projections.metadata import metadata
from projections.projection import Logged, live_generation

view_partners = Table(
    "view_partners",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    comment="Each partner and the position at which it was enrolled.",
)
Index(
    "view_partners_position_idx",
    view_partners.c.programme,
    view_partners.c.generation,
    view_partners.c.position,
)


async def list_partners(
    connection: AsyncConnection, programme: ProgrammeId, *, after: Position, limit: int
) -> list[tuple[PartnerId, Position]]:
    """The partners enrolled after a position, in order, each with its position."""
    generation = await live_generation(connection, programme, "partners")
    found = await connection.execute(
        select(view_partners.c.partner, view_partners.c.position)
        .where(
            view_partners.c.programme == programme,
            view_partners.c.generation == generation,
            view_partners.c.position > after,
        )
        .order_by(view_partners.c.position)
        .limit(limit)
    )
    return [(PartnerId(row.partner), Position(row.position)) for row in found]


@dataclass(frozen=True)
class Partners:
    """The following projection behind the list of partners; what a partner is now is folded from its own stream."""

    name: Final = "partners"
    question: Final = "Which partners are in the programme?"
    inline: Final = False
    tables: Final[tuple[Table, ...]] = (view_partners,)
    reads: Final[tuple[str, ...]] = ()

    def key_of(self, event: Logged[object]) -> str | None:
        """The partner."""
        return event.event.partner if isinstance(event.event, PartnerEnrolled) else None

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Write the partners that were enrolled."""
        head = {"programme": programme, "generation": generation}
        rows = [
            {**head, "partner": event.event.partner, "position": event.position}
            for event in events
            if isinstance(event.event, PartnerEnrolled)
        ]
        await execute(connection, [Upsert(view_partners, rows)])
