"""The states that following projections compute from, each as it was just after a position of the log."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.state import Account
from domain.entered_adjustment.aggregate import Entered
from domain.ids import AccountId, LeadId, PartnerId, Position, ProgrammeId
from domain.lead.aggregate import Lead
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme


class StatesAt(Protocol):
    """Folds aggregates from the log. What does not exist at the position is left out, except the programme itself."""

    async def accounts_at(
        self, connection: AsyncConnection, programme: ProgrammeId, accounts: Iterable[AccountId], position: Position
    ) -> Mapping[AccountId, Account]:
        """These accounts after all their events up to the position."""

    async def partners_at(
        self, connection: AsyncConnection, programme: ProgrammeId, partners: Iterable[PartnerId], position: Position
    ) -> Mapping[PartnerId, Partner]:
        """These partners after all their events up to the position."""

    async def leads_at(
        self, connection: AsyncConnection, programme: ProgrammeId, leads: Iterable[LeadId], position: Position
    ) -> Mapping[LeadId, Lead]:
        """These leads after all their events up to the position."""

    async def entered_at(
        self, connection: AsyncConnection, programme: ProgrammeId, partners: Iterable[PartnerId], position: Position
    ) -> Mapping[PartnerId, Entered]:
        """The adjustments that were entered for these partners up to the position."""

    async def programme_at(self, connection: AsyncConnection, programme: ProgrammeId, position: Position) -> Programme:
        """The rule book after all its events up to the position."""
