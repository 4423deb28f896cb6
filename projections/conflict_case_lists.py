"""Conflict cases in the order in which they were identified: all of them, or those that concern one partner."""

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import AccountId, CaseId, PartnerId, Position, ProgrammeId
from projections.conflict_cases import view_conflict_case_parties, view_conflict_cases
from projections.projection import live_generation


async def list_cases(
    connection: AsyncConnection,
    programme: ProgrammeId,
    *,
    status: str | None,
    kind: str | None,
    partner: PartnerId | None,
    after: tuple[int, str],
    limit: int,
) -> list[tuple[CaseId, AccountId, Position]]:
    """The cases after a (position, id), in order, each with its account and the position at which it was identified."""
    generation = await live_generation(connection, programme, "conflict_cases")
    cases, parties = view_conflict_cases.c, view_conflict_case_parties.c
    later = (cases.position > after[0]) | ((cases.position == after[0]) & (cases.case > after[1]))
    statement = (
        select(cases.case, cases.account, cases.position)
        .where(cases.programme == programme, cases.generation == generation, cases.position >= after[0], later)
        .order_by(cases.position, cases.case)
        .limit(limit)
    )
    if status is not None:
        statement = statement.where(cases.status == status)
    if kind is not None:
        statement = statement.where(cases.kind == kind)
    if partner is not None:
        concerned = and_(
            parties.programme == cases.programme,
            parties.generation == cases.generation,
            parties.case == cases.case,
            parties.partner == partner,
        )
        statement = statement.join(view_conflict_case_parties, concerned)
    rows = await connection.execute(statement)
    return [(CaseId(row.case), AccountId(row.account), Position(row.position)) for row in rows]


async def account_of_case(
    connection: AsyncConnection, programme: ProgrammeId, case: CaseId, partner: PartnerId | None
) -> AccountId | None:
    """The account of a case; None where there is no such case, or none that concerns the partner."""
    generation = await live_generation(connection, programme, "conflict_cases")
    cases, parties = view_conflict_cases.c, view_conflict_case_parties.c
    statement = select(cases.account).where(
        cases.programme == programme, cases.generation == generation, cases.case == case
    )
    if partner is not None:
        concerned = select(parties.case).where(
            parties.programme == programme,
            parties.generation == generation,
            parties.partner == partner,
            parties.case == case,
        )
        statement = statement.where(concerned.exists())
    found = await connection.scalar(statement)
    return None if found is None else AccountId(found)
