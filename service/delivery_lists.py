"""Webhooks' deliveries as people look at them: in order of arrival, and each with all that is kept of it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import ProgrammeId
from service.chain import EventRow
from service.event_store import read_events
from service.record_look_up import find_deliveries
from service.schema import record_deliveries, record_delivery_rivals
from service.work import DeliveryRow, cause_of_delivery

CAUSED_AT_MOST = 1_000
"""So many events before a delivery's last one are looked at for those that it caused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A delivery and its place in the order of arrival."""

    arrival: int
    row: DeliveryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """What else came under a delivery's id."""

    received_at: int
    body_hash: bytes
    body: bytes | None


async def list_deliveries(
    connection: AsyncConnection,
    programme: ProgrammeId,
    *,
    source: str | None,
    outcome: str | None,
    after: int,
    limit: int,
) -> list[Arrived]:
    """The deliveries after a place in the order of arrival, without their bodies."""
    columns = record_deliveries.c
    shown = [column for column in columns if column.name not in ("programme", "body", "headers", "answer")]
    statement = (
        select(*shown)
        .where(columns.programme == programme, columns.arrival > after)
        .order_by(columns.arrival)
        .limit(limit)
    )
    if source is not None:
        statement = statement.where(columns.source == source)
    if outcome is not None:
        statement = statement.where(columns.outcome == outcome)
    arrived = []
    for found in await connection.execute(statement):
        kept = dict(found._mapping)
        arrival = kept.pop("arrival")
        arrived.append(Arrived(arrival=arrival, row=DeliveryRow(body=None, headers="{}", **kept)))
    return arrived


async def find_delivery(
    connection: AsyncConnection, programme: ProgrammeId, source: str, delivery_id: str
) -> DeliveryRow | None:
    """One delivery with all that is kept of it."""
    name = (source, delivery_id)
    return (await find_deliveries(connection, programme, [name])).get(name)


async def rivals_of(connection: AsyncConnection, programme: ProgrammeId, source: str, delivery_id: str) -> list[Rival]:
    """What else came under this id, in order of arrival."""
    columns = record_delivery_rivals.c
    statement = (
        select(columns.received_at, columns.body_hash, columns.body)
        .where(columns.programme == programme, columns.source == source, columns.delivery_id == delivery_id)
        .order_by(columns.received_at)
    )
    rows = await connection.execute(statement)
    return [Rival(received_at=row.received_at, body_hash=row.body_hash, body=row.body) for row in rows]


async def caused_by(connection: AsyncConnection, programme: ProgrammeId, row: DeliveryRow) -> list[EventRow]:
    """The events that a delivery caused: they end at its position and follow on each other."""
    if row.position is None:
        return []
    cause = cause_of_delivery(row.source, row.delivery_id, row.body_hash)
    before = await read_events(
        connection,
        programme,
        after=max(0, row.position - CAUSED_AT_MOST),
        up_to=row.position,
        at_most=CAUSED_AT_MOST,
    )
    return [event for event in before if event.cause == cause]
