"""How an inline projection about accounts is brought up to date by a rebuild."""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.evolve import AccountEvent
from domain.account.state import Account
from domain.ids import ProgrammeId
from domain.recorded import Recorded
from projections.account_stories import accounts_of, events_by_account, stories
from projections.changes import Change, execute
from projections.priority import AccountsAt
from projections.projection import Logged

Rows = Callable[[ProgrammeId, int, Account, Iterable[Recorded[AccountEvent]]], list[Change]]
"""The rows that follow from events on one account, given the account after them."""


async def write_rows(
    connection: AsyncConnection,
    programme: ProgrammeId,
    generation: int,
    events: Sequence[Logged[object]],
    *,
    accounts: AccountsAt,
    concerns: Callable[[object], bool],
    rows: Rows,
) -> None:
    """Fold the events into the accounts that some of them concern, and write the rows that follow."""
    touched = {account for recorded in events if concerns(recorded.event) for account in accounts_of(recorded.event)}
    if not touched:
        return
    known = await accounts.accounts_before(connection, programme, generation, touched, events[0].position)
    by_account = events_by_account(events)
    told = stories({account: by_account[account] for account in sorted(touched)}, known)
    changes = [row for story in told.values() for row in rows(programme, generation, story.after, story.events)]
    await execute(connection, changes)
