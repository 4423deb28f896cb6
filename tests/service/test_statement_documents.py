"""A statement as a workbook and as a page."""

import io
from datetime import date
from typing import Any, get_args

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from domain.calendar import zone_named
from domain.commission.document import document_of
from domain.commission.lines import LineKind, StepKind
from domain.commission.working import HELD_BECAUSE
from domain.ids import ProgrammeId
from service.documents.statement_csv import statement_csv
from service.documents.statement_pdf import LINES_AT_MOST, TooManyLines, statement_pdf
from service.documents.statement_xlsx import statement_xlsx
from service.documents.words import KINDS, STEPS, grouped
from service.letterheads import Letterhead
from service.presentation.hold_reasons import WHY_HELD
from service.presentation.values import percent
from tests.support.commission import CONTOSO, NORTHWIND, Books

VENDOR = Letterhead(name="Acme Software GmbH", lines=("Hafenstraße 1", "20457 Hamburg"), footer=None, paper="a4")


def second_quarter() -> dict[str, Any]:
    """A line in euros that is shared and held, one that is earned, and an adjustment for the closed quarter before."""
    books = Books()
    books.win("a", "1000.00", "2026-03-10")
    books.close("2026-Q1")
    books.worth("a", "2000.00")
    books.rate("EUR", "1.1000", date(2026, 1, 1))
    shares = ((NORTHWIND, 6_000), (CONTOSO, 4_000))
    books.win("b", "200000.00", "2026-05-10", currency="EUR", shares=shares, held_because=("CONFLICT_OPEN",))
    books.win("c", "1234.50", "2026-06-01")
    return document_of(books.statement("2026-Q2"), status="open", position=9)


def page(document: dict[str, Any], letterhead: Letterhead = VENDOR) -> bytes:
    return statement_pdf(
        document,
        letterhead=letterhead,
        programme=ProgrammeId("acme"),
        partner="Northwind Traders",
        zone=zone_named("Europe/Berlin"),
    )


def text_of(content: bytes) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages).split())


def test_a_page_says_who_owes_whom_how_much_and_why() -> None:
    text = text_of(page(second_quarter()))
    assert "Acme Software GmbH" in text and "20457 Hamburg" in text and "Northwind Traders" in text
    assert "April to June 2026 (2026-Q2)" in text
    assert "Commission, held" in text and "Commission, earned" in text
    assert "Held: a conflict case about it is not decided." in text
    assert "1 EUR = 1.1000 USD (2026-01-01)" in text and "share 60 %" in text
    assert "100,000.00 at 15 % = 15,000" in text and "32,000.00 at 20 % = 6,400" in text
    assert "Learned after the period was closed" in text and "reg_a: 150.00" in text
    assert "-21,400.00" in text, "what is held is taken off what is payable"
    assert "This period is open." in text


def test_a_closed_page_tells_how_to_check_it_and_is_the_same_to_the_byte_each_time() -> None:
    books = Books()
    books.win("a", "1000.00", "2026-03-10")
    (closing,) = books.close("2026-Q1")
    closed_at = "2026-03-31T22:30:00.000000Z"
    document = document_of(closing.statement, status="closed", position=7, closed_at=closed_at)
    content = page(document)
    text = text_of(content)
    assert "Closed 2026-04-01 00:30 Europe/Berlin" in text
    assert "up to position 7" in text
    assert str(document["digest"]) in text
    assert page(document) == content


def test_what_a_partner_writes_is_shown_and_never_set_as_markup() -> None:
    document = second_quarter()
    document["lines"][0]["account"] = '#panic() $x$ *b* "q" <a> \\ 株式会社'
    assert '#panic() $x$ *b* "q" <a> \\' in text_of(page(document))


def test_a_currency_without_minor_units_has_none_on_the_page() -> None:
    books = Books(currency="JPY")
    books.win("a", "1000", "2026-03-10", currency="JPY")
    text = text_of(page(document_of(books.statement("2026-Q1"), status="open", position=1)))
    assert "1,000 at 15 % = 150" in text


def test_a_page_has_room_for_so_many_lines_and_no_more() -> None:
    document = second_quarter()
    document["lines"] = document["lines"][:1] * LINES_AT_MOST
    with pytest.raises(TooManyLines):
        page(document)


def test_a_workbook_holds_amounts_that_can_be_summed() -> None:
    book = load_workbook(io.BytesIO(statement_xlsx(second_quarter(), "Northwind Traders")))
    assert book.sheetnames == ["Statement", "Lines", "Adjustments"]
    summary = dict(book["Statement"].iter_rows(values_only=True))
    assert summary["Partner"] == "Northwind Traders"
    assert summary["Payable"] == pytest.approx(396.90)
    heading, *lines = book["Lines"].iter_rows(values_only=True)
    first = dict(zip(heading, lines[0], strict=True))
    assert (first["Value"], first["Value currency"], first["Credited"]) == (200_000, "EUR", 132_000)
    assert (first["Amount"], first["Held"], first["State"]) == (21_400, 21_400, "held")
    assert sum(line[heading.index("Amount")] for line in lines) == summary["Commission"]
    (_, total, part) = book["Adjustments"].iter_rows(values_only=True)
    assert total[:6] == ("Learned after the period was closed", "2026-Q1", None, None, 150, 0)
    assert part[3:8] == ("reg_a", None, None, 150, 0)


def test_an_amount_beyond_what_a_spreadsheet_keeps_is_text_in_full() -> None:
    document = second_quarter()
    document["totals"]["payable"]["amount"] = "12345678901234.56"
    book = load_workbook(io.BytesIO(statement_xlsx(document, "Northwind Traders")))
    assert dict(book["Statement"].iter_rows(values_only=True))["Payable"] == "12345678901234.56"


def test_no_text_becomes_a_formula_or_a_link() -> None:
    document = second_quarter()
    document["lines"][0]["account"] = '=HYPERLINK("http://evil.example","a")'
    document["lines"][0]["deal"] = None
    book = load_workbook(io.BytesIO(statement_xlsx(document, "=1+1")))
    cell = book["Lines"]["F2"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://evil.example","a")', "s") and cell.hyperlink is None
    assert book["Statement"]["B1"].data_type == "s"


def test_figures_read_as_people_write_them() -> None:
    assert [grouped(text) for text in ("0.00", "-1234.50", "1000000", "14999.985")] == [
        "0.00",
        "-1,234.50",
        "1,000,000",
        "14,999.985",
    ]
    assert [percent(points) for points in (1500, 1550, 1, 10_000)] == ["15 %", "15.5 %", "0.01 %", "100 %"]


def test_every_form_tells_what_was_done_after_the_bands_and_why_a_person_entered_an_amount() -> None:
    document = second_quarter()
    cap = {"step": "line_cap", "figure": {"amount": "5000.00"}, "commission": {"amount": "5000.00"}}
    document["lines"][0]["working"] = {
        "tier_table": "edge-resell",
        "own_terms": 2,
        "incentive": "target 2026-Q2",
        "steps": [cap],
    }
    document["adjustments"][0] |= {"kind": "manual", "reason": "The order was for more."}
    text = text_of(page(document))
    assert "target 2026-Q2" in text and "tiers of edge-resell" in text and "the partner's own terms 2" in text
    assert "for a deal at most 5,000.00: 5,000.00" in text
    assert "Entered by finance: The order was for more." in text
    book = load_workbook(io.BytesIO(statement_xlsx(document, "Northwind Traders")))
    assert "for a deal at most 5,000.00: 5,000.00" in book["Lines"]["O2"].value
    assert book["Adjustments"]["I2"].value == "The order was for more."
    assert "line_cap 5000.00 = 5000.00" in statement_csv(document)


def test_every_step_and_every_kind_has_words() -> None:
    assert set(get_args(StepKind)) == STEPS.keys()
    assert set(get_args(LineKind)) <= KINDS.keys()


def test_every_reason_to_hold_a_line_has_words() -> None:
    assert set(HELD_BECAUSE) <= WHY_HELD.keys()
