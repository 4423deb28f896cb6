"""Two generations of one view, compared row for row in any order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Table, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import ProgrammeId
from projections.changes import Key, key_columns
from projections.look_up import look_up

ROWS_PER_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what a rebuild says: `expected` is the rebuild's, `found` the live view's; None is no row."""

    table: str
    key: Mapping[str, object]
    expected: Mapping[str, object] | None
    found: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Pair:
    """The live generation of a table and its rebuilt one."""

    programme: ProgrammeId
    table: Table
    live: int
    rebuilt: int


async def differing_keys(connection: AsyncConnection, pair: Pair, at_most: int) -> list[Key]:
    """The keys (without programme and generation) whose rows differ or exist on one side only, at most so many."""
    names = own_key(pair.table)
    differing: list[Key] = []
    for generation in (pair.live, pair.rebuilt):
        last: Key | None = None
        while True:
            rows = await page(connection, pair, generation, last)
            if not rows:
                break
            last = key_of(rows[-1], names)
            keys = [key_of(row, names) for row in rows]
            differing.extend(found.key for found in await differences(connection, pair, keys))
            if len(set(differing)) >= at_most:
                return list(dict.fromkeys(differing))[:at_most]
    return list(dict.fromkeys(differing))


@dataclass(frozen=True, slots=True)
class Differing:
    """A key with its row on both sides."""

    key: Key
    live: Mapping[str, object] | None
    rebuilt: Mapping[str, object] | None


async def differences(connection: AsyncConnection, pair: Pair, keys: Sequence[Key]) -> list[Differing]:
    """Those of the keys whose rows differ now."""
    live = await rows_of(connection, pair, pair.live, keys)
    rebuilt = await rows_of(connection, pair, pair.rebuilt, keys)
    return [Differing(key, live.get(key), rebuilt.get(key)) for key in keys if live.get(key) != rebuilt.get(key)]


async def first_difference(connection: AsyncConnection, pair: Pair, keys: Iterable[Key]) -> Difference | None:
    """The first of the keys whose rows differ now, with both rows."""
    for found in await differences(connection, pair, list(keys)):
        key = dict(zip(own_key(pair.table), found.key, strict=True))
        return Difference(pair.table.name, key, found.rebuilt, found.live)
    return None


async def rows_of(
    connection: AsyncConnection, pair: Pair, generation: int, keys: Sequence[Key]
) -> dict[Key, dict[str, object]]:
    """One generation's rows of these keys, without the column that tells the generations apart."""
    names = own_key(pair.table)
    where = {"programme": pair.programme, "generation": generation}
    rows = await look_up(connection, pair.table, where=where, by=names, keys=keys)
    return {
        key_of(row, names): {name: value for name, value in row._mapping.items() if name != "generation"}
        for row in rows
    }


async def page(
    connection: AsyncConnection, pair: Pair, generation: int, after: Key | None
) -> Sequence[Row[tuple[object, ...]]]:
    """The keys of one generation that come after a key, in the database's own order."""
    columns = [pair.table.c[name] for name in own_key(pair.table)]
    statement = (
        select(*columns)
        .where(pair.table.c.programme == pair.programme, pair.table.c.generation == generation)
        .order_by(*columns)
        .limit(ROWS_PER_PAGE)
    )
    if after is not None:
        values = [literal(value, column.type) for value, column in zip(after, columns, strict=True)]
        statement = statement.where(tuple_(*columns) > tuple_(*values))
    return (await connection.execute(statement)).all()


def own_key(table: Table) -> tuple[str, ...]:
    """The primary key's columns after programme and generation."""
    programme, generation, *own = key_columns(table)
    assert (programme, generation) == ("programme", "generation") and own, f"{table.name} is not a view's table"
    return tuple(own)


def key_of(row: Row[tuple[object, ...]], names: Sequence[str]) -> Key:
    """The values of a row in these columns."""
    return tuple(row._mapping[name] for name in names)
