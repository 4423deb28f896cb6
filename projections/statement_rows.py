"""The rows of statements: what is known of a partner's, what is written for closed ones, and how they are found."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Row, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.document import canonical_json, document_of
from domain.commission_period.after_closing import UNTOUCHED, AfterClosing, ClosedStatus, evolve_after, status_of
from domain.commission_period.events import AfterClosingEvent, CommissionPeriodClosed
from domain.ids import Instant, PartnerId, Position, ProgrammeId
from domain.recorded import at_the_place_of
from projections.look_up import look_up
from projections.projection import Logged, live_generation
from projections.statement_lines import NO_LINES, open_document
from projections.statement_tables import view_statements

PERIODS_OF_A_PARTNER_AT_MOST: Final = 10_000
LINES_DIGESTED_IN_A_LIST: Final = 1_000
"""A list works out the digest of an open statement with so many lines; of a longer one, who reads it does."""

StatementStatus = Literal["open"] | ClosedStatus

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
    rows = await _rows_of(connection, programme, generation, keys, "closing", "after", "closed_position", "closed_at")
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


async def load_open_periods(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, partners: Iterable[PartnerId]
) -> dict[PartnerId, set[str]]:
    """The open periods of these partners that have a row."""
    found: dict[PartnerId, set[str]] = {partner: set() for partner in partners}
    for row in await _rows_of(connection, programme, generation, found, "closed_position"):
        if row.closed_position is None:
            found[row.partner].add(row.period)
    return found


async def _rows_of(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, partners: Iterable[PartnerId], *columns: str
) -> Sequence[Row[Any]]:
    """The rows of these partners: partner, period, and these columns."""
    return await look_up(
        connection,
        view_statements,
        where={"programme": programme, "generation": generation},
        by=("partner",),
        keys=[(partner,) for partner in partners],
        at_most=PERIODS_OF_A_PARTNER_AT_MOST,
        columns=("partner", "period", *columns),
    )


def closed_row(head: Mapping[str, object], closing: Closing) -> dict[str, object]:
    """The row of a closed statement, exactly as it was closed."""
    statement = closing.event.statement
    document = document_of(statement, status="closed", position=0)
    return {
        **head,
        "partner": statement.partner,
        "period": statement.period,
        "status": closing.status,
        "currency": statement.currency,
        "totals": canonical_json(document["totals"]),
        "lines": len(statement.lines),
        "others": NO_LINES,
        "digest": closing.event.digest,
        "document": canonical_json({member: document[member] for member in STATED}),
        "closing": _encode(closing.event),
        "after": _encode(closing.after),
        "closed_position": closing.position,
        "closed_at": closing.recorded_at,
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

    `digest` is None where it was not worked out: in a list, of an open statement with too many lines.
    `closed_position` and `closed_at` are None while the period is open.
    """

    partner: PartnerId
    period: str
    status: StatementStatus
    currency: str
    totals: bytes
    digest: str | None
    document: bytes | None
    closed_position: Position | None
    closed_at: Instant | None


async def find_statement(
    connection: AsyncConnection, programme: ProgrammeId, partner: PartnerId, period: str
) -> StatementRow | None:
    """The statement's row; None for a period with nothing to state, which no row is kept for."""
    generation = await live_generation(connection, programme, "statements")
    rows = await look_up(
        connection,
        view_statements,
        where={"programme": programme, "generation": generation},
        by=("partner", "period"),
        keys=[(partner, period)],
        columns=(*SUMMARY, "document", "others"),
    )
    if not rows:
        return None
    row = dict(rows[0]._mapping)
    document = row["document"]
    if document is None:
        document = await open_document(connection, programme, generation, row)
    return _read(row, document)


def _read(row: Mapping[str, Any], document: bytes | None) -> StatementRow:
    """A row as it is read; the digest of an open statement is that of its document."""
    digest = row["digest"]
    if digest is None and document is not None:
        digest = hashlib.sha256(document).hexdigest()
    return StatementRow(**{name: row[name] for name in SUMMARY} | {"digest": digest, "document": document})


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
        select(*(columns[name] for name in (*SUMMARY, "lines", "others")))
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
    listed = []
    for row in (await connection.execute(statement)).mappings().all():
        document = None
        if row["closed_position"] is None and row["lines"] <= LINES_DIGESTED_IN_A_LIST:
            document = await open_document(connection, programme, generation, dict(row))
        listed.append(replace(_read(dict(row), document), document=None))
    return listed
