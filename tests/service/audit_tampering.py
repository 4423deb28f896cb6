"""What somebody with access to the tables or to an exported file could do, and undo the traces of."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from service.chain import EventRow, Tip, empty_log, extend
from service.database import read, write
from service.event_store import read_log
from tests.service.audit_history import PROGRAMME

INSERT = text(
    "INSERT INTO record_events (programme, position, stream, version, type, body, recorded_at, actor, cause, hash)"
    " VALUES (:programme, :position, :stream, :version, :type_name, :body, :recorded_at, :actor, :cause, :hash)"
)


async def rows_of(engine: AsyncEngine) -> list[EventRow]:
    """The log as it is stored."""
    return [row async for chunk in read_log(engine, PROGRAMME) for row in chunk]


async def run(engine: AsyncEngine, *statements: str, **values: object) -> None:
    """Raw SQL, in one transaction."""
    async with write(engine) as connection:
        for statement in statements:
            await connection.execute(text(statement), values)


async def overwrite(engine: AsyncEngine, rows: Sequence[EventRow]) -> None:
    """Put these rows in place of the log, and let the head fit."""
    async with write(engine) as connection:
        await connection.execute(text("DELETE FROM record_events"))
        await connection.execute(INSERT, [{"programme": PROGRAMME, **row._asdict()} for row in rows])
        last = rows[-1]
        await connection.execute(
            text("UPDATE record_heads SET position = :position, hash = :hash, recorded_at = :recorded_at"),
            {"position": last.position, "hash": last.hash, "recorded_at": last.recorded_at},
        )


def chained(rows: Sequence[EventRow]) -> list[EventRow]:
    """The rows with positions, versions and the whole chain computed anew: all that hashing can hide."""
    tip, versions, made = empty_log(PROGRAMME), dict[str, int](), []
    for row in rows:
        versions[row.stream] = versions.get(row.stream, 0) + 1
        link = extend(
            tip,
            programme=PROGRAMME,
            stream=row.stream,
            version=versions[row.stream],
            type_name=row.type_name,
            recorded_at=row.recorded_at,
            actor=row.actor,
            cause=row.cause,
            body=row.body,
        )
        made.append(link)
        tip = Tip(link.position, link.hash, link.recorded_at)
    return made


def edited(rows: Sequence[EventRow], position: int, change: Callable[[dict[str, Any]], None]) -> list[EventRow]:
    """The rows with one body changed, as JSON."""
    body = json.loads(rows[position - 1].body)
    change(body)
    changed = rows[position - 1]._replace(body=json.dumps(body, separators=(",", ":"), sort_keys=True).encode())
    return [*rows[: position - 1], changed, *rows[position:]]


def position_of(rows: Sequence[EventRow], type_name: str, *, nth: int = 0, holding: bytes = b"") -> int:
    """Where an event of this type stands whose body holds something."""
    return [row.position for row in rows if row.type_name == type_name and holding in row.body][nth]


async def table_rows(engine: AsyncEngine, table: str) -> list[dict[str, Any]]:
    """Every row of a table."""
    async with read(engine) as connection:
        return [dict(row._mapping) for row in await connection.execute(text(f"SELECT * FROM {table}"))]
