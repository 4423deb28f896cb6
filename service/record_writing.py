"""Writing a batch: one statement on PostgreSQL, a few on SQLite; in both, nothing unless the head is still the old one.

The head's row moves by compare-and-swap on revision, position and hash. On PostgreSQL everything else is written from
the same statement, guarded by the row that moved, so that it can stand alone in autocommit (the fast path) as well as
in a transaction that holds the head's lock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant, ProgrammeId
from projections.changes import behind, execute, merge, postgresql_statement, prepared
from projections.driver import fetch, is_direct
from projections.packing import Columns, Kind, expression, pack
from service.chain import EventRow
from service.event_store import Head
from service.record_look_up import StoredRequest
from service.work import DeliveryRow, RequestKey, SideRow

RecordColumns = tuple[tuple[str, Kind], ...]

EVENT_COLUMNS: Final[RecordColumns] = (
    ("position", "BIGINT"),
    ("stream", "TEXT"),
    ("version", "BIGINT"),
    ("type", "TEXT"),
    ("body", "BYTEA"),
    ("recorded_at", "BIGINT"),
    ("actor", "TEXT"),
    ("cause", "TEXT"),
    ("hash", "BYTEA"),
)
DELIVERY_COLUMNS: Final[RecordColumns] = (
    ("source", "TEXT"),
    ("delivery_id", "TEXT"),
    ("arrival", "BIGINT"),
    ("received_at", "BIGINT"),
    ("body", "BYTEA"),
    ("body_hash", "BYTEA"),
    ("headers", "TEXT"),
    ("outcome", "TEXT"),
    ("reason", "TEXT"),
    ("errors", "TEXT"),
    ("position", "BIGINT"),
    ("waits_for", "TEXT"),
    ("registration", "TEXT"),
    ("answer", "BYTEA"),
)
RIVAL_COLUMNS: Final[RecordColumns] = (
    ("source", "TEXT"),
    ("delivery_id", "TEXT"),
    ("body_hash", "BYTEA"),
    ("received_at", "BIGINT"),
    ("body", "BYTEA"),
    ("headers", "TEXT"),
)
REQUEST_COLUMNS: Final[RecordColumns] = (
    ("api_key", "TEXT"),
    ("idempotency_key", "TEXT"),
    ("request_hash", "BYTEA"),
    ("answer", "BYTEA"),
    ("created", "BOOLEAN"),
    ("position", "BIGINT"),
    ("recorded_at", "BIGINT"),
    ("stored_at", "BIGINT"),
)
KNOWN_AGAIN: Final = (
    " ON CONFLICT (programme, source, delivery_id) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason,"
    " errors = excluded.errors, position = excluded.position, waits_for = excluded.waits_for,"
    " registration = excluded.registration, answer = excluded.answer"
)
"""A parked delivery gets its new outcome; when and as what it arrived stays."""
KEPT_ALREADY: Final = " ON CONFLICT (programme, source, delivery_id, body_hash) DO NOTHING"

MOVE_HEAD: Final = (
    "UPDATE record_heads SET revision = :new_revision, position = :new_position, hash = :new_hash,"
    " recorded_at = :new_recorded_at WHERE programme = :programme AND revision = :old_revision"
    " AND position = :old_position AND hash = :old_hash"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """All that a batch writes, in one go. `deliveries` come with their order of arrival."""

    programme: ProgrammeId
    old: Head
    new: Head
    events: Sequence[EventRow]
    deliveries: Sequence[tuple[int, DeliveryRow]]
    rivals: Sequence[DeliveryRow]
    requests: Sequence[tuple[RequestKey, StoredRequest, Instant]]
    side_rows: Sequence[SideRow]


async def write_batch(connection: AsyncConnection, writing: Writing) -> bool:
    """Writes the batch if the head is still the old one; otherwise writes nothing and gives False."""
    if connection.dialect.name == "postgresql":
        return await write_in_one_statement(connection, writing)
    return await write_on_sqlite(connection, writing)


async def write_in_one_statement(connection: AsyncConnection, writing: Writing) -> bool:
    """The whole batch as one PostgreSQL statement."""
    parts = [f"WITH h AS ({MOVE_HEAD} RETURNING 1)"]
    parameters = head_parameters(writing)
    for letter, table, columns, conflict, rows in record_rows(writing):
        packed, packed_parameters = pack(columns, zip(*rows, strict=True), f"{letter}_")
        parameters.update(packed_parameters)
        parts.append(f"{letter} AS ({insert_text(letter, table, packed, conflict)})")
    for place, change in enumerate(merge(writing.side_rows)):
        statement = postgresql_statement(change, prefix=f"v{place}_", guard="h")
        parameters.update(statement.parameters)
        parts.append(f"v{place} AS ({statement.text})")
    whole = ", ".join(parts) + " SELECT count(*) AS moved FROM h"
    if is_direct(connection):
        moved = (await fetch(connection, whole, parameters))[0]["moved"]
    else:
        moved = await connection.scalar(prepared(whole), parameters)
    return bool(moved == 1)


async def write_on_sqlite(connection: AsyncConnection, writing: Writing) -> bool:
    """The batch inside the write transaction that is the head's lock on SQLite."""
    moved = await connection.execute(text(MOVE_HEAD), head_parameters(writing))
    if moved.rowcount != 1:
        return False
    for _, table, columns, conflict, rows in record_rows(writing):
        await connection.exec_driver_sql(
            sqlite_insert_text(table, columns, conflict), [(writing.programme, *row) for row in rows]
        )
    await execute(connection, writing.side_rows)
    return True


def sqlite_insert_text(table: str, columns: RecordColumns, conflict: str) -> str:
    """An INSERT of many rows for SQLite."""
    names = ", ".join(name for name, _ in columns)
    marks = ", ".join("?" for _ in columns)
    return f"INSERT INTO {table} (programme, {names}) VALUES (?, {marks}){conflict}"


async def write_events(connection: AsyncConnection, programme: ProgrammeId, events: Sequence[EventRow]) -> None:
    """Writes the first events of a batch alone, in a transaction that holds the head's lock; the head moves later."""
    if connection.dialect.name == "postgresql":
        packed, parameters = pack(EVENT_COLUMNS, zip(*events, strict=True), "e_")
        statement = insert_text("e", "record_events", packed, "", guard="")
        await connection.execute(prepared(statement), {**parameters, "programme": programme})
    else:
        await connection.exec_driver_sql(
            sqlite_insert_text("record_events", EVENT_COLUMNS, ""), [(programme, *row) for row in events]
        )


def head_parameters(writing: Writing) -> dict[str, object]:
    """The compare-and-swap's parameters."""
    old, new = writing.old, writing.new
    return {
        "programme": writing.programme,
        "old_revision": old.revision,
        "old_position": old.position,
        "old_hash": old.hash,
        "new_revision": new.revision,
        "new_position": new.position,
        "new_hash": new.hash,
        "new_recorded_at": new.recorded_at,
    }


def record_rows(writing: Writing) -> Iterable[tuple[str, str, RecordColumns, str, list[tuple[object, ...]]]]:
    """The rows of the record's tables, each with a letter for its part of the statement; empty ones are left out."""
    if writing.events:
        yield "e", "record_events", EVENT_COLUMNS, "", list(writing.events)
    if writing.deliveries:
        yield "d", "record_deliveries", DELIVERY_COLUMNS, KNOWN_AGAIN, [delivery_values(*d) for d in writing.deliveries]
    if writing.rivals:
        yield "w", "record_delivery_rivals", RIVAL_COLUMNS, KEPT_ALREADY, [rival_values(r) for r in writing.rivals]
    if writing.requests:
        yield (
            "r",
            "record_requests",
            REQUEST_COLUMNS,
            "",
            [(key.api_key_id, key.idempotency_key, *stored, stored_at) for key, stored, stored_at in writing.requests],
        )


def delivery_values(arrival: int, row: DeliveryRow) -> tuple[object, ...]:
    """A delivery in the order of `DELIVERY_COLUMNS`."""
    return (
        row.source,
        row.delivery_id,
        arrival,
        row.received_at,
        row.body,
        row.body_hash,
        row.headers,
        row.outcome,
        row.reason,
        row.errors,
        row.position,
        row.waits_for,
        row.registration,
        row.answer,
    )


def rival_values(row: DeliveryRow) -> tuple[object, ...]:
    """A delivery in the order of `RIVAL_COLUMNS`."""
    return (row.source, row.delivery_id, row.body_hash, row.received_at, row.body, row.headers)


@lru_cache(maxsize=256)
def insert_text(letter: str, table: str, columns: Columns, conflict: str, guard: str = "h") -> str:
    """An INSERT of many rows that writes nothing unless the head moved, or without a guard whatever happens."""
    prefix = f"{letter}_"
    names = ", ".join(column.name for column in columns)
    picked = ", ".join(expression(column, prefix) for column in columns)
    return (
        f"INSERT INTO {table} (programme, {names}) SELECT CAST(:programme AS TEXT), {picked}"
        f" FROM {behind(guard, columns, prefix)}{conflict}"
    )
