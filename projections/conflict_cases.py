"""Which conflict cases are there, in which state, and whom do they concern? Kept inline: decisions need them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent
from domain.account.state import Account, Case
from domain.conflict_case.events import CaseEvent
from domain.conflict_case.parties import partners_in
from domain.deal_registration.transfer_events import RegistrationTransferred
from domain.ids import CaseId, ProgrammeId
from domain.recorded import Recorded
from projections.account_stories import account_of
from projections.changes import Change, Delete, Upsert
from projections.metadata import metadata
from projections.priority import AccountsAt
from projections.projection import Logged
from projections.rows_on_accounts import write_rows

view_conflict_cases = Table(
    "view_conflict_cases",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("case", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("outcome", Text),
    Column("rule", Text),
    Column("overrides_priority", Integer),
    comment="Each conflict case, its state, the position at which it was identified, when its next step is due (µs), "
    "and how it was decided: outcome, rule (folded), and 1 where that overrides strict priority. Null until then.",
)
Index(
    "view_conflict_cases_account_idx",
    view_conflict_cases.c.programme,
    view_conflict_cases.c.generation,
    view_conflict_cases.c.account,
    view_conflict_cases.c.position,
)
Index(
    "view_conflict_cases_rule_idx",
    view_conflict_cases.c.programme,
    view_conflict_cases.c.generation,
    view_conflict_cases.c.rule,
    view_conflict_cases.c.position,
)
Index(
    "view_conflict_cases_position_idx",
    view_conflict_cases.c.programme,
    view_conflict_cases.c.generation,
    view_conflict_cases.c.position,
)

view_conflict_case_parties = Table(
    "view_conflict_case_parties",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("case", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    comment="The partners whose registrations a case is about, with the position at which it was identified.",
)
Index(
    "view_conflict_case_parties_partner_idx",
    view_conflict_case_parties.c.programme,
    view_conflict_case_parties.c.generation,
    view_conflict_case_parties.c.partner,
    view_conflict_case_parties.c.position,
    view_conflict_case_parties.c.case,
)


def rule_key(rule: str) -> str:
    """A rule as it is looked for: whoever wrote it down, in upper or lower case and with whatever spaces."""
    return " ".join(rule.casefold().split())


def _standing(case: Case) -> dict[str, object]:
    decision = case.decision
    return {
        "kind": case.kind,
        "status": case.status,
        "due_at": case.due_at,
        "outcome": None if decision is None else decision.outcome,
        "rule": None if decision is None else rule_key(decision.rule),
        "overrides_priority": None if decision is None else int(decision.overrides_priority),
    }


def concerns(event: object) -> bool:
    """Whether an event may change what stands in a case's row, or whom it concerns."""
    return isinstance(event, CaseEvent | AccountsMerged | RegistrationTransferred)


def rows(
    programme: ProgrammeId, generation: int, after: Account, events: Iterable[Recorded[AccountEvent]]
) -> list[Change]:
    """The rows that follow from events on one account, given the account after them."""
    head = {"programme": programme, "generation": generation}
    touched: set[CaseId] = set()
    for event in (recorded.event for recorded in events):
        if isinstance(event, CaseEvent):
            touched.add(event.case)
        elif isinstance(event, AccountsMerged):
            touched.update(event.cases)
        elif isinstance(event, RegistrationTransferred):
            touched.update(case.id for case in after.cases.values() if event.registration in case.registrations)
    cases = [after.cases[case] for case in sorted(touched) if case in after.cases]
    if not cases:
        return []
    left = {recorded.event.partner for recorded in events if isinstance(recorded.event, RegistrationTransferred)}
    gone = [
        (*head.values(), one, case.id) for case in cases for one in sorted(left.difference(partners_in(after, case)))
    ]
    return [
        *([Delete(view_conflict_case_parties, gone)] if gone else []),
        Upsert(
            view_conflict_cases,
            [
                {**head, "case": case.id, "account": after.id, "position": case.steps[0].position, **_standing(case)}
                for case in cases
            ],
        ),
        Upsert(
            view_conflict_case_parties,
            [
                {**head, "partner": partner, "case": case.id, "position": case.steps[0].position}
                for case in cases
                for partner in partners_in(after, case)
            ],
        ),
    ]


@dataclass(frozen=True)
class ConflictCases:
    """The inline projection as a rebuild applies it. The appender writes the same `rows` in its own statement."""

    accounts: AccountsAt
    name: Final = "conflict_cases"
    question: Final = "Which conflict cases are there, in which state, and whom do they concern?"
    inline: Final = True
    tables: Final[tuple[Table, ...]] = (view_conflict_cases, view_conflict_case_parties)
    reads: Final[tuple[str, ...]] = ("priority",)

    def key_of(self, event: Logged[object]) -> str | None:
        """The account."""
        return account_of(event.event) if concerns(event.event) else None

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Fold the events into their accounts and write the rows of the cases among them."""
        await write_rows(
            connection, programme, generation, events, accounts=self.accounts, concerns=concerns, rows=rows
        )
