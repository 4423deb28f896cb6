"""Rows to write into views, and how both databases write many of them at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String, Table, bindparam, text
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Delete as DeleteStatement
from sqlalchemy.sql import TextClause

from projections.packing import Columns, Kind, expression, pack, source

Row = Mapping[str, object]
Key = tuple[object, ...]

ROWS_PER_STATEMENT = 5_000

KINDS: Final[tuple[tuple[type, Kind], ...]] = (
    (String, "TEXT"),
    (BigInteger, "BIGINT"),
    (Integer, "INTEGER"),
    (LargeBinary, "BYTEA"),
    (Boolean, "BOOLEAN"),
)
"""The column types that views may use: those that mean the same on every database."""
SHARED: Final[dict[str, Kind]] = {"programme": "SHARED TEXT", "generation": "SHARED INTEGER"}


class Upsert(NamedTuple):
    """Rows to insert, or to put in the place of those with the same primary key. A row states every column."""

    table: Table
    rows: Sequence[Row]


class Delete(NamedTuple):
    """Primary keys whose rows go, each in the order of the primary key's columns. A missing row is no error."""

    table: Table
    keys: Sequence[Key]


Change = Upsert | Delete


@dataclass(frozen=True, slots=True)
class Statement:
    """One PostgreSQL statement for many rows: its text with `:name` parameters, and those."""

    text: str
    parameters: dict[str, object]


@lru_cache(maxsize=512)
def key_columns(table: Table) -> tuple[str, ...]:
    """The primary key's columns, in order."""
    return tuple(column.name for column in table.primary_key.columns)


@lru_cache(maxsize=512)
def key_of(table: Table) -> Callable[[Row], Key]:
    """Reads a row's primary key."""
    return values_of(key_columns(table))


def values_of(names: tuple[str, ...]) -> Callable[[Row], tuple[object, ...]]:
    """Reads these columns of a row."""
    if len(names) == 1:
        return lambda row: (row[names[0]],)
    return itemgetter(*names)


@lru_cache(maxsize=512)
def kinds_of(table: Table, names: tuple[str, ...]) -> tuple[tuple[str, Kind], ...]:
    """These columns of a table, each with what it holds."""
    return tuple((name, _kind_of(table, name)) for name in names)


def _kind_of(table: Table, name: str) -> Kind:
    of_column = table.c[name].type
    for python_type, kind in KINDS:
        if isinstance(of_column, python_type):
            return SHARED.get(name, kind)
    raise TypeError(f"{table.name}.{name} has a type that views do not use: {of_column!r}")


@lru_cache(maxsize=512)
def column_names(table: Table) -> tuple[str, ...]:
    """All columns of a table."""
    return tuple(column.name for column in table.columns)


def merge(changes: Iterable[Change]) -> list[Change]:
    """The same effect with every primary key named once: the last change of a key wins, deletions come first.

    PostgreSQL refuses the same key twice in one upsert (21000).
    """
    last: dict[Table, dict[Key, Row | None]] = {}
    upserted: dict[Table, list[Row]] = {}
    for change in changes:
        if isinstance(change, Delete):
            rows = last.setdefault(change.table, {})
            rows.update(_by_key(change.table, upserted.pop(change.table, ())))
            rows.update(dict.fromkeys(change.keys))
        else:
            upserted.setdefault(change.table, []).extend(change.rows)
    for table, kept in upserted.items():
        last.setdefault(table, {}).update(_by_key(table, kept))
    merged: list[Change] = []
    for table, rows in last.items():
        if gone := [key for key, row in rows.items() if row is None]:
            merged.append(Delete(table, gone))
    for table, rows in last.items():
        if kept := [row for row in rows.values() if row is not None]:
            merged.append(Upsert(table, kept))
    return merged


def _by_key(table: Table, rows: Sequence[Row]) -> Iterable[tuple[Key, Row]]:
    return zip(map(key_of(table), rows), rows, strict=True)


async def execute(connection: AsyncConnection, changes: Iterable[Change]) -> None:
    """Write the changes, merged, with one statement per table and kind (for each ROWS_PER_STATEMENT of its rows)."""
    for change in merge(changes):
        for part in split(change):
            if connection.dialect.name == "postgresql":
                statement = postgresql_statement(part)
                await connection.execute(prepared(statement.text), statement.parameters)
            elif isinstance(part, Delete):
                names = ["key_" + name for name in key_columns(part.table)]
                await connection.execute(
                    sqlite_delete(part.table), [dict(zip(names, key, strict=True)) for key in part.keys]
                )
            else:
                await connection.execute(sqlite_upsert(part.table), [dict(row) for row in part.rows])


def split(change: Change) -> Iterable[Change]:
    """The change in parts of at most ROWS_PER_STATEMENT rows."""
    if isinstance(change, Delete):
        for start in range(0, len(change.keys), ROWS_PER_STATEMENT):
            yield Delete(change.table, change.keys[start : start + ROWS_PER_STATEMENT])
    else:
        for start in range(0, len(change.rows), ROWS_PER_STATEMENT):
            yield Upsert(change.table, change.rows[start : start + ROWS_PER_STATEMENT])


def postgresql_statement(change: Change, *, prefix: str = "", guard: str = "") -> Statement:
    """The merged change as one PostgreSQL statement over `unnest`, parameters named `<prefix><column>`.

    `guard` names a CTE: nothing is written unless it gives a row, so that the statement can stand in a larger one.
    """
    if isinstance(change, Delete):
        kinds = kinds_of(change.table, key_columns(change.table))
        columns, parameters = pack(kinds, zip(*change.keys, strict=True), prefix)
        return Statement(delete_text(change.table, columns, prefix, guard), parameters)
    names = column_names(change.table)
    values = map(values_of(names), change.rows)
    columns, parameters = pack(kinds_of(change.table, names), zip(*values, strict=True), prefix)
    return Statement(upsert_text(change.table, columns, prefix, guard), parameters)


@lru_cache(maxsize=1_024)
def upsert_text(table: Table, columns: Columns, prefix: str, guard: str) -> str:
    """INSERT … SELECT FROM unnest(…) ON CONFLICT (primary key) for all columns of the table."""
    keys = key_columns(table)
    names = [column.name for column in columns]
    assigned = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
    return (
        f"INSERT INTO {table.name} ({quoted(names)})"
        f" SELECT {', '.join(expression(column, prefix) for column in columns)} FROM {behind(guard, columns, prefix)}"
        f" ON CONFLICT ({quoted(keys)}) DO {'UPDATE SET ' + assigned if assigned else 'NOTHING'}"
    )


@lru_cache(maxsize=1_024)
def delete_text(table: Table, columns: Columns, prefix: str, guard: str) -> str:
    """DELETE … USING unnest(…) by the primary key of the table."""
    matched = " AND ".join(f't."{column.name}" = {expression(column, prefix)}' for column in columns)
    return f"DELETE FROM {table.name} AS t USING {behind(guard, columns, prefix)} WHERE {matched}"


def behind(guard: str, columns: Columns, prefix: str) -> str:
    """The rows of a statement as a FROM item `u`, behind the guard when there is one."""
    return f"{guard + ', ' if guard else ''}{source(columns, prefix)}"


def quoted(names: Iterable[str], qualifier: str = "") -> str:
    """Column names for a statement, quoted, because `position` and `key` are words of SQL too."""
    return ", ".join(f'{qualifier}"{name}"' for name in names)


@lru_cache(maxsize=512)
def prepared(statement: str) -> TextClause:
    """The statement, parsed once."""
    return text(statement)


@lru_cache(maxsize=512)
def sqlite_upsert(table: Table) -> SqliteInsert:
    """The same upsert for SQLite, to be executed with many rows."""
    keys = key_columns(table)
    statement = sqlite_insert(table)
    assigned = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    if not assigned:
        return statement.on_conflict_do_nothing(index_elements=list(keys))
    return statement.on_conflict_do_update(index_elements=list(keys), set_=assigned)


@lru_cache(maxsize=512)
def sqlite_delete(table: Table) -> DeleteStatement:
    """The same deletion for SQLite, to be executed with many keys."""
    return delete_from(table).where(*(table.c[name] == bindparam("key_" + name) for name in key_columns(table)))
