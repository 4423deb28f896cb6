"""Columns travel as it costs least, and arrive as they were."""

import pytest
from sqlalchemy import text

from projections.packing import ABSENT, SEPARATOR, Kind, expression, pack, packed, source
from service.database import Database, read

COLUMNS: list[tuple[Kind, list[object], str]] = [
    ("TEXT", ["a", None, ""], "joined"),
    ("TEXT", [None], "joined"),
    ("TEXT", ["a", f"b{SEPARATOR}c"], "array"),
    ("TEXT", [ABSENT, None], "array"),
    ("TEXT", [""], "array"),
    ("BYTEA", [b"\x00\x1f\xff", None, b""], "array"),
    ("BIGINT", [2**62, None, -1], "figures"),
    ("BOOLEAN", [True, False], "figures"),
    ("SHARED TEXT", ["p", "p"], "one"),
    ("SHARED TEXT", ["p", "q"], "array"),
    ("SHARED INTEGER", [7, 7], "one"),
]


@pytest.mark.parametrize(("kind", "values", "form"), COLUMNS)
async def test_what_was_packed_is_unpacked(kind: Kind, values: list[object], form: str, database: Database) -> None:
    """Null, nothing, separators: all are there again, in their order."""
    assert packed(kind, values)[0] == form
    if database.engine.dialect.name != "postgresql":
        return
    kinds: list[tuple[str, Kind]] = [("value", kind), ("place", "BIGINT")]
    columns, parameters = pack(kinds, [values, range(len(values))], "x_")
    statement = f"SELECT {expression(columns[0], 'x_')} FROM {source(columns, 'x_')} ORDER BY u.place"
    async with read(database.engine) as connection:
        assert list(await connection.scalars(text(statement), parameters)) == values
