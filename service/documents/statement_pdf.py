"""A statement as a page that a partner would be glad to get: what it comes to, line by line, and how to check it."""

import json
from calendar import month_name
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

import typst

from domain.calendar import Period, instant_from, local_time, period_from
from domain.ids import ProgrammeId
from service.documents.words import KINDS, TOTALS, grouped, held_in_words, rate_in_words, working_in_words
from service.letterheads import Letterhead
from service.presentation.values import percent

LINES_AT_MOST: Final = 5_000
"""A statement with more is a table, not a page: it takes seconds to set and thousands of kilobytes to send."""

_TEMPLATE: Final = files("service.documents").joinpath("statement.typ").read_bytes()
_LABELS: Final = {
    "heading": "Commission statement",
    "partner": "Partner",
    "totals": "What it comes to",
    "lines": "Lines",
    "no_lines": "No deal counts in this period.",
    "adjustments": "Adjustments",
    "adjustment_columns": ["Period", "What", "Held", "Amount"],
    "proof": "How to check this statement",
    "digest": "SHA-256 of the statement (canonical JSON, RFC 8785)",
    "page": "Page",
}
_COLUMNS: Final = ["Won on", "Account and deal", "Working", "Credited", "Amount"]


class TooManyLines(Exception):
    """The statement has more lines than a page is made for."""


def statement_pdf(
    document: Mapping[str, Any], *, letterhead: Letterhead, programme: ProgrammeId, partner: str, zone: ZoneInfo
) -> bytes:
    """The statement's document as PDF. The same statement under the same letterhead gives the same bytes.

    `partner` is the partner's name, `zone` the programme's. Raises TooManyLines beyond `LINES_AT_MOST`.
    """
    lines = len(document["lines"]) + sum(1 + len(_parts(entry)) for entry in document["adjustments"])
    if lines > LINES_AT_MOST:
        raise TooManyLines
    sheet = {
        "title": f"Commission statement {document['partner']} {document['period']}",
        "paper": letterhead.paper,
        "vendor": {"name": letterhead.name, "lines": list(letterhead.lines)},
        "partner": {"name": partner, "lines": [document["partner"]]},
        "period": _in_words(period_from(document["period"])),
        "facts": list(_facts(document, programme, zone)),
        "totals": list(_totals(document)),
        "note": _note(document),
        "groups": list(_groups(document)),
        "adjustments": list(map(_adjustment, document["adjustments"])),
        "labels": _LABELS,
        "proof": _proof(document),
        "digest": document["digest"],
        "footer": letterhead.footer or f"{letterhead.name} · {document['partner']} · {document['period']}",
    }
    set_in_type = typst.compile(_TEMPLATE, sys_inputs={"statement": json.dumps(sheet)})
    assert isinstance(set_in_type, bytes)
    return set_in_type


def _in_words(period: Period) -> str:
    first, last = period.first_on, period.ends_on
    months = dict.fromkeys((month_name[first.month], month_name[last.month]))
    return f"{' to '.join(months)} {last.year} ({period})"


def _facts(document: Mapping[str, Any], programme: ProgrammeId, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    if document["closed_at"] is None:
        yield "Status", "Open: it may still change"
    else:
        closed = local_time(instant_from(document["closed_at"]), zone)
        yield "Status", f"Closed {closed:%Y-%m-%d %H:%M} {zone.key}"
    yield "Currency", document["currency"]
    yield "Programme", programme
    yield "Log position", f"{document['position']}"


def _totals(document: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    for total, name in TOTALS.items():
        amount = document["totals"][total]["amount"]
        strong = total == "payable"
        shown = f"-{amount}" if total == "held" and amount.strip("0.") else amount
        figure = f"{grouped(shown)} {document['currency']}" if strong else grouped(shown)
        yield {"name": name, "amount": figure, "strong": strong}


def _note(document: Mapping[str, Any]) -> str | None:
    if document["closed_at"] is None:
        return "This period is open. What is learned until it is closed changes this statement."
    if document["totals"]["closing_balance"]["amount"].startswith("-"):
        return "A negative balance is never collected: it is set off against what the next periods earn."
    return None


def _groups(document: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """The lines by kind and state, each group with its sum, in credit order within it."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in document["lines"]:
        groups.setdefault((line["kind"], line["state"]), []).append(line)
    for (kind, state), lines in groups.items():
        yield {
            "name": f"{KINDS.get(kind, kind)}, {state}",
            "columns": _COLUMNS,
            "lines": list(map(_line, lines)),
            "sum_name": f"{len(lines)} {'line' if len(lines) == 1 else 'lines'}",
            "sum": grouped(_sum(lines)),
        }


def _sum(lines: list[Mapping[str, Any]]) -> str:
    """The exact sum of the lines' amounts, in the digits that they are stated in."""
    digits = len(lines[0]["commission"]["amount"].partition(".")[2])
    total = sum(int(line["commission"]["amount"].replace(".", "")) for line in lines)
    sign, figures = "-" if total < 0 else "", f"{abs(total):0{digits + 1}}"
    return f"{sign}{figures[:-digits]}.{figures[-digits:]}" if digits else f"{sign}{figures}"


def _line(line: Mapping[str, Any]) -> dict[str, object]:
    value = line["value"]
    about = [
        ", ".join(line["products"]),
        "" if line["deal"] is None else f"deal {line['deal']['id']}",
        f"{grouped(value['amount'])} {value['currency']}" if line["kind"] == "commission" else "",
        rate_in_words(line["exchange_rate"]) or "",
        "" if line["share_basis_points"] == 10_000 else f"share {percent(line['share_basis_points'])}",
    ]
    return {
        "won_on": line["won_on"],
        "account": line["account"] or KINDS[line["kind"]],
        "about": " · ".join(filter(None, about)),
        "held": held_in_words(line),
        "working": working_in_words(line),
        "credited": grouped(line["credited"]["amount"]),
        "amount": grouped(line["commission"]["amount"]),
    }


def _adjustment(entry: Mapping[str, Any]) -> dict[str, object]:
    return {
        "period": entry["period"],
        "what": ": ".join(filter(None, (KINDS.get(entry["kind"], entry["kind"]), entry.get("reason")))),
        "parts": [f"{part['registration']}: {grouped(part['amount']['amount'])}" for part in _parts(entry)],
        "held": grouped(entry["held"]["amount"]),
        "amount": grouped(entry["amount"]["amount"]),
    }


def _parts(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts: list[Mapping[str, Any]] = entry.get("lines", [])
    return parts


def _proof(document: Mapping[str, Any]) -> str:
    """What somebody who doubts a figure can do."""
    path = f"GET /v1/statements/{document['partner']}/{document['period']}"
    if document["closed_at"] is None:
        return f"Once the period is closed, its digest proves what was stated. Until then {path} shows what is known."
    return (
        f"Every figure follows from the programme's log up to position {document['position']}. {path} gives this "
        "statement as JSON: the SHA-256 of its canonical form is the digest below, which stands in the log since the "
        "period was closed. Whoever has a copy of the log computes the statement again, to the byte, with "
        "“firstclaim verify”, without the vendor's service."
    )
