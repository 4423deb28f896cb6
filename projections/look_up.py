"""Finding the rows of many keys in one statement that uses the index whatever the planner believes.

On PostgreSQL `IN` and `= ANY` are planned once and for all: a plan cached while the table was small scans the whole
programme. A lateral join with a limit leaves the planner no choice.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Row, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TextualSelect

from projections.changes import array_type, quoted

KEYS_PER_STATEMENT = 5_000


async def look_up(
    connection: AsyncConnection,
    table: Table,
    *,
    where: Mapping[str, object],
    by: Sequence[str],
    keys: Iterable[Sequence[object]],
    at_most: int = 1,
    columns: Sequence[str] | None = None,
) -> list[Row[tuple[object, ...]]]:
    """The table's rows that have `where`'s values and, in the columns `by`, one of the keys; `at_most` rows for each.

    `where` and `by` together must be the beginning of an index. Of a key's rows those come that are first by primary
    key. `columns` (default: all) are those wanted. On SQLite a key may not hold bytes.
    """
    distinct = list(dict.fromkeys(tuple(key) for key in keys))
    names = tuple(column.name for column in table.columns) if columns is None else tuple(columns)
    statement = look_up_statement(
        table, tuple(where), tuple(by), at_most=at_most, names=names, dialect=connection.dialect.name
    )
    rows: list[Row[tuple[object, ...]]] = []
    for start in range(0, len(distinct), KEYS_PER_STATEMENT):
        part = distinct[start : start + KEYS_PER_STATEMENT]
        parameters: dict[str, object] = {f"where_{name}": value for name, value in where.items()}
        if connection.dialect.name == "postgresql":
            parameters |= {f"key_{name}": [key[place] for key in part] for place, name in enumerate(by)}
        else:
            parameters["keys"] = json.dumps(part)
        rows.extend((await connection.execute(statement, parameters)).all())
    return rows


@lru_cache(maxsize=256)
def look_up_statement(
    table: Table, where: tuple[str, ...], by: tuple[str, ...], *, at_most: int, names: tuple[str, ...], dialect: str
) -> TextualSelect:
    """The look-up's statement for one database, giving the columns that are named."""
    columns = [table.c[name] for name in names]
    fixed = [f't."{name}" = :where_{name}' for name in where]
    if dialect == "postgresql":
        arrays = ", ".join(f"CAST(:key_{name} AS {array_type(table, name)})" for name in by)
        matched = " AND ".join([*fixed, *(f't."{name}" = k."{name}"' for name in by)])
        found = (
            f"SELECT {quoted(names, 't.')} FROM {table.name} AS t WHERE {matched}"
            f" ORDER BY {quoted_of(table, 't.')} LIMIT {int(at_most)}"
        )
        statement = (
            f"SELECT {quoted(names, 'r.')} FROM unnest({arrays}) AS k({quoted(by)}) CROSS JOIN LATERAL ({found}) AS r"
        )
    else:
        matched = " AND ".join(
            [*fixed, *(f"t.\"{name}\" = json_extract(k.value, '$[{place}]')" for place, name in enumerate(by))]
        )
        place = f'row_number() OVER (PARTITION BY k."key" ORDER BY {quoted_of(table, "t.")})'
        found = (
            f"SELECT {quoted(names, 't.')}, {place} AS place_of_row"
            f" FROM json_each(:keys) AS k CROSS JOIN {table.name} AS t WHERE {matched}"
        )
        statement = f"SELECT {quoted(names, 'r.')} FROM ({found}) AS r WHERE r.place_of_row <= {int(at_most)}"
    return text(statement).columns(*columns)


def quoted_of(table: Table, qualifier: str) -> str:
    """The primary key's columns of a table, quoted and qualified."""
    return quoted((column.name for column in table.primary_key.columns), qualifier)
