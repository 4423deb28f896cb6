"""A statement as a table that finance opens in a spreadsheet."""

import csv
import io
import json
from datetime import date

from domain.commission.document import canonical_json, document_of
from service.documents.statement_csv import statement_csv
from tests.support.commission import Books


def rows_of(books: Books, period: str) -> list[dict[str, str]]:
    document = document_of(books.statement(period), status="open", position=1)
    return list(csv.DictReader(io.StringIO(statement_csv(document))))


def test_a_statement_has_a_row_for_each_line_adjustment_and_total() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-03-10")
    books.close("2026-Q1")
    changed = books.worth("a", "2000.00")
    books.rate("EUR", "1.1000", date(2026, 1, 1))
    books.win("b", "200000.00", "2026-05-10", currency="EUR", held_because=("CONFLICT_OPEN",))
    line, adjustment, *totals = rows_of(books, "2026-Q2")
    assert (line["row"], line["registration"], line["deal_id"]) == ("commission", "reg_b", "D-b")
    assert (line["value"], line["value_currency"], line["exchange_rate"]) == ("200000.00", "EUR", "1.1000")
    assert line["credited"] == "220000.00"
    assert line["working"] == "100000.00 × 1500 bp = 15000; 120000.00 × 2000 bp = 24000"
    assert (line["amount"], line["held"], line["held_because"]) == ("39000.00", "39000.00", "CONFLICT_OPEN")
    assert (adjustment["row"], adjustment["period"], adjustment["amount"]) == ("prior_period", "2026-Q1", "150.00")
    assert adjustment["evidence"] == str(changed)
    assert {total["id"]: total["amount"] for total in totals}["payable"] == "150.00"
    assert {row["currency"] for row in (line, adjustment, *totals)} == {"USD"}


def test_a_name_that_a_spreadsheet_would_take_for_a_formula_stays_text() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-03-10")
    document = json.loads(canonical_json(document_of(books.statement("2026-Q1"), status="open", position=1)))
    (line,) = document["lines"]
    line["account"], line["deal"] = '=HYPERLINK("http://evil.example","a")', None
    (row, *_) = csv.DictReader(io.StringIO(statement_csv(document)))
    assert row["account"] == '\'=HYPERLINK("http://evil.example","a")'
    assert row["deal_id"] == ""


def test_a_name_with_quotes_commas_and_line_ends_reads_back() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-03-10")
    document = json.loads(canonical_json(document_of(books.statement("2026-Q1"), status="open", position=1)))
    (line,) = document["lines"]
    line["account"] = 'Acme, "the"\nbest'
    (row, *_) = csv.DictReader(io.StringIO(statement_csv(document)))
    assert row["account"] == 'Acme, "the"\nbest'


def test_an_empty_statement_has_its_totals() -> None:
    assert {row["row"] for row in rows_of(Books(), "2026-Q1")} == {"total"}
