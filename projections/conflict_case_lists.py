"""Conflict cases in the order in which they were identified: all of them, or those that concern one partner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.state import CaseStatus
from domain.conflict_case.events import CaseKind, Outcome
from domain.ids import AccountId, CaseId, Instant, PartnerId, Position, ProgrammeId
from projections.concerning_partners import ConcerningPartners
from projections.conflict_cases import rule_key, view_conflict_case_parties, view_conflict_cases

CASES: Final = ConcerningPartners(
    projection="conflict_cases", things=view_conflict_cases, partners=view_conflict_case_parties, thing="case"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCases:
    """Which conflict cases somebody asks for; None leaves a thing open. `now` is what is overdue by."""

    now: Instant
    partner: PartnerId | None = None
    status: CaseStatus | None = None
    kind: CaseKind | None = None
    accounts: Sequence[AccountId] | None = None
    rule: str | None = None
    outcome: Outcome | None = None
    overrides_priority: bool | None = None
    decided: bool | None = None
    overdue: bool | None = None


async def list_cases(
    connection: AsyncConnection, programme: ProgrammeId, wanted: WantedCases, *, after: tuple[int, str], limit: int
) -> list[tuple[CaseId, AccountId, Position]]:
    """The cases after a (position, id), in order, each with its account and the position at which it was identified."""
    cases = view_conflict_cases.c
    columns = (cases.case, cases.account, cases.position)
    rows = await CASES.listed(
        connection, programme, columns, *_conditions(wanted), partner=wanted.partner, after=after, limit=limit
    )
    return [(CaseId(row.case), AccountId(row.account), Position(row.position)) for row in rows]


def _conditions(wanted: WantedCases) -> Iterator[ColumnElement[bool]]:
    cases = view_conflict_cases.c
    if wanted.status is not None:
        yield cases.status == wanted.status
    if wanted.kind is not None:
        yield cases.kind == wanted.kind
    if wanted.accounts is not None:
        yield cases.account.in_(wanted.accounts)
    if wanted.rule is not None:
        yield cases.rule == rule_key(wanted.rule)
    if wanted.outcome is not None:
        yield cases.outcome == wanted.outcome
    if wanted.overrides_priority is not None:
        yield cases.overrides_priority == int(wanted.overrides_priority)
    if wanted.decided is not None:
        yield cases.outcome.is_not(None) if wanted.decided else cases.outcome.is_(None)
    if wanted.overdue is not None:
        in_time = or_(cases.due_at.is_(None), cases.due_at > wanted.now)
        yield cases.due_at <= wanted.now if wanted.overdue else in_time


async def account_of_case(
    connection: AsyncConnection, programme: ProgrammeId, case: CaseId, partner: PartnerId | None
) -> AccountId | None:
    """The account of a case; None where there is no such case, or none that concerns the partner."""
    return await CASES.account_of(connection, programme, case, partner)
