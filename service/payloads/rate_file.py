"""A file of exchange rates as finance has it: CSV with a header, one rate a line."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import TypeAdapter, ValidationError

from domain.currencies import DIGITS
from domain.money import rate_of
from domain.programme.exchange_rates import PublishExchangeRate
from domain.refusal import Refusal
from service.payloads.base import Day

COLUMNS: Final = ("date", "base", "quote", "rate")
LINES_AT_MOST: Final = 10_000
ERRORS_SHOWN: Final = 100

_day = TypeAdapter(Day).validate_python


def read_rates(text: str) -> tuple[tuple[int, PublishExchangeRate], ...]:
    """The rates of a file with the numbers of their lines; refuses it as a whole, naming each line that is wrong."""
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    lines: list[tuple[int, PublishExchangeRate]] = []
    errors: list[dict[str, str]] = []
    try:
        columns = tuple(name.strip() for name in table.fieldnames or ())
        if sorted(columns) not in (sorted(COLUMNS), sorted((*COLUMNS, "replaces"))):
            raise _refused([_error("line 1", "the header is date,base,quote,rate, and replaces where it is wanted")])
        table.fieldnames = columns
        for row in table:
            found = _rate(row)
            if isinstance(found, str):
                errors.append(_error(f"line {table.line_num}", found))
            else:
                lines.append((table.line_num, found))
            if len(lines) > LINES_AT_MOST:
                raise _refused([_error(f"line {table.line_num}", f"a file has at most {LINES_AT_MOST} rates")])
    except csv.Error as failure:
        errors.append(_error(f"line {table.line_num + 1}", str(failure)))
    if not lines and not errors:
        errors.append(_error("line 2", "there is no rate in the file"))
    if errors:
        raise _refused(errors)
    return tuple(lines)


def _rate(row: Mapping[str | None, object]) -> PublishExchangeRate | str:
    """The rate of a row, or what is wrong with it."""
    if None in row or None in row.values():
        return "the line has not as many columns as the header"
    cells = {str(name): str(cell).strip() for name, cell in row.items()}
    try:
        day = _day(cells["date"])
        rate_of(cells["rate"])
    except ValidationError:
        return f"{cells['date']!r} is not a date such as 2026-10-01"
    except ValueError as failure:
        return str(failure)
    wrong = next(_mistakes(cells), None)
    if wrong is not None:
        return wrong
    replaces = cells.get("replaces", "").lower() == "true"
    return PublishExchangeRate(
        date=day, base=cells["base"], quote=cells["quote"], rate=cells["rate"], replaces=replaces
    )


def _mistakes(cells: Mapping[str, str]) -> Iterator[str]:
    for name in ("base", "quote"):
        if cells[name] not in DIGITS:
            yield f"{cells[name]!r} is not a currency of ISO 4217"
    if cells["base"] == cells["quote"]:
        yield "a rate is between two currencies"
    if cells.get("replaces", "").lower() not in ("", "true", "false"):
        yield "replaces is true or false"


def _error(field: str, message: str) -> dict[str, str]:
    return {"field": field, "code": "value_error", "message": message}


def _refused(errors: list[dict[str, str]]) -> Refusal:
    more = len(errors) - ERRORS_SHOWN
    detail = f"{len(errors)} of the lines cannot be read; nothing was published."
    if more > 0:
        detail += f" The first {ERRORS_SHOWN} are named."
    return Refusal("MALFORMED", detail, errors=errors[:ERRORS_SHOWN])
