"""The rows of statements: what is written for open and for closed ones, and how they are found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.document import canonical_json, document_of
from domain.commission.lines import Statement
from domain.commission_period.after_closing import UNTOUCHED, AfterClosing, ClosedStatus, evolve_after, status_of
from domain.commission_period.events import AfterClosingEvent, CommissionPeriodClosed
from domain.ids import Instant, PartnerId, Position, ProgrammeId
from domain.recorded import at_the_place_of
from projections.look_up import look_up
from projections.metadata import metadata
from projections.projection import Logged, live_generation

PERIODS_OF_A_PARTNER_AT_MOST: Final = 10_000

StatementStatus = Literal["open"] | ClosedStatus

view_statements = Table(
    "view_statements",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("totals", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("closing", LargeBinary),
    Column("after", LargeBinary),
    Column("closed_position", BigInteger),
    Column("closed_at", BigInteger),
    comment="Each statement that states something, and each closed one; `document` is what its digest covers, `after` "
    "what people did to it since it was closed.",
)
Index(
    "view_statements_period_idx",
    view_statements.c.programme,
    view_statements.c.generation,
    view_statements.c.period,
    view_statements.c.partner,
)

STATED: Final = ("partner", "period", "currency", "lines", "adjustments", "totals")
SUMMARY: Final = ("partner", "period", "status", "currency", "totals", "digest", "closed_position", "closed_at")

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(CommissionPeriodClosed).decode
_decode_after = msgspec.json.Decoder(AfterClosing).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A closed statement: its event, where and when it was recorded, and what people did to it since."""

    event: CommissionPeriodClosed
    position: Position
    recorded_at: Instant
    after: AfterClosing

    @property
    def status(self) -> ClosedStatus:
        """Where the statement is in its life."""
        return status_of(self.after, self.event.statement.totals.payable_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the view holds of one partner: the open periods that have a row, and the closed ones."""

    open_periods: frozenset[str]
    closings: Mapping[str, Closing]


async def load_known(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, partners: Iterable[PartnerId]
) -> dict[PartnerId, Known]:
    """What the view holds of these partners; nothing is an empty `Known`."""
    keys = list(dict.fromkeys(partners))
    rows = await look_up(
        connection,
        view_statements,
        where={"programme": programme, "generation": generation},
        by=("partner",),
        keys=[(partner,) for partner in keys],
        at_most=PERIODS_OF_A_PARTNER_AT_MOST,
        columns=("partner", "period", "closing", "after", "closed_position", "closed_at"),
    )
    still_open: dict[PartnerId, set[str]] = {partner: set() for partner in keys}
    closings: dict[PartnerId, dict[str, Closing]] = {partner: {} for partner in keys}
    for row in rows:
        if row.closing is None:
            still_open[row.partner].add(row.period)
        else:
            closings[row.partner][row.period] = Closing(
                event=_decode(row.closing),
                position=row.closed_position,
                recorded_at=row.closed_at,
                after=_decode_after(row.after),
            )
    return {partner: Known(open_periods=frozenset(still_open[partner]), closings=closings[partner]) for partner in keys}


def statement_row(head: Mapping[str, object], statement: Statement, closing: Closing | None) -> dict[str, object]:
    """The row of an open statement, or of a closed one exactly as it was closed."""
    document = document_of(statement, status="open", position=0)
    return {
        **head,
        "partner": statement.partner,
        "period": statement.period,
        "status": "open" if closing is None else closing.status,
        "currency": statement.currency,
        "totals": canonical_json(document["totals"]),
        "digest": document["digest"] if closing is None else closing.event.digest,
        "document": canonical_json({member: document[member] for member in STATED}),
        "closing": None if closing is None else _encode(closing.event),
        "after": None if closing is None else _encode(closing.after),
        "closed_position": None if closing is None else closing.position,
        "closed_at": None if closing is None else closing.recorded_at,
    }


def with_closings(known: Known, partner: PartnerId, events: Iterable[Logged[object]]) -> Known:
    """What is known after the partner's closings, and what people did to them, among the events."""
    closings = dict(known.closings)
    for recorded in events:
        event = recorded.event
        if isinstance(event, CommissionPeriodClosed) and event.partner == partner:
            seen = closings.get(event.period)
            closings[event.period] = seen or Closing(
                event=event, position=recorded.position, recorded_at=recorded.recorded_at, after=UNTOUCHED
            )
        elif isinstance(event, AfterClosingEvent) and event.partner == partner:
            closing = closings[event.period]
            after = evolve_after(closing.after, at_the_place_of(recorded, event))
            closings[event.period] = replace(closing, after=after)
    return Known(open_periods=known.open_periods, closings=closings)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """A statement as it is read. `document` is the JSON that the digest covers, None where only a list was asked for.

    `closed_position` and `closed_at` are None while the period is open.
    """

    partner: PartnerId
    period: str
    status: StatementStatus
    currency: str
    totals: bytes
    digest: str
    document: bytes | None
    closed_position: Position | None
    closed_at: Instant | None


async def find_statement(
    connection: AsyncConnection, programme: ProgrammeId, partner: PartnerId, period: str
) -> StatementRow | None:
    """The statement's row; None for a period with nothing to state, which no row is kept for."""
    generation = await live_generation(connection, programme, "statements")
    found = await look_up(
        connection,
        view_statements,
        where={"programme": programme, "generation": generation},
        by=("partner", "period"),
        keys=[(partner, period)],
        columns=(*SUMMARY, "document"),
    )
    return StatementRow(**found[0]._mapping) if found else None


async def list_statements(
    connection: AsyncConnection,
    programme: ProgrammeId,
    *,
    partner: PartnerId | None = None,
    period: str | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int,
) -> list[StatementRow]:
    """Statements without their documents, in order of partner and period, after a (partner, period)."""
    generation = await live_generation(connection, programme, "statements")
    columns = view_statements.c
    statement = (
        select(*(columns[name] for name in SUMMARY))
        .where(
            columns.programme == programme,
            columns.generation == generation,
            tuple_(columns.partner, columns.period) > tuple_(literal(after[0]), literal(after[1])),
        )
        .order_by(columns.partner, columns.period)
        .limit(limit)
    )
    if partner is not None:
        statement = statement.where(columns.partner == partner)
    if period is not None:
        statement = statement.where(columns.period == period)
    return [StatementRow(document=None, **row._mapping) for row in await connection.execute(statement)]
