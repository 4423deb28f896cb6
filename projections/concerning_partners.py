"""What concerns partners, read in the order in which it was made: all of it, or what concerns one partner.

Such a view has two tables: one of the things themselves (with their account and position), and one that names for each
partner the things that concern it (with their position, so that a partner's list needs no sorting).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import AccountId, PartnerId, ProgrammeId
from projections.projection import live_generation


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcerningPartners:
    """The two tables of a projection; `thing` is the column that holds the id of a thing in both."""

    projection: str
    things: Table
    partners: Table
    thing: str

    async def listed(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        columns: Sequence[Column[Any]],
        *conditions: ColumnElement[bool],
        partner: PartnerId | None,
        after: tuple[int, str],
        limit: int,
    ) -> Sequence[Row[Any]]:
        """The things after a (position, id), in order, that meet the conditions and concern the partner, if stated."""
        generation = await live_generation(connection, programme, self.projection)
        listed = (self.things if partner is None else self.partners).c
        position, thing = listed.position, listed[self.thing]
        later = or_(position > after[0], and_(position == after[0], thing > after[1]))
        statement = (
            select(*columns)
            .where(listed.programme == programme, listed.generation == generation, position >= after[0], later)
            .where(*conditions)
            .order_by(position, thing)
            .limit(limit)
        )
        if partner is not None:
            statement = statement.where(listed.partner == partner).join_from(self.partners, self.things, self._same)
        return (await connection.execute(statement)).all()

    async def account_of(
        self, connection: AsyncConnection, programme: ProgrammeId, thing: str, partner: PartnerId | None
    ) -> AccountId | None:
        """The account of a thing; None where there is no such thing, or none that concerns the partner."""
        generation = await live_generation(connection, programme, self.projection)
        statement = select(self.things.c.account).where(*self._is(self.things, programme, generation, thing))
        if partner is not None:
            concerns_it = select(self.partners.c[self.thing]).where(
                *self._is(self.partners, programme, generation, thing), self.partners.c.partner == partner
            )
            statement = statement.where(concerns_it.exists())
        found = await connection.scalar(statement)
        return None if found is None else AccountId(found)

    async def accounts_concerning(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        partner: PartnerId,
        *conditions: ColumnElement[bool],
        at_most: int,
    ) -> list[AccountId]:
        """The accounts with a thing that concerns the partner and meets the conditions, each once, in order of id."""
        generation = await live_generation(connection, programme, self.projection)
        named, account = self.partners.c, self.things.c.account
        statement = (
            select(account)
            .distinct()
            .join_from(self.partners, self.things, self._same)
            .where(named.programme == programme, named.generation == generation, named.partner == partner)
            .where(*conditions)
            .order_by(account)
            .limit(at_most)
        )
        return [AccountId(found) for found in (await connection.execute(statement)).scalars()]

    @property
    def _same(self) -> ColumnElement[bool]:
        """A row of both tables is about one thing."""
        things, named = self.things.c, self.partners.c
        return and_(
            things.programme == named.programme,
            things.generation == named.generation,
            things[self.thing] == named[self.thing],
        )

    def _is(self, table: Table, programme: ProgrammeId, generation: int, thing: str) -> Iterable[ColumnElement[bool]]:
        rows = table.c
        return rows.programme == programme, rows.generation == generation, rows[self.thing] == thing
