"""Which notices must partners get, in the order in which their causes were recorded?

A mailer reads them by position and remembers how far it came; so each is picked up in order and exactly once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent, evolve
from domain.account.notices import NOTICED, notices_of
from domain.ids import VENDOR, Instant, PartnerId, Position, ProgrammeId
from domain.lead import aggregate as leads
from domain.lead.events import LeadEvent
from domain.lead.notices import notices_of_lead
from domain.notice import Notice
from domain.recorded import Recorded, at_the_place_of
from projections.account_stories import account_of, accounts_of, events_by_account, stories
from projections.changes import Upsert, execute
from projections.metadata import metadata
from projections.projection import Logged, live_generation
from projections.states import StatesAt

OF_ONE_EVENT_AT_MOST: Final = 100

view_outbox = Table(
    "view_outbox",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="The notices for partners (empty: for the vendor's own staff), by the position of the event behind each; "
    "one event may have several.",
)
Index(
    "view_outbox_partner_idx",
    view_outbox.c.programme,
    view_outbox.c.generation,
    view_outbox.c.partner,
    view_outbox.c.position,
    view_outbox.c.number,
)

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Notice).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A notice in the outbox."""

    position: Position
    number: int
    recorded_at: Instant
    notice: Notice


async def list_notices(
    connection: AsyncConnection, programme: ProgrammeId, *, partner: PartnerId | None, after: int, limit: int
) -> list[Posted]:
    """The first notices after a position, in order; all those of one event together, so there may be a few more.

    To a partner its own are numbered by themselves: how many others are told the same is not its business.
    """
    generation = await live_generation(connection, programme, "outbox")
    rows = view_outbox.c
    statement = (
        select(rows.position, rows.number, rows.recorded_at, rows.body)
        .where(rows.programme == programme, rows.generation == generation)
        .order_by(rows.position, rows.number)
    )
    if partner is not None:
        statement = statement.where(rows.partner == partner)
    found = (await connection.execute(statement.where(rows.position > after).limit(limit))).all()
    if len(found) == limit:
        rest = statement.where(rows.position == found[-1].position, rows.number > found[-1].number)
        found = [*found, *(await connection.execute(rest.limit(OF_ONE_EVENT_AT_MOST))).all()]
    own = Counter[int]()
    posted: list[Posted] = []
    for row in found:
        own[row.position] += 1
        posted.append(
            Posted(
                position=Position(row.position),
                number=row.number if partner is None else own[row.position],
                recorded_at=Instant(row.recorded_at),
                notice=_decode(row.body),
            )
        )
    return posted


@dataclass(frozen=True)
class Outbox:
    """The following projection behind the outbox."""

    states: StatesAt
    name: Final = "outbox"
    question: Final = "Which notices must partners get, in which order?"
    inline: Final = False
    tables: Final[tuple[Table, ...]] = (view_outbox,)
    reads: Final[tuple[str, ...]] = ()

    def key_of(self, event: Logged[object]) -> str | None:
        """The account, or the lead."""
        return event.event.lead if isinstance(event.event, LeadEvent) else account_of(event.event)

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Write the notices that follow from the events; accounts without any are not even looked at."""
        head = {"programme": programme, "generation": generation}
        rows = [
            *await self._of_leads(connection, programme, head, events),
            *await self._of_accounts(connection, programme, head, events),
        ]
        await execute(connection, [Upsert(view_outbox, rows)] if rows else [])

    async def _of_leads(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        head: Mapping[str, object],
        events: Sequence[Logged[object]],
    ) -> list[dict[str, object]]:
        told = [at_the_place_of(event, event.event) for event in events if isinstance(event.event, LeadEvent)]
        if not told:
            return []
        touched = sorted({recorded.event.lead for recorded in told})
        known = dict(await self.states.leads_at(connection, programme, touched, Position(events[0].position - 1)))
        rows: list[dict[str, object]] = []
        for recorded in told:
            lead = leads.evolve(known.get(recorded.event.lead), recorded)
            known[lead.id] = lead
            rows += _rows(head, recorded, notices_of_lead(lead, recorded))
        return rows

    async def _of_accounts(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        head: Mapping[str, object],
        events: Sequence[Logged[object]],
    ) -> list[dict[str, object]]:
        if not any(isinstance(event.event, NOTICED) for event in events):
            return []
        concerned = {
            account
            for event in events
            if isinstance(event.event, (*NOTICED, AccountsMerged))
            for account in accounts_of(event.event)
        }
        by_account = {account: found for account, found in events_by_account(events).items() if account in concerned}
        before_all = Position(events[0].position - 1)
        known = await self.states.accounts_at(connection, programme, by_account, before_all)
        rows: list[dict[str, object]] = []
        for account_id, story in stories(by_account, known).items():
            account = story.before
            for recorded in story.events:
                account = evolve(account, recorded)
                if recorded.event.account == account_id:
                    rows += _rows(head, recorded, notices_of(account, recorded))
        return rows


def _rows(
    head: Mapping[str, object], recorded: Recorded[AccountEvent] | Recorded[LeadEvent], notices: Iterable[Notice]
) -> Iterator[dict[str, object]]:
    for number, notice in enumerate(notices, start=1):
        yield {
            **head,
            "position": recorded.position,
            "number": number,
            "partner": VENDOR if notice.partner is None else notice.partner,
            "recorded_at": recorded.recorded_at,
            "body": _encode(notice),
        }
