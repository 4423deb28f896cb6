"""What time alone brings: protection that ends and reminders of it, promotions, parked facts whose day has come.

Nothing depends on this having run: every decision and every answer compares instants itself. It only writes down what
fell due, so that people are told.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.reminding import next_instant, remind
from domain.deal_registration.aggregate import catch_up
from domain.ids import AccountId, Instant, LeadId, Position, ProgrammeId
from projections.leads import due_leads
from projections.priority import view_priority_accounts
from projections.projection import live_generation
from service.attempt import Attempt
from service.commands.leads import expire_leads
from service.commands.on_account import ON_AN_ACCOUNT, account_of, draft_of, encode, store, written_of
from service.schema import record_deliveries
from service.states import LEADS_GENERATION, account_key, lead_key
from service.work import Answer, Cause, Work

ACCOUNTS_AT_MOST: Final = 500
LEADS_AT_MOST: Final = 500
PARKED_AT_MOST: Final = 100
STEPS_AT_MOST: Final = 1_000_000

Waiting = tuple[Instant, Position, AccountId]
"""When something is due, and on which account; what is due at one instant, in the order of registration."""


def waits_for_instant(instant: Instant) -> str:
    """What a delivery waits for that is dated in the future; in order as text, too."""
    return f"instant:{instant:020d}"


def instant_waited_for(waits_for: str) -> Instant:
    """The instant in what a delivery waits for."""
    return Instant(int(waits_for.removeprefix("instant:")))


async def due_accounts(
    connection: AsyncConnection, programme: ProgrammeId, now: Instant, at_most: int | None
) -> list[AccountId]:
    """The accounts on which something fell due, the earliest first."""
    generation = await live_generation(connection, programme, "priority")
    table = view_priority_accounts
    statement = (
        select(table.c.account)
        .where(table.c.programme == programme, table.c.generation == generation, table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.account)
        .limit(at_most)
    )
    return [AccountId(account) for account in (await connection.execute(statement)).scalars()]


async def due_parked(connection: AsyncConnection, programme: ProgrammeId, now: Instant, at_most: int) -> list[str]:
    """What parked deliveries wait for and has come: instants up to now, the earliest first."""
    waits_for = record_deliveries.c.waits_for
    statement = (
        select(waits_for)
        .where(
            record_deliveries.c.programme == programme,
            waits_for >= waits_for_instant(Instant(0)),
            waits_for <= waits_for_instant(now),
        )
        .distinct()
        .order_by(waits_for)
        .limit(at_most)
    )
    return list((await connection.execute(statement)).scalars())


@dataclass(kw_only=True)
class WriteWhatIsDue(Work):
    """Write what fell due up to now, on some accounts and some parked deliveries. Says whether there may be more."""

    token: str
    actor: str = "clock"
    cause: Cause | None = None
    exclusive = True
    more: bool = field(default=False, init=False)
    _accounts: Sequence[AccountId] = field(default=(), init=False)
    _leads: Sequence[LeadId] = field(default=(), init=False)
    _parked: Sequence[str] = field(default=(), init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads what is due."""
        self._accounts = await due_accounts(connection, attempt.programme, attempt.now, ACCOUNTS_AT_MOST)
        self._leads = await due_leads(connection, attempt.programme, attempt.now, LEADS_AT_MOST)
        self._parked = await due_parked(connection, attempt.programme, attempt.now, PARKED_AT_MOST)
        self.more = (
            len(self._accounts) == ACCOUNTS_AT_MOST
            or len(self._leads) == LEADS_AT_MOST
            or len(self._parked) == PARKED_AT_MOST
        )
        await load_due(connection, attempt, self._accounts, self._leads)

    def run(self, attempt: Attempt) -> Answer:
        """Write it, in order of instant."""
        write_due(attempt, self._accounts, self._leads, self.token)
        for waits_for in self._parked:
            attempt.made_known(waits_for)
        return Answer(body=encode(written_of(attempt)))


async def load_due(
    connection: AsyncConnection, attempt: Attempt, accounts: Sequence[AccountId], leads: Sequence[LeadId]
) -> None:
    """Load what `write_due` decides on."""
    await attempt.load(connection, *ON_AN_ACCOUNT, *(account_key(account) for account in accounts))
    await attempt.load(connection, LEADS_GENERATION, *(lead_key(lead) for lead in leads))


def write_due(attempt: Attempt, accounts: Sequence[AccountId], leads: Sequence[LeadId], token: str) -> None:
    """Write what fell due on these accounts and leads up to the attempt's now, across all in order of instant.

    The leads come with the earliest first.
    """
    waiting: list[Waiting] = []
    for account_id in accounts:
        _wait(attempt, waiting, account_id)
    for step in range(STEPS_AT_MOST):
        if not waiting:
            break
        at, _, account_id = heapq.heappop(waiting)
        leads = expire_leads(attempt, leads, at)
        draft = draft_of(attempt, account_id, f"{token}{step:x}x")
        catch_up(draft, at)
        remind(draft, at)
        store(attempt, draft)
        _wait(attempt, waiting, account_id)
    expire_leads(attempt, leads, attempt.now)


def _wait(attempt: Attempt, waiting: list[Waiting], account_id: AccountId) -> None:
    account = account_of(attempt, account_id)
    assert account is not None
    due = next_instant(account)
    if due is not None and due[0] <= attempt.now:
        heapq.heappush(waiting, (*due, account_id))
