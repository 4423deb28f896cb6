"""A statement as a table that finance opens in a spreadsheet: a row for each line, adjustment and total."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from service.documents.spreadsheets import as_text

COLUMNS = (
    "row",
    "id",
    "partner",
    "period",
    "registration",
    "deal_source",
    "deal_id",
    "account",
    "products",
    "won_on",
    "value",
    "value_currency",
    "exchange_rate",
    "share_basis_points",
    "credited",
    "cumulative_before",
    "working",
    "amount",
    "held",
    "currency",
    "state",
    "held_because",
    "terms_version",
    "evidence",
)


def statement_csv(document: Mapping[str, Any]) -> str:
    """The statement's document (`domain.commission.document`) as RFC 4180 CSV with a header.

    Rows are named by the kind of line or adjustment, and `total`. The working shows each slice as base × rate. Text
    that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    written = io.StringIO(newline="")
    table = csv.DictWriter(written, COLUMNS, restval="", lineterminator="\r\n")
    table.writeheader()
    for row in (*_lines(document), *_adjustments(document), *_totals(document)):
        table.writerow({"partner": as_text(document["partner"]), "currency": document["currency"], **row})
    return written.getvalue()


def _lines(document: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    for line in document["lines"]:
        deal, rate = line["deal"], line["exchange_rate"]
        yield {
            "row": line["kind"],
            "id": as_text(line["id"]),
            "period": document["period"],
            "registration": as_text(line["registration"]),
            "deal_source": "" if deal is None else as_text(deal["source"]),
            "deal_id": "" if deal is None else as_text(deal["id"]),
            "account": as_text(line["account"]),
            "products": as_text(" ".join(line["products"])),
            "won_on": line["won_on"],
            "value": line["value"]["amount"],
            "value_currency": line["value"]["currency"],
            "exchange_rate": "" if rate is None else rate["rate"],
            "share_basis_points": line["share_basis_points"],
            "credited": line["credited"]["amount"],
            "cumulative_before": line["cumulative_before"]["amount"],
            "working": as_text("; ".join((*map(_working, line["slices"]), *_steps(line)))),
            "amount": line["commission"]["amount"],
            "held": line["commission"]["amount"] if line["state"] == "held" else "",
            "state": line["state"],
            "held_because": " ".join(line["held_because"]),
            "terms_version": line["terms_version"],
            "evidence": _positions(line["evidence"]),
        }


def _working(part: Mapping[str, Any]) -> str:
    """One slice, such as `100000.00 × 1500 bp = 15000`."""
    return f"{part['base']['amount']} × {part['rate_basis_points']} bp = {part['commission']}"


def _steps(line: Mapping[str, Any]) -> Iterator[str]:
    """What was done after the bands, such as `line_cap 5000.00 = 5000.00`."""
    for step in line.get("working", {}).get("steps", ()):
        yield f"{step['step']} {step['figure']['amount']} = {step['commission']['amount']}"


def _adjustments(document: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    for adjustment in document["adjustments"]:
        yield {
            "row": adjustment["kind"],
            "id": as_text(adjustment.get("id", "")),
            "period": adjustment["period"],
            "amount": adjustment["amount"]["amount"],
            "held": adjustment["held"]["amount"],
            "evidence": _positions(adjustment["evidence"]),
        }


def _totals(document: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    for total, money in document["totals"].items():
        yield {"row": "total", "id": total, "period": document["period"], "amount": money["amount"]}


def _positions(evidence: list[int]) -> str:
    return " ".join(map(str, evidence))
