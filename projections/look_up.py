"""Finding the rows of many keys in one statement that uses the index whatever the planner believes.

On PostgreSQL `IN` and `= ANY` are planned once and for all: a plan cached while the table was small scans the whole
programme. A lateral join with a limit leaves the planner no choice.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Row, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TextualSelect

from projections.changes import column_names, kinds_of, quoted
from projections.driver import fetch, is_direct
from projections.packing import Columns, expression, pack, source

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
    rows: list[Row[tuple[object, ...]]] = []
    for wanted, packed, parameters in _asked(
        connection, table, where=where, by=by, keys=keys, at_most=at_most, columns=columns
    ):
        statement = sqlite_look_up(wanted) if packed is None else postgresql_look_up(wanted, packed)
        rows.extend((await connection.execute(statement, parameters)).all())
    return rows


class Question(NamedTuple):
    """A look-up of texts: by the columns `by` of a table, for some keys; `names` are the columns wanted."""

    table: Table
    where: Mapping[str, object]
    by: tuple[str, ...]
    keys: Sequence[Sequence[object]]
    at_most: int
    names: tuple[str, ...]


Texts = Sequence[str]
"""A row of texts: the columns that were wanted, in their order."""


async def look_up_texts(connection: AsyncConnection, questions: Sequence[Question]) -> list[list[Texts]]:
    """The rows that answer each question, as `look_up` finds them; in one trip where the connection allows it."""
    if not is_direct(connection) or any(len(question.keys) > KEYS_PER_STATEMENT for question in questions):
        return [await _texts(connection, question) for question in questions]
    parts: list[tuple[Wanted, Columns]] = []
    parameters: dict[str, object] = {}
    for place, question in enumerate(questions):
        keys = list(dict.fromkeys(map(tuple, question.keys)))
        packed, of_keys = pack(kinds_of(question.table, question.by), zip(*keys, strict=True), f"key{place}_")
        parameters |= of_keys
        parameters |= {f"where{place}_{name}": value for name, value in question.where.items()}
        wanted = Wanted(question.table, tuple(question.where), question.by, question.at_most, question.names)
        parts.append((wanted, packed))
    answers: list[list[Texts]] = [[] for _ in questions]
    for row in await fetch(connection, postgresql_union(tuple(parts)), parameters):
        place, *texts = row.values()
        answers[place].append(texts[: len(questions[place].names)])
    return answers


async def _texts(connection: AsyncConnection, question: Question) -> list[Texts]:
    table, where, by, keys, at_most, names = question
    found = await look_up(connection, table, where=where, by=by, keys=keys, at_most=at_most, columns=names)
    return [tuple(map(str, row)) for row in found]


def _asked(
    connection: AsyncConnection,
    table: Table,
    *,
    where: Mapping[str, object],
    by: Sequence[str],
    keys: Iterable[Sequence[object]],
    at_most: int,
    columns: Sequence[str] | None = None,
) -> Iterator[tuple["Wanted", Columns | None, dict[str, object]]]:
    """What to ask in each statement, and its parameters; on PostgreSQL with the columns of the keys."""
    distinct = list(dict.fromkeys(tuple(key) for key in keys))
    names = column_names(table) if columns is None else tuple(columns)
    wanted = Wanted(table, tuple(where), tuple(by), at_most, names)
    fixed: dict[str, object] = {f"where_{name}": value for name, value in where.items()}
    for start in range(0, len(distinct), KEYS_PER_STATEMENT):
        part = distinct[start : start + KEYS_PER_STATEMENT]
        if connection.dialect.name == "postgresql":
            packed, parameters = pack(kinds_of(table, wanted.by), zip(*part, strict=True), "key_")
            yield wanted, packed, fixed | parameters
        else:
            yield wanted, None, fixed | {"keys": json.dumps(part)}


class Wanted(NamedTuple):
    """What is looked up: `names` are the columns wanted, `where` and `by` those that are compared."""

    table: Table
    where: tuple[str, ...]
    by: tuple[str, ...]
    at_most: int
    names: tuple[str, ...]

    def fixed(self, place: int | str = "") -> list[str]:
        """The comparisons that hold for every key."""
        return [f't."{name}" = :where{place}_{name}' for name in self.where]

    def statement(self, sql: str) -> TextualSelect:
        """The statement, which gives the columns that are named."""
        return text(sql).columns(*(self.table.c[name] for name in self.names))


@lru_cache(maxsize=512)
def postgresql_look_up(wanted: Wanted, keys: Columns) -> TextualSelect:
    """The look-up's statement for PostgreSQL."""
    return wanted.statement(postgresql_text(wanted, keys))


def postgresql_text(wanted: Wanted, keys: Columns, place: int | str = "") -> str:
    """Its text. `place` tells its parameters from those of other look-ups in one statement."""
    table, names, key = wanted.table, wanted.names, f"key{place}_"
    matched = " AND ".join([*wanted.fixed(place), *(f't."{name.name}" = {expression(name, key)}' for name in keys)])
    found = (
        f"SELECT {quoted(names, 't.')} FROM {table.name} AS t WHERE {matched}"
        f" ORDER BY {quoted_of(table, 't.')} LIMIT {int(wanted.at_most)}"
    )
    return f"SELECT {quoted(names, 'r.')} FROM {source(keys, key)} CROSS JOIN LATERAL ({found}) AS r"


@lru_cache(maxsize=512)
def postgresql_union(parts: tuple[tuple[Wanted, Columns], ...]) -> str:
    """Several look-ups of texts as one statement: each row begins with the place of the question that it answers."""
    width = max(len(wanted.names) for wanted, _ in parts)
    answers = []
    for place, (wanted, keys) in enumerate(parts):
        texts = [f'a."{name}"' for name in wanted.names]
        texts += ["CAST(NULL AS TEXT)"] * (width - len(texts))
        answers.append(f"SELECT {place}, {', '.join(texts)} FROM ({postgresql_text(wanted, keys, place)}) AS a")
    return " UNION ALL ".join(answers)


@lru_cache(maxsize=512)
def sqlite_look_up(wanted: Wanted) -> TextualSelect:
    """The look-up's statement for SQLite."""
    table, names = wanted.table, wanted.names
    matched = " AND ".join(
        [
            *wanted.fixed(),
            *(f"t.\"{name}\" = json_extract(k.value, '$[{place}]')" for place, name in enumerate(wanted.by)),
        ]
    )
    place = f'row_number() OVER (PARTITION BY k."key" ORDER BY {quoted_of(table, "t.")})'
    found = (
        f"SELECT {quoted(names, 't.')}, {place} AS place_of_row"
        f" FROM json_each(:keys) AS k CROSS JOIN {table.name} AS t WHERE {matched}"
    )
    return wanted.statement(
        f"SELECT {quoted(names, 'r.')} FROM ({found}) AS r WHERE r.place_of_row <= {int(wanted.at_most)}"
    )


def quoted_of(table: Table, qualifier: str) -> str:
    """The primary key's columns of a table, quoted and qualified."""
    return quoted((column.name for column in table.primary_key.columns), qualifier)
