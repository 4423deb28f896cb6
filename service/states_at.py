"""Aggregates folded from the log as they were just after a position (see `projections/states.py`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.state import Account
from domain.commission_period.events import CommissionPeriodClosed
from domain.entered_adjustment import aggregate as entered_adjustment
from domain.entered_adjustment.aggregate import Entered
from domain.entered_adjustment.events import AdjustmentEntered
from domain.ids import AccountId, LeadId, PartnerId, Position, ProgrammeId
from domain.lead import aggregate as lead_aggregate
from domain.lead.aggregate import Lead
from domain.lead.events import LeadEvent
from domain.partner import aggregate as partner_aggregate
from domain.partner.aggregate import Partner
from domain.partner.events import PartnerEvent
from domain.programme import aggregate as programme_aggregate
from domain.programme.aggregate import Programme
from domain.programme.events import ProgrammeEvent
from domain.recorded import Recorded
from projections.projection import live_generation
from service.accounts import Accounts
from service.event_store import logged, read_stream, read_streams
from service.event_types import EventTypes
from service.streams import PROGRAMME, entered_stream, lead_stream, partner_stream


@dataclass(frozen=True, slots=True)
class Remembered:
    """A programme's rule book with the event that it was folded up to."""

    version: int
    position: int
    hash: bytes
    state: Programme


class LogStates:
    """Folds from the log. The rule book is remembered, because every chunk needs it and it only grows."""

    def __init__(self, types: EventTypes) -> None:
        self._types = types
        self._accounts = Accounts(types)
        self._remembered: dict[ProgrammeId, Remembered] = {}

    async def accounts_at(
        self, connection: AsyncConnection, programme: ProgrammeId, accounts: Iterable[AccountId], position: Position
    ) -> Mapping[AccountId, Account]:
        """These accounts after all their events up to the position; unknown ones are left out."""
        generation = await live_generation(connection, programme, "priority")
        return await self._accounts.accounts(connection, programme, accounts, generation=generation, up_to=position)

    async def partners_at(
        self, connection: AsyncConnection, programme: ProgrammeId, partners: Iterable[PartnerId], position: Position
    ) -> Mapping[PartnerId, Partner]:
        """These partners after all their events up to the position; unknown ones are left out."""
        streams = {partner_stream(partner): partner for partner in partners}
        found: dict[PartnerId, Partner] = {}
        for stream, rows in (await read_streams(connection, programme, streams)).items():
            history = [logged(row, self._types) for row in rows if row.position <= position]
            partner = partner_aggregate.fold(cast("list[Recorded[PartnerEvent]]", history))
            if partner is not None:
                found[streams[stream]] = partner
        return found

    async def leads_at(
        self, connection: AsyncConnection, programme: ProgrammeId, leads: Iterable[LeadId], position: Position
    ) -> dict[LeadId, Lead]:
        """These leads after all their events up to the position; unknown ones are left out."""
        streams = {lead_stream(lead): lead for lead in leads}
        found: dict[LeadId, Lead] = {}
        for stream, rows in (await read_streams(connection, programme, streams)).items():
            history = [logged(row, self._types) for row in rows if row.position <= position]
            lead = lead_aggregate.fold(cast("list[Recorded[LeadEvent]]", history))
            if lead is not None:
                found[streams[stream]] = lead
        return found

    async def closings_at(
        self, connection: AsyncConnection, programme: ProgrammeId, streams: Iterable[str], position: Position
    ) -> list[Recorded[CommissionPeriodClosed]]:
        """The closings in these streams of commission periods, up to the position."""
        found = (await read_streams(connection, programme, streams)).values()
        history = [logged(row, self._types) for rows in found for row in rows if row.position <= position]
        closings = [recorded for recorded in history if isinstance(recorded.event, CommissionPeriodClosed)]
        return cast("list[Recorded[CommissionPeriodClosed]]", closings)

    async def entered_at(
        self, connection: AsyncConnection, programme: ProgrammeId, partners: Iterable[PartnerId], position: Position
    ) -> Mapping[PartnerId, Entered]:
        """The adjustments that were entered for these partners up to the position; who has none is left out."""
        streams = {entered_stream(partner): partner for partner in partners}
        found: dict[PartnerId, Entered] = {}
        for stream, rows in (await read_streams(connection, programme, streams)).items():
            history = [logged(row, self._types) for row in rows if row.position <= position]
            found[streams[stream]] = entered_adjustment.fold(cast("list[Recorded[AdjustmentEntered]]", history))
        return found

    async def programme_at(self, connection: AsyncConnection, programme: ProgrammeId, position: Position) -> Programme:
        """The rule book after all its events up to the position."""
        known = self._remembered.get(programme)
        if known is not None and known.position > position:
            known = None
        after_version = -1 if known is None else known.version - 1
        rows = await read_stream(connection, programme, PROGRAMME, after_version=after_version)
        if known is not None:
            if not rows or rows[0].hash != known.hash:
                del self._remembered[programme]
                return await self.programme_at(connection, programme, position)
            rows = rows[1:]
        rows = [row for row in rows if row.position <= position]
        history = cast("list[Recorded[ProgrammeEvent]]", [logged(row, self._types) for row in rows])
        state = programme_aggregate.fold(history, None if known is None else known.state)
        assert state is not None, f"{programme} does not exist at position {position}"
        if rows:
            self._remembered[programme] = Remembered(rows[-1].version, rows[-1].position, rows[-1].hash, state)
        return state
