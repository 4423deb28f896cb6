"""Which notices must partners get, in the order in which their causes were recorded?

A mailer reads them by position and remembers how far it came; so each is picked up in order and exactly once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent, evolve
from domain.account.notices import NOTICED, Notice, notices_of
from domain.ids import Instant, PartnerId, Position, ProgrammeId
from domain.recorded import Recorded
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
    comment="The notices for partners, by the position of the event behind each; one event may have several.",
)
Index(
    "view_outbox_partner_idx",
    view_outbox.c.programme,
    view_outbox.c.generation,
    view_outbox.c.partner,
    view_outbox.c.position,
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
    """The first notices after a position, in order; all those of one event together, so there may be a few more."""
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
    return [
        Posted(
            position=Position(row.position),
            number=row.number,
            recorded_at=Instant(row.recorded_at),
            notice=_decode(row.body),
        )
        for row in found
    ]


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
        """The account."""
        return account_of(event.event)

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Write the notices that follow from the events; accounts without any are not even looked at."""
        if not any(isinstance(event.event, NOTICED) for event in events):
            return
        concerned = {
            account
            for event in events
            if isinstance(event.event, (*NOTICED, AccountsMerged))
            for account in accounts_of(event.event)
        }
        by_account = {account: found for account, found in events_by_account(events).items() if account in concerned}
        before_all = Position(events[0].position - 1)
        known = await self.states.accounts_at(connection, programme, by_account, before_all)
        head = {"programme": programme, "generation": generation}
        rows: list[dict[str, object]] = []
        for account_id, story in stories(by_account, known).items():
            account = story.before
            for recorded in story.events:
                account = evolve(account, recorded)
                if recorded.event.account == account_id:
                    rows += _rows(head, recorded, notices_of(account, recorded))
        await execute(connection, [Upsert(view_outbox, rows)] if rows else [])


def _rows(
    head: Mapping[str, object], recorded: Recorded[AccountEvent], notices: Iterable[Notice]
) -> Iterator[dict[str, object]]:
    for number, notice in enumerate(notices, start=1):
        yield {
            **head,
            "position": recorded.position,
            "number": number,
            "partner": notice.partner,
            "recorded_at": recorded.recorded_at,
            "body": _encode(notice),
        }
