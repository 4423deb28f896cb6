"""All that partners' statements follow from, as of an exact position of the log."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.state import Account
from domain.commission.credit import DealOutcome
from domain.commission.outcomes import OutcomeChange, outcome_changes, with_later_changes
from domain.commission.statement import StatementInputs
from domain.commission_period.events import CommissionPeriodClosed, CommissionPeriodEvent
from domain.entered_adjustment.events import AdjustmentEntered
from domain.ids import AccountId, PartnerId, Position, ProgrammeId, RegistrationId
from domain.partner.events import PartnerEvent
from domain.programme.aggregate import Programme
from projections.account_stories import events_by_account, stories
from projections.checkpoints import position_of
from projections.credits import (
    outcomes_of_partners,
    partners_of_registrations,
    registrations_touched,
    view_credits,
    view_credits_partners,
)
from projections.priority import view_priority_registrations
from projections.projection import live_generation, view_parked
from projections.statements import ForMany
from service.accounts import Accounts
from service.event_store import logged, read_events, stream_names
from service.event_types import EventTypes
from service.states_at import LogStates
from service.streams import COMMISSION_PERIOD

CHUNK: Final = 1_000


class StatementReader:
    """Reads what statements are computed from: exactly at the log's end for closing, or as it was known earlier."""

    def __init__(self, types: EventTypes) -> None:
        self.types = types
        self._states = LogStates(types)
        self._accounts = Accounts(types)

    async def at_head(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        partners: Sequence[PartnerId] | None,
        head: Position,
    ) -> dict[PartnerId, StatementInputs]:
        """The inputs of these partners (None: of all) at the head, whose lock the connection holds.

        The `credits` view stands somewhere before the head; what events behind it changed is computed here.
        """
        rule_book = await self._states.programme_at(connection, programme, head)
        if partners is None:
            partners = await self.partners(connection, programme)
        changes = await self._changes_behind_the_view(connection, programme, rule_book, head)
        generation = await live_generation(connection, programme, "credits")
        viewed = await outcomes_of_partners(connection, programme, generation, partners)
        outcomes = {partner: _with_changes(partner, viewed.get(partner, ()), changes) for partner in partners}
        return await self._inputs(connection, programme, rule_book, outcomes, head)

    async def closed_only(
        self, connection: AsyncConnection, programme: ProgrammeId, partners: Sequence[PartnerId], head: Position
    ) -> dict[PartnerId, StatementInputs]:
        """What was closed and entered for these partners, without their credits."""
        rule_book = await self._states.programme_at(connection, programme, head)
        return await self._inputs(connection, programme, rule_book, dict.fromkeys(partners, ()), head)

    async def partners(self, connection: AsyncConnection, programme: ProgrammeId) -> list[PartnerId]:
        """Every partner that was ever enrolled."""
        streams = await stream_names(connection, programme, "partner")
        return [PartnerId(stream.removeprefix("partner/")) for stream in streams]

    async def partners_touched(
        self, connection: AsyncConnection, programme: ProgrammeId, since: Position, head: Position
    ) -> set[PartnerId] | None:
        """The partners whose inputs events in (since, head] may have changed; None: everybody's."""
        touched: set[PartnerId] = set()
        after: int = since
        while rows := await read_events(connection, programme, after=after, up_to=head, at_most=CHUNK):
            for event in (logged(row, self.types).event for row in rows):
                if isinstance(event, ForMany):
                    return None
                if isinstance(event, PartnerEvent | CommissionPeriodEvent | AdjustmentEntered):
                    touched.add(event.partner)
            after = rows[-1].position
        rule_book = await self._states.programme_at(connection, programme, head)
        generation = await live_generation(connection, programme, "credits")
        changes = await self._changes_behind_the_view(connection, programme, rule_book, head)
        later = {registration: change for registration, change in changes.items() if change.position > since}
        touched.update(partner for change in later.values() for partner in change.credited)
        touched |= await partners_of_registrations(connection, programme, generation, later)
        first = Position(since + 1)
        return touched | (await registrations_touched(connection, programme, generation, first=first, last=head)).keys()

    async def as_of(
        self, connection: AsyncConnection, programme: ProgrammeId, partner: PartnerId, position: Position
    ) -> StatementInputs | None:
        """The inputs of a partner as they were known just after a position; None when it was not enrolled then."""
        rule_book = await self._states.programme_at(connection, programme, position)
        generation = await live_generation(connection, programme, "priority")
        accounts = await self._with_absorbed(
            connection, programme, generation, await self._accounts_of(connection, programme, partner)
        )
        histories = await self._accounts.histories(
            connection, programme, accounts, generation=generation, up_to=position
        )
        changes: dict[RegistrationId, OutcomeChange] = {}
        for account, history in histories.items():
            more = outcome_changes(Account(id=account), history, rule_book)
            changes = with_later_changes(changes, more)
        outcomes = {partner: _with_changes(partner, (), changes)}
        return (await self._inputs(connection, programme, rule_book, outcomes, position)).get(partner)

    async def _inputs(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        rule_book: Programme,
        outcomes: Mapping[PartnerId, tuple[DealOutcome, ...]],
        position: Position,
    ) -> dict[PartnerId, StatementInputs]:
        partners = await self._states.partners_at(connection, programme, outcomes, position)
        closings: dict[PartnerId, list[CommissionPeriodClosed]] = {partner: [] for partner in partners}
        by_partner = await self.period_streams(connection, programme, partners)
        streams = [stream for own in by_partner.values() for stream in own]
        for recorded in await self._states.closings_at(connection, programme, streams, position):
            closings[recorded.event.partner].append(recorded.event)
        entered = await self._states.entered_at(connection, programme, partners, position)
        return {
            name: StatementInputs(
                programme=rule_book,
                partner=partner,
                outcomes=outcomes[name],
                closed=tuple(closings[name]),
                entered=entered.get(name, ()),
            )
            for name, partner in partners.items()
        }

    async def period_streams(
        self, connection: AsyncConnection, programme: ProgrammeId, partners: Iterable[PartnerId]
    ) -> dict[PartnerId, list[str]]:
        """The streams of these partners' closed periods."""
        found: dict[PartnerId, list[str]] = {partner: [] for partner in partners}
        for stream in await stream_names(connection, programme, COMMISSION_PERIOD):
            partner = PartnerId(stream.split("/")[1])
            if partner in found:
                found[partner].append(stream)
        return found

    async def _changes_behind_the_view(
        self, connection: AsyncConnection, programme: ProgrammeId, rule_book: Programme, head: Position
    ) -> dict[RegistrationId, OutcomeChange]:
        generation = await live_generation(connection, programme, "credits")
        reached = await position_of(connection, programme, "credits")
        behind = []
        after: int = reached
        while rows := await read_events(connection, programme, after=after, up_to=head, at_most=CHUNK):
            behind += [logged(row, self.types) for row in rows]
            after = rows[-1].position
        by_account = events_by_account(behind)
        known = await self._states.accounts_at(connection, programme, by_account, reached)
        changes: dict[RegistrationId, OutcomeChange] = {}
        for story in stories(by_account, known).values():
            changes = with_later_changes(changes, outcome_changes(story.before, story.events, rule_book))
        priority = await live_generation(connection, programme, "priority")
        parked = await self._parked(connection, programme, generation)
        whole = await self._accounts.histories(connection, programme, parked, generation=priority, up_to=head)
        for account, history in whole.items():
            changes = with_later_changes(changes, outcome_changes(Account(id=account), history, rule_book))
        return changes

    async def _parked(self, connection: AsyncConnection, programme: ProgrammeId, generation: int) -> list[AccountId]:
        """The accounts that the `credits` view could not follow."""
        statement = select(view_parked.c.key).where(
            view_parked.c.programme == programme,
            view_parked.c.projection == "credits",
            view_parked.c.generation == generation,
        )
        return [AccountId(key) for key in await connection.scalars(statement)]

    async def _accounts_of(
        self, connection: AsyncConnection, programme: ProgrammeId, partner: PartnerId
    ) -> Iterable[AccountId]:
        """The accounts on which a partner registered, or by whose deals it is or was credited."""
        priority = await live_generation(connection, programme, "priority")
        credited_now = await live_generation(connection, programme, "credits")
        registered = select(view_priority_registrations.c.account).where(
            view_priority_registrations.c.programme == programme,
            view_priority_registrations.c.generation == priority,
            view_priority_registrations.c.partner == partner,
        )
        credited = (
            select(view_credits.c.account)
            .join(
                view_credits_partners,
                (view_credits.c.programme == view_credits_partners.c.programme)
                & (view_credits.c.generation == view_credits_partners.c.generation)
                & (view_credits.c.registration == view_credits_partners.c.registration),
            )
            .where(
                view_credits_partners.c.programme == programme,
                view_credits_partners.c.generation == credited_now,
                view_credits_partners.c.partner == partner,
            )
        )
        return [AccountId(account) for account in await connection.scalars(registered.union(credited))]

    async def _with_absorbed(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, accounts: Iterable[AccountId]
    ) -> list[AccountId]:
        """These accounts and those that were merged into them since: at an earlier position those stood alone."""
        today = await self._accounts.accounts(connection, programme, accounts, generation=generation)
        return [name for account in today.values() for name in (account.id, *account.absorbed)]


def _with_changes(
    partner: PartnerId, viewed: Iterable[DealOutcome], changes: Mapping[RegistrationId, OutcomeChange]
) -> tuple[DealOutcome, ...]:
    """The outcomes that concern a partner, brought up to date."""
    found = {outcome.registration: outcome for outcome in viewed}
    for registration, change in changes.items():
        if registration in found or partner in change.credited:
            found[registration] = change.outcome
    return tuple(found[registration] for registration in sorted(found))
