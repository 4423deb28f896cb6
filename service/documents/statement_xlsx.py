"""A statement as a workbook: totals, lines with their working, adjustments; amounts are numbers that can be summed."""

import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from service.documents.words import KINDS, TOTALS, held_in_words, rate_in_words, working_in_words

DIGITS_OF_A_CELL: Final = 15
"""As many as a spreadsheet keeps. An amount with more is written as text, so that none is ever shown rounded."""

_LINE_COLUMNS: Final = (
    ("Id", 30),
    ("Kind", 12),
    ("Registration", 30),
    ("Deal source", 12),
    ("Deal", 16),
    ("Account", 32),
    ("Products", 18),
    ("Won on", 11),
    ("Value", 16),
    ("Value currency", 14),
    ("Exchange rate", 34),
    ("Share, basis points", 18),
    ("Credited", 16),
    ("Credited before", 16),
    ("Working", 52),
    ("Amount", 16),
    ("Held", 16),
    ("State", 9),
    ("Held because", 42),
    ("Terms version", 13),
    ("Evidence (positions)", 24),
)
_ADJUSTMENT_COLUMNS: Final = (
    ("Kind", 34),
    ("Period", 10),
    ("Line", 30),
    ("Registration", 30),
    ("Amount", 16),
    ("Held", 16),
    ("Of which", 16),
    ("Of which held", 16),
    ("Reason", 42),
    ("Evidence (positions)", 24),
)

Cell = str | int | Decimal | None


def statement_xlsx(document: Mapping[str, Any], partner: str) -> bytes:
    """The statement's document as an Office Open XML workbook of three sheets. `partner` is the partner's name."""
    written = io.BytesIO()
    # Nothing is guessed from what a text looks like: no formulas, links or numbers come out of a partner's words.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(written, options) as book:
        sheets = _Sheets(book, len(document["totals"]["payable"]["amount"].partition(".")[2]))
        sheets.fill("Statement", (("", 24), ("", 40)), _summary(document, partner), headed=False)
        sheets.fill("Lines", _LINE_COLUMNS, map(_line, document["lines"]))
        sheets.fill("Adjustments", _ADJUSTMENT_COLUMNS, _adjustments(document))
    return written.getvalue()


class _Sheets:
    """Writes sheets of one look."""

    def __init__(self, book: xlsxwriter.Workbook, digits: int) -> None:
        self._book = book
        self._heading: Format = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._text: Format = book.add_format({"valign": "top"})
        self._amount: Format = book.add_format(
            {"num_format": "#,##0" + "." * (digits > 0) + "0" * digits, "valign": "top"}
        )

    def fill(
        self, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]], *, headed: bool = True
    ) -> None:
        sheet = self._book.add_worksheet(name)
        for place, (title, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            if headed:
                sheet.write_string(0, place, title, self._heading)
        if headed:
            sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=int(headed)):
            for place, cell in enumerate(row):
                self._write(sheet, number, place, cell)

    def _write(self, sheet: Worksheet, row: int, place: int, cell: Cell) -> None:
        if cell is None:
            return
        if isinstance(cell, Decimal) and len(cell.as_tuple().digits) <= DIGITS_OF_A_CELL:
            sheet.write_number(row, place, cell, self._amount)
        elif isinstance(cell, int):
            sheet.write_number(row, place, cell, self._text)
        else:
            sheet.write_string(row, place, f"{cell}", self._text)


def _summary(document: Mapping[str, Any], partner: str) -> Iterable[Sequence[Cell]]:
    yield "Partner", partner
    yield "Partner id", document["partner"]
    yield "Period", document["period"]
    yield "Currency", document["currency"]
    yield "Status", document["status"]
    yield "Closed at", document["closed_at"]
    for total, name in TOTALS.items():
        yield name, Decimal(document["totals"][total]["amount"])
    yield "Log position", document["position"]
    yield "Digest (SHA-256)", document["digest"]


def _line(line: Mapping[str, Any]) -> Sequence[Cell]:
    deal = line["deal"] or {"source": None, "id": None}
    amount = Decimal(line["commission"]["amount"])
    return (
        line["id"],
        line["kind"],
        line["registration"],
        deal["source"],
        deal["id"],
        line["account"],
        ", ".join(line["products"]),
        line["won_on"],
        Decimal(line["value"]["amount"]),
        line["value"]["currency"],
        rate_in_words(line["exchange_rate"]),
        line["share_basis_points"],
        Decimal(line["credited"]["amount"]),
        Decimal(line["cumulative_before"]["amount"]),
        "; ".join(working_in_words(line)),
        amount,
        amount if line["state"] == "held" else None,
        line["state"],
        held_in_words(line),
        line["terms_version"],
        ", ".join(map(str, line["evidence"])),
    )


def _adjustments(document: Mapping[str, Any]) -> Iterable[Sequence[Cell]]:
    """A row for each adjustment and, under it, one for each line that it comes from, in columns of their own."""
    for entry in document["adjustments"]:
        kind, evidence = KINDS.get(entry["kind"], entry["kind"]), ", ".join(map(str, entry["evidence"]))
        amount, held = Decimal(entry["amount"]["amount"]), Decimal(entry["held"]["amount"])
        yield kind, entry["period"], None, None, amount, held, None, None, entry.get("reason"), evidence
        for part in entry.get("lines", []):
            of_which, of_which_held = Decimal(part["amount"]["amount"]), Decimal(part["held"]["amount"])
            yield (
                kind,
                entry["period"],
                part["line"],
                part["registration"],
                None,
                None,
                of_which,
                of_which_held,
                None,
                None,
            )
