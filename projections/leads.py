"""Which leads are there, from whom to whom, and when does an offer end by itself?

The status in a row is the one that the log states; an offered lead is over once `due_at` has come (rules §2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, and_, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant, LeadId, PartnerId, Position, ProgrammeId
from domain.lead.aggregate import Lead, LeadStatus
from domain.lead.events import LeadEvent
from projections.changes import Upsert, execute
from projections.metadata import metadata
from projections.projection import Logged, live_generation

view_leads = Table(
    "view_leads",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("lead", Text, primary_key=True),
    Column("source", Text, comment="null: from the vendor"),
    Column("recipient", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("due_at", BigInteger),
    Column("position", BigInteger, nullable=False),
    comment="Each lead with its state, when its offer ends by itself (µs), and the position at which it was made.",
)
Index("view_leads_position_idx", view_leads.c.programme, view_leads.c.generation, view_leads.c.position)
Index(
    "view_leads_source_idx",
    view_leads.c.programme,
    view_leads.c.generation,
    view_leads.c.source,
    view_leads.c.position,
)
Index(
    "view_leads_recipient_idx",
    view_leads.c.programme,
    view_leads.c.generation,
    view_leads.c.recipient,
    view_leads.c.position,
)
Index("view_leads_due_idx", view_leads.c.programme, view_leads.c.generation, view_leads.c.due_at)


async def list_leads(
    connection: AsyncConnection,
    programme: ProgrammeId,
    *,
    partner: PartnerId | None,
    status: LeadStatus | None,
    now: Instant,
    after: int,
    limit: int,
) -> list[tuple[LeadId, Position]]:
    """The leads offered after a position, in order: all of them, or those from and to a partner."""
    generation = await live_generation(connection, programme, "leads")
    leads = view_leads.c
    listed = select(leads.lead, leads.position).where(
        leads.programme == programme, leads.generation == generation, leads.position > after
    )
    lapsed = and_(leads.due_at.is_not(None), leads.due_at <= now)
    if status == "expired":
        listed = listed.where(or_(leads.status == "expired", lapsed))
    elif status is not None:
        listed = listed.where(leads.status == status, ~lapsed)
    if partner is None:
        rows = await connection.execute(listed.order_by(leads.position).limit(limit))
    else:
        either = union(listed.where(leads.source == partner), listed.where(leads.recipient == partner))
        rows = await connection.execute(either.order_by(either.selected_columns.position).limit(limit))
    return [(LeadId(row.lead), Position(row.position)) for row in rows]


async def living_leads(
    connection: AsyncConnection, programme: ProgrammeId, partner: PartnerId, *, at_most: int
) -> list[LeadId]:
    """The leads from and to a partner that are offered or accepted, as the log states it, in order."""
    generation = await live_generation(connection, programme, "leads")
    leads = view_leads.c
    statement = (
        select(leads.lead)
        .where(
            leads.programme == programme,
            leads.generation == generation,
            or_(leads.source == partner, leads.recipient == partner),
            leads.status.in_(("offered", "accepted")),
        )
        .order_by(leads.position)
        .limit(at_most)
    )
    return [LeadId(lead) for lead in (await connection.execute(statement)).scalars()]


async def due_leads(
    connection: AsyncConnection, programme: ProgrammeId, now: Instant, at_most: int | None
) -> list[LeadId]:
    """The leads whose offer ended by itself, the earliest first."""
    generation = await live_generation(connection, programme, "leads")
    leads = view_leads.c
    statement = (
        select(leads.lead)
        .where(leads.programme == programme, leads.generation == generation, leads.due_at <= now)
        .order_by(leads.due_at, leads.position)
        .limit(at_most)
    )
    return [LeadId(lead) for lead in (await connection.execute(statement)).scalars()]


def rows(programme: ProgrammeId, generation: int, leads: Iterable[Lead]) -> Upsert:
    """The rows of leads as they stand."""
    return Upsert(
        view_leads,
        [
            {
                "programme": programme,
                "generation": generation,
                "lead": lead.id,
                "source": lead.source,
                "recipient": lead.recipient,
                "status": lead.stated,
                "due_at": lead.expires_at if lead.stated == "offered" else None,
                "position": lead.position,
            }
            for lead in leads
        ],
    )


class LeadsAt(Protocol):
    """Folds leads from the log, as of just after a position."""

    async def leads_at(
        self, connection: AsyncConnection, programme: ProgrammeId, leads: Iterable[LeadId], position: Position
    ) -> dict[LeadId, Lead]:
        """These leads after all their events up to the position; unknown ones are left out."""


@dataclass(frozen=True)
class Leads:
    """The inline projection as a rebuild applies it. The appender writes the same `rows` in its own statement."""

    states: LeadsAt
    name: Final = "leads"
    question: Final = "Which leads are there, from whom to whom?"
    inline: Final = True
    tables: Final[tuple[Table, ...]] = (view_leads,)
    reads: Final[tuple[str, ...]] = ()

    def key_of(self, event: Logged[object]) -> str | None:
        """The lead."""
        return event.event.lead if isinstance(event.event, LeadEvent) else None

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Write the rows of the leads that the events are about."""
        touched = {event.event.lead for event in events if isinstance(event.event, LeadEvent)}
        if touched:
            known = await self.states.leads_at(connection, programme, sorted(touched), events[-1].position)
            await execute(connection, [rows(programme, generation, known.values())])
