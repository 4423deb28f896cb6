"""What people wrote or who they are, kept beside the log under an id, so that it can be erased."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Column, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import LeadId, ProgrammeId, RegistrationId
from projections.changes import Upsert
from projections.look_up import look_up
from projections.metadata import metadata

personal_registrations: Final = Table(
    "personal_registrations",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("registration", Text, primary_key=True),
    Column("sales_owner", Text),
    Column("notes", Text),
    comment="Names and free text of people, which no event holds; a row may be erased at any time.",
)


personal_leads: Final = Table(
    "personal_leads",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("lead", Text, primary_key=True),
    Column("notes", Text, nullable=False),
    comment="What was written about the people behind a lead; a row may be erased at any time.",
)


def lead_notes_row(programme: ProgrammeId, lead: LeadId, notes: str) -> Upsert:
    """What is kept of a lead beside the log."""
    return Upsert(personal_leads, ({"programme": programme, "lead": lead, "notes": notes},))


async def find_lead_notes(
    connection: AsyncConnection, programme: ProgrammeId, leads: Iterable[LeadId]
) -> dict[LeadId, str]:
    """The notes of these leads; what was never written or is erased is left out."""
    rows = await look_up(
        connection, personal_leads, where={"programme": programme}, by=("lead",), keys=[(lead,) for lead in leads]
    )
    return {LeadId(str(row._mapping["lead"])): str(row._mapping["notes"]) for row in rows}


def personal_row(
    programme: ProgrammeId, registration: RegistrationId, sales_owner: str | None, notes: str | None
) -> Upsert:
    """What is kept of a registration beside the log."""
    row = {"programme": programme, "registration": registration, "sales_owner": sales_owner, "notes": notes}
    return Upsert(personal_registrations, (row,))


async def find_personal(
    connection: AsyncConnection, programme: ProgrammeId, registration: RegistrationId
) -> tuple[str | None, str | None]:
    """The sales owner and the notes of a registration; None for what was never stated or is erased."""
    table = personal_registrations
    statement = select(table.c.sales_owner, table.c.notes).where(
        table.c.programme == programme, table.c.registration == registration
    )
    row = (await connection.execute(statement)).one_or_none()
    return (None, None) if row is None else (row.sales_owner, row.notes)
