"""Accounts folded from the log: as they are, as they were just before a position, or at an instant."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent, fold
from domain.account.state import Account
from domain.ids import AccountId, ProgrammeId
from domain.recorded import Recorded
from service.chain import EventRow
from service.event_store import keys_of, logged
from service.event_types import EventTypes

END_OF_LOG: Final = 2**63 - 1

_EVENT = "e.position, e.stream, e.version, e.type, e.body, e.recorded_at, e.actor, e.cause, e.hash"
_PLACES = (
    "SELECT v.position FROM view_priority_events AS v WHERE v.programme = :programme AND v.generation = :generation"
    " AND v.account = k.account AND v.position <= :up_to ORDER BY v.position LIMIT 1000000"
)

HISTORIES: Final = {
    "postgresql": text(
        f"SELECT k.account, {_EVENT} FROM unnest(CAST(:accounts AS TEXT[])) AS k(account)"
        f" CROSS JOIN LATERAL ({_PLACES}) AS p CROSS JOIN LATERAL ("
        "SELECT * FROM record_events AS r WHERE r.programme = :programme AND r.position = p.position LIMIT 1) AS e"
        " ORDER BY e.position"
    ),
    "sqlite": text(
        f"SELECT k.value, {_EVENT} FROM json_each(:accounts) AS k"
        " CROSS JOIN view_priority_events AS v CROSS JOIN record_events AS e"
        " WHERE v.programme = :programme AND v.generation = :generation AND v.account = k.value"
        " AND v.position <= :up_to AND e.programme = v.programme AND e.position = v.position ORDER BY e.position"
    ),
}


class Accounts:
    """Reads accounts' events by the index that the inline projection `priority` keeps, and folds them."""

    def __init__(self, types: EventTypes) -> None:
        self._types = types

    async def histories(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        accounts: Iterable[AccountId],
        *,
        generation: int,
        up_to: int = END_OF_LOG,
    ) -> dict[AccountId, list[Recorded[AccountEvent]]]:
        """The events of each account up to a position, in order; accounts without any are left out.

        Those of an account that was merged into it by then are among them.
        """
        asked = list(dict.fromkeys(accounts))
        found = await self._own_histories(connection, programme, asked, generation=generation, up_to=up_to)
        absorbed = {name for history in found.values() for name in _absorbed(history)}
        if not absorbed:
            return found
        everything = dict(found)
        while missing := absorbed - everything.keys():
            more = await self._own_histories(connection, programme, missing, generation=generation, up_to=up_to)
            everything |= {name: more.get(name, []) for name in missing}
            absorbed |= {name for history in more.values() for name in _absorbed(history)}
        return {account: _whole(everything, account) for account in found}

    async def _own_histories(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        accounts: Collection[AccountId],
        *,
        generation: int,
        up_to: int,
    ) -> dict[AccountId, list[Recorded[AccountEvent]]]:
        if not accounts:
            return {}
        found = await connection.execute(
            HISTORIES[connection.dialect.name],
            {
                "programme": programme,
                "generation": generation,
                "accounts": keys_of(connection, accounts),
                "up_to": up_to,
            },
        )
        histories: dict[AccountId, list[Recorded[AccountEvent]]] = {}
        for account, *row in found:
            event = cast("Recorded[AccountEvent]", logged(EventRow._make(row), self._types))
            histories.setdefault(AccountId(account), []).append(event)
        return histories

    async def accounts(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        accounts: Iterable[AccountId],
        *,
        generation: int,
        up_to: int = END_OF_LOG,
    ) -> dict[AccountId, Account]:
        """The states of these accounts after their events up to a position; unknown ones are left out."""
        histories = await self.histories(connection, programme, accounts, generation=generation, up_to=up_to)
        folded = {account: fold(history, Account(id=account)) for account, history in histories.items()}
        return {account: found for account, found in folded.items() if found is not None}

    async def accounts_before(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        generation: int,
        accounts: Iterable[AccountId],
        position: int,
    ) -> Mapping[AccountId, Account]:
        """The states of these accounts after all their events before `position` (see `projections/priority.py`)."""
        return await self.accounts(connection, programme, accounts, generation=generation, up_to=position - 1)


def _absorbed(history: Sequence[Recorded[AccountEvent]]) -> Iterator[AccountId]:
    """The accounts that were merged, in this history, into the one that it is of or into one of those."""
    return (recorded.event.absorbed for recorded in history if isinstance(recorded.event, AccountsMerged))


def _whole(
    histories: Mapping[AccountId, Sequence[Recorded[AccountEvent]]], account: AccountId
) -> list[Recorded[AccountEvent]]:
    """An account's own events and those of all that was merged into it, in the order of the log."""
    events: dict[int, Recorded[AccountEvent]] = {}
    waiting = [account]
    while waiting:
        name = waiting.pop()
        for recorded in histories[name]:
            events[recorded.position] = recorded
            if isinstance(recorded.event, AccountsMerged) and recorded.event.account == name:
                waiting.append(recorded.event.absorbed)
    return [events[position] for position in sorted(events)]
