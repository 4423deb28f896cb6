"""Reading at one moment: what is recorded up to the log's end, with what time alone has changed since (rules §2).

A moment is one transaction that sees one state of the database, so that rows and the position that is stated with them
belong together. Nothing is written: what fell due is worked out here in the same way as a command would write it.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.account.draft import Draft
from domain.account.evolve import AccountEvent, fold
from domain.account.passing_of_time import let_time_pass, next_due
from domain.account.state import Account
from domain.ids import VENDOR, AccountId, Instant, LeadId, PartnerId, Position, ProgrammeId, RegistrationId
from domain.lead.aggregate import Lead
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from domain.recorded import Recorded
from projections.checkpoints import checkpoint_of
from projections.priority import view_priority_registrations
from projections.projection import live_generation
from service.accounts import Accounts
from service.database import read
from service.event_store import read_head
from service.event_types import EventTypes
from service.host_time import host_now
from service.states_at import LogStates

NEVER_WRITTEN = "unwritten"
"""What ids would be made from, if anything that is worked out for a reader were kept."""


class Reading:
    """Opens moments of any programme."""

    def __init__(self, engine: AsyncEngine, types: EventTypes) -> None:
        self._engine = engine
        self._types = types
        self._states = LogStates(types)
        self._accounts = Accounts(types)

    @asynccontextmanager
    async def moment(self, programme: ProgrammeId) -> AsyncIterator["Moment"]:
        """The programme as it stands when the first row is read."""
        async with read(self._engine) as connection:
            head = await read_head(connection, programme)
            position = Position(head.position)
            rule_book = await self._states.programme_at(connection, programme, position)
            now = host_now() if rule_book.clock is None else rule_book.clock
            yield Moment(
                connection=connection,
                programme=rule_book,
                now=Instant(max(now, head.recorded_at)),
                position=position,
                types=self._types,
                states=self._states,
                stored=self._accounts,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A programme at one moment: its rule book, its time, its last position, and the connection to read by."""

    connection: AsyncConnection
    programme: Programme
    now: Instant
    position: Position
    types: EventTypes
    states: LogStates
    stored: Accounts

    async def seen_by(self, projection: str) -> Position:
        """The position up to which the live generation of a following projection has seen the log."""
        generation = await live_generation(self.connection, self.programme.id, projection)
        return await checkpoint_of(self.connection, self.programme.id, projection, generation)

    async def partners(self, partners: Iterable[PartnerId]) -> Mapping[PartnerId, Partner]:
        """These partners as they stand."""
        return await self.states.partners_at(self.connection, self.programme.id, partners, self.position)

    async def leads(self, leads: Iterable[LeadId]) -> Mapping[LeadId, Lead]:
        """These leads as the log states them."""
        return await self.states.leads_at(self.connection, self.programme.id, leads, self.position)

    async def account_of(self, registration: RegistrationId) -> AccountId | None:
        """The account that a partner's registration is on; None where there is no such registration."""
        generation = await live_generation(self.connection, self.programme.id, "priority")
        table = view_priority_registrations.c
        found = await self.connection.scalar(
            select(table.account).where(
                table.programme == self.programme.id,
                table.generation == generation,
                table.registration == registration,
                table.partner != VENDOR,
            )
        )
        return None if found is None else AccountId(found)

    async def histories(self, accounts: Iterable[AccountId]) -> dict[AccountId, list[Recorded[AccountEvent]]]:
        """What happened on these accounts, oldest first."""
        generation = await live_generation(self.connection, self.programme.id, "priority")
        return await self.stored.histories(
            self.connection, self.programme.id, accounts, generation=generation, up_to=self.position
        )

    async def accounts(
        self, accounts: Iterable[AccountId], *, as_of: Instant | None = None
    ) -> dict[AccountId, Account]:
        """These accounts now, or at an instant: what was recorded up to then, with all that fell due up to then.

        One that had been merged into another by then is that one.
        """
        end = self.now if as_of is None else as_of
        found: dict[AccountId, Account] = {}
        for account_id, history in (await self.histories(accounts)).items():
            events = [event for event in history if event.recorded_at <= end or as_of is None]
            account = fold(events, Account(id=account_id)) if events else None
            if account is not None:
                found[account_id] = await self._at(account, end)
        moved = {name: account.merged_into for name, account in found.items() if account.merged_into is not None}
        if moved:
            survivors = await self.accounts(set(moved.values()), as_of=as_of)
            found |= {name: survivors[survivor] for name, survivor in moved.items()}
        return found

    async def _at(self, account: Account, instant: Instant) -> Account:
        due = next_due(account)
        if due is None or due.at > instant:
            return account
        partners = await self.partners({registration.partner for registration in account.registrations.values()})
        draft = Draft(
            account,
            account_id=account.id,
            programme=self.programme,
            partners=partners,
            now=instant,
            next_position=Position(self.position + 1),
            actor="time",
            token=NEVER_WRITTEN,
        )
        let_time_pass(draft)
        return draft.account
