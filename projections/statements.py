"""What does each commission period state to each partner?

What is open is computed whenever an event touches its partner: from where a deal's outcome changed on, or anew; what is
closed is what its closing event says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.statement import StatementInputs
from domain.commission_period.events import CommissionPeriodClosed, CommissionPeriodEvent
from domain.conflict_case.events import CaseEvent
from domain.deal_registration.events import RegistrationEvent
from domain.direct_deal.events import DirectEvent
from domain.entered_adjustment.events import AdjustmentEntered
from domain.ids import PartnerId, Position, ProgrammeId, RegistrationId
from domain.partner.events import PartnerEvent
from domain.programme.events import ExchangeRatePublished, SpiffEnded, SpiffPublished, TermsPublished
from projections.changes import Change, Delete, Upsert, execute
from projections.checkpoints import checkpoint_of
from projections.credits import outcomes_of_partners, registrations_touched, view_credits, view_credits_partners
from projections.projection import Logged
from projections.statement_going_on import CannotGoOn, GoingOn
from projections.statement_rows import Known, closed_row, load_known, with_closings
from projections.statement_standing import load_moved, load_standing
from projections.statement_tables import TABLES, view_statement_openings, view_statements
from projections.statement_walks import drawn, put_in_place
from projections.states import StatesAt

PARTNERS_AT_ONCE: Final = 100

RULES: Final = "programme"
"""The key of events that touch many partners at once: terms, exchange rates and SPIFFs."""

ForMany = TermsPublished | ExchangeRatePublished | SpiffPublished | SpiffEnded


async def load_inputs(
    connection: AsyncConnection,
    states: StatesAt,
    programme: ProgrammeId,
    generation: int,
    *,
    known: Mapping[PartnerId, Known],
    position: Position,
) -> dict[PartnerId, StatementInputs]:
    """All that these partners' statements follow from, as the views of this generation hold it at their position.

    A partner that is not enrolled at the position is left out.
    """
    rule_book = await states.programme_at(connection, programme, position)
    partners = await states.partners_at(connection, programme, known, position)
    credited = await outcomes_of_partners(connection, programme, generation, known)
    entered = await states.entered_at(connection, programme, partners, position)
    return {
        name: StatementInputs(
            programme=rule_book,
            partner=partner,
            outcomes=credited[name],
            closed=tuple(closing.event for closing in known[name].closings.values()),
            entered=entered.get(name, ()),
        )
        for name, partner in partners.items()
    }


@dataclass(frozen=True)
class Statements:
    """The following projection behind statements and their list."""

    states: StatesAt
    name: Final = "statements"
    question: Final = "What does each commission period state to each partner?"
    inline: Final = False
    tables: Final[tuple[Table, ...]] = TABLES
    reads: Final[tuple[str, ...]] = ("credits",)

    def key_of(self, event: Logged[object]) -> str | None:
        """The partner, the account whose deals may credit somebody else now, or the rules for all."""
        what = event.event
        if isinstance(what, PartnerEvent | CommissionPeriodEvent | AdjustmentEntered):
            return what.partner
        if isinstance(what, RegistrationEvent | CaseEvent | DirectEvent):
            return what.account
        return RULES if isinstance(what, ForMany) else None

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """State anew what is open for every partner that the events touch.

        Where they touch it by the outcomes of deals alone, from the first of these in credit order; else from nothing.
        When older events are tried again, this generation and that of `credits` stand later than they do.
        """
        stands_at = await checkpoint_of(connection, programme, self.name, generation)
        view = View(connection, programme, generation, max(events[-1].position, stands_at))
        changed = await registrations_touched(
            connection, programme, generation, first=events[0].position, last=view.position
        )
        anew = await self._touched(view, events)
        settled = {one.event.partner for one in events if isinstance(one.event, CommissionPeriodEvent)}
        partners = sorted(anew | settled | changed.keys())
        for start in range(0, len(partners), PARTNERS_AT_ONCE):
            some = partners[start : start + PARTNERS_AT_ONCE]
            going_on = {partner: changed[partner] for partner in some if partner in changed and partner not in anew}
            stuck = await self._go_on(view, going_on) if going_on else set()
            left = [partner for partner in some if partner in anew or partner in stuck]
            if left or not settled.isdisjoint(some):
                await self._state_anew(view, left, sorted(settled.intersection(some)), events)

    async def _touched(self, view: "View", events: Sequence[Logged[object]]) -> set[PartnerId]:
        """The partners that events touch by more than the outcomes of deals."""
        touched: set[PartnerId] = set()
        bases: set[str] = set()
        for recorded in events:
            event = recorded.event
            if isinstance(event, TermsPublished | SpiffPublished | SpiffEnded):
                touched |= await all_partners(view.connection, view.programme, view.generation)
            elif isinstance(event, ExchangeRatePublished):
                bases.add(event.base)
            elif isinstance(event, PartnerEvent | CommissionPeriodClosed | AdjustmentEntered):
                touched.add(event.partner)
        if bases:
            touched |= await partners_in(view.connection, view.programme, view.generation, bases)
        return touched

    async def _go_on(self, view: "View", changed: Mapping[PartnerId, set[RegistrationId]]) -> set[PartnerId]:
        """Take up the walks of these partners where their deals changed. Gives those for whom that is not enough."""
        rule_book = await self.states.programme_at(view.connection, view.programme, view.position)
        partners = await self.states.partners_at(view.connection, view.programme, changed, view.position)
        standing = await load_standing(view.connection, view.programme, view.generation, changed.keys())
        moved = await load_moved(view.connection, view.programme, view.generation, changed)
        stuck: set[PartnerId] = set()
        for name, partner in partners.items():
            if name not in standing:
                stuck.add(name)
                continue
            going_on = GoingOn(
                connection=view.connection,
                head=view.head,
                programme=rule_book,
                partner=partner,
                standing=standing[name],
                moved=moved[name],
            )
            try:
                await going_on.run()
            except CannotGoOn:
                stuck.add(name)
        return stuck

    async def _state_anew(
        self, view: "View", partners: Sequence[PartnerId], also: Sequence[PartnerId], events: Sequence[Logged[object]]
    ) -> None:
        """State everything open of these partners from nothing, and of others `also` what was closed or settled."""
        connection, head = view.connection, view.head
        found = await load_known(connection, view.programme, view.generation, [*partners, *also])
        known = {partner: with_closings(found[partner], partner, events) for partner in found}
        changes: list[Change] = [
            Upsert(view_statements, [closed_row(head, closing)])
            for partner in found
            for period, closing in known[partner].closings.items()
            if found[partner].closings.get(period) != closing
        ]
        inputs = await load_inputs(
            connection,
            self.states,
            view.programme,
            view.generation,
            known={partner: known[partner] for partner in partners},
            position=view.position,
        )
        for partner, given in inputs.items():
            of_partner = drawn(head, given)
            kept = {row["period"] for row in of_partner.heads} | known[partner].closings.keys()
            gone = [(*head.values(), partner, period) for period in sorted(found[partner].open_periods - kept)]
            changes += [Delete(view_statements, gone), Upsert(view_statements, of_partner.heads)]
            changes += await put_in_place(connection, head, partner, of_partner)
        await execute(connection, changes)


@dataclass(frozen=True, slots=True)
class View:
    """A generation that is brought to a position."""

    connection: AsyncConnection
    programme: ProgrammeId
    generation: int
    position: Position

    @property
    def head(self) -> dict[str, object]:
        """What each of its rows begins with."""
        return {"programme": self.programme, "generation": self.generation}


async def all_partners(connection: AsyncConnection, programme: ProgrammeId, generation: int) -> set[PartnerId]:
    """Every partner whose statements were ever looked at: from its enrolment on."""
    table = view_statement_openings.c
    found = select(table.partner).where(table.programme == programme, table.generation == generation)
    return {PartnerId(partner) for partner in await connection.scalars(found)}


async def partners_in(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, currencies: Iterable[str]
) -> set[PartnerId]:
    """Every partner that was ever credited by a deal whose value is in one of the currencies."""
    found = await connection.scalars(
        select(view_credits_partners.c.partner)
        .join(
            view_credits,
            and_(
                view_credits.c.programme == view_credits_partners.c.programme,
                view_credits.c.generation == view_credits_partners.c.generation,
                view_credits.c.registration == view_credits_partners.c.registration,
            ),
        )
        .where(
            view_credits.c.programme == programme,
            view_credits.c.generation == generation,
            view_credits.c.currency.in_(sorted(currencies)),
        )
        .distinct()
    )
    return {PartnerId(partner) for partner in found}
