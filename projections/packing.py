"""Many values of one column as one parameter of a PostgreSQL statement, in the form that costs least.

The driver encodes an array value by value. One text in which separators stand costs a fifth of that here, and half as
much in the database, which takes it apart. A value that holds a separator itself sends its column as an array.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

Kind = Literal["TEXT", "BIGINT", "INTEGER", "BOOLEAN", "BYTEA", "SHARED TEXT", "SHARED INTEGER"]
"""What a column holds; `SHARED` is the same in all rows of most statements."""
Form = Literal["array", "joined", "figures", "one"]
"""How a column travels: as an array, as one text with separators, as the text of an array, as its only value.

`figures` are whole numbers, and what is true or false.
"""

SEPARATOR: Final = "\x1f"
ABSENT: Final = "\x1e"
"""Stands for null between two separators."""


class Column(NamedTuple):
    """A column of a statement's rows, and how this statement gets its values."""

    name: str
    kind: Kind
    form: Form

    @property
    def type(self) -> str:
        """The database's type."""
        return self.kind.removeprefix("SHARED ")


Columns = tuple[Column, ...]


def pack(
    kinds: Iterable[tuple[str, Kind]], values: Iterable[Sequence[object]], prefix: str
) -> tuple[Columns, dict[str, object]]:
    """The columns, and their values as parameters that are called `<prefix><name>`. There is at least one row."""
    columns: list[Column] = []
    parameters: dict[str, object] = {}
    for (name, kind), of_column in zip(kinds, values, strict=True):
        form, parameters[prefix + name] = packed(kind, of_column)
        columns.append(Column(name, kind, form))
    return tuple(columns), parameters


def packed(kind: Kind, values: Sequence[object]) -> tuple[Form, object]:
    """One column's values as one parameter."""
    if kind in ("SHARED TEXT", "SHARED INTEGER") and values.count(values[0]) == len(values):
        return "one", values[0]
    if kind == "TEXT":
        joined = SEPARATOR.join([ABSENT if value is None else value for value in values])  # type: ignore[misc]
        if joined and joined.count(SEPARATOR) == len(values) - 1 and joined.count(ABSENT) == values.count(None):
            return "joined", joined
    if kind in ("BIGINT", "INTEGER", "SHARED INTEGER", "BOOLEAN"):
        return "figures", f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"
    return "array", list(values)


def source(columns: Columns, prefix: str) -> str:
    """The rows as a FROM item `u`."""
    arrays = ", ".join(_array(column, prefix) for column in columns if column.form != "one")
    names = ", ".join(f'"{column.name}"' for column in columns if column.form != "one")
    return f"unnest({arrays}) AS u({names})"


def expression(column: Column, prefix: str) -> str:
    """A column's value in each of those rows."""
    if column.form == "one":
        return f"CAST(:{prefix}{column.name} AS {column.type})"
    return f'u."{column.name}"'


def _array(column: Column, prefix: str) -> str:
    parameter = f":{prefix}{column.name}"
    if column.form == "array":
        return f"CAST({parameter} AS {column.type}[])"
    if column.form == "figures":
        return f"CAST(CAST({parameter} AS TEXT) AS {column.type}[])"
    return f"string_to_array(CAST({parameter} AS TEXT), chr({ord(SEPARATOR)}), chr({ord(ABSENT)}))"
