"""What does each commission period state to each partner?

Open periods are computed anew whenever an event touches their partner; a closed one is what its closing event says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table, and_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.statement import StatementInputs, open_statements
from domain.commission_period.events import CommissionPeriodEvent
from domain.conflict_case.events import CaseEvent
from domain.deal_registration.events import RegistrationEvent
from domain.direct_deal.events import DirectEvent
from domain.entered_adjustment.events import AdjustmentEntered
from domain.ids import PartnerId, Position, ProgrammeId
from domain.partner.events import PartnerEvent
from domain.programme.events import ExchangeRatePublished, SpiffEnded, SpiffPublished, TermsPublished
from projections.changes import Delete, Key, Upsert, execute
from projections.checkpoints import checkpoint_of
from projections.credits import outcomes_of_partners, partners_touched, view_credits, view_credits_partners
from projections.projection import Logged
from projections.statement_rows import Known, load_known, statement_row, view_statements, with_closings
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
    tables: Final[tuple[Table, ...]] = (view_statements,)
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

        When older events are tried again, this generation and that of `credits` stand later than they do.
        """
        stands_at = await checkpoint_of(connection, programme, self.name, generation)
        position = max(events[-1].position, stands_at)
        touched = await self._touched(connection, programme, generation, events, position)
        partners = sorted(touched)
        for start in range(0, len(partners), PARTNERS_AT_ONCE):
            some = partners[start : start + PARTNERS_AT_ONCE]
            found = await load_known(connection, programme, generation, some)
            known = {partner: with_closings(found[partner], partner, events) for partner in some}
            inputs = await load_inputs(connection, self.states, programme, generation, known=known, position=position)
            head = {"programme": programme, "generation": generation}
            stated: list[dict[str, object]] = []
            gone: list[Key] = []
            for partner, given in inputs.items():
                rows = list(_rows(head, given, known[partner], found[partner]))
                stated += rows
                kept = {row["period"] for row in rows}
                gone += [
                    (programme, generation, partner, period)
                    for period in sorted(known[partner].open_periods - kept - known[partner].closings.keys())
                ]
            await execute(connection, [Delete(view_statements, gone), Upsert(view_statements, stated)])

    async def _touched(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        generation: int,
        events: Sequence[Logged[object]],
        position: Position,
    ) -> set[PartnerId]:
        touched: set[PartnerId] = set()
        bases: set[str] = set()
        for recorded in events:
            event = recorded.event
            if isinstance(event, TermsPublished | SpiffPublished | SpiffEnded):
                touched |= await all_partners(connection, programme, generation)
            elif isinstance(event, ExchangeRatePublished):
                bases.add(event.base)
            elif isinstance(event, PartnerEvent | CommissionPeriodEvent | AdjustmentEntered):
                touched.add(event.partner)
        if bases:
            touched |= await partners_in(connection, programme, generation, bases)
        return touched | await partners_touched(
            connection, programme, generation, first=events[0].position, last=position
        )


def _rows(
    head: Mapping[str, object], inputs: StatementInputs, known: Known, found: Known
) -> Iterator[dict[str, object]]:
    """The rows of one partner that may have changed: the newly closed or acknowledged, and everything open."""
    for period, closing in known.closings.items():
        if found.closings.get(period) != closing:
            yield statement_row(head, closing.event.statement, closing)
    for statement in open_statements(inputs):
        yield statement_row(head, statement, None)


async def all_partners(connection: AsyncConnection, programme: ProgrammeId, generation: int) -> set[PartnerId]:
    """Every partner that was ever credited or has a statement."""
    named = [
        select(table.c.partner).where(table.c.programme == programme, table.c.generation == generation)
        for table in (view_credits_partners, view_statements)
    ]
    return {PartnerId(partner) for partner in await connection.scalars(union(*named))}


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
