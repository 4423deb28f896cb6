"""The rows of open statements: how they are made from what a walk gives, and how they are read as one document."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import period_from
from domain.commission.credit import Credit
from domain.commission.document import adjustment_document, canonical_json, line_document, totals_document
from domain.commission.lines import Adjustment
from domain.commission.totals import Carried, Sums, totals_of_open
from domain.commission.walk import Placed, Walk
from domain.ids import PartnerId, ProgrammeId, RegistrationId
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from projections.changes import Row
from projections.look_up import look_up
from projections.statement_tables import (
    NOWHERE,
    Place,
    decoded_carried,
    encoded_carried,
    encoded_walk,
    place_of,
    view_statement_lines,
    view_statement_openings,
)

Head = Mapping[str, object]
"""The programme and the generation, with which every row begins."""

NO_LINES: Final = b"[]"


def line_row(
    head: Head, partner: Partner, registration: RegistrationId, credit: Credit, earned: Sequence[Placed] | None
) -> dict[str, object]:
    """The row of a credit with what it earned; None where its period is closed and states its own lines."""
    won_on, place = place_of(credit)
    more = [] if earned is None else earned[1:]
    return {
        **head,
        "partner": partner.id,
        "won_on": won_on,
        "place": place,
        "line": credit.line,
        "registration": registration,
        "body": b"" if earned is None else canonical_json(line_document(earned[0].computed.line, partner.currency)),
        "more": placed_document(more, partner.currency) if more else None,
        "walked": None,
    }


def without_credit(head: Head, partner: PartnerId, registration: RegistrationId) -> Row:
    """The row of a deal that credits the partner no more."""
    return {
        **head,
        "partner": partner,
        "won_on": NOWHERE.won_on,
        "place": NOWHERE.place,
        "line": registration,
        "registration": registration,
        "body": b"",
        "more": None,
        "walked": None,
    }


def placed_document(placed: Iterable[Placed], currency: str) -> bytes:
    """Lines with their sections."""
    return canonical_json([[list(section), line_document(found.line, currency)] for section, found in placed])


def walk_row(head: Head, partner: PartnerId, place: Place, walk: Walk) -> Row:
    """What all credits come to, and the place of the last."""
    return {**head, "partner": partner, **place._asdict(), "walked": encoded_walk(walk.walked())}


def opening_row(head: Head, partner: Partner, carried: Carried, adjustments: Sequence[Adjustment]) -> Row:
    """What the partner's open periods begin with."""
    return {
        **head,
        "partner": partner.id,
        "carried": encoded_carried(carried),
        "adjustments": canonical_json([adjustment_document(one, partner.currency) for one in adjustments]),
    }


def open_rows(head: Head, programme: Programme, partner: Partner, carried: Carried, walk: Walk) -> list[Row]:
    """The rows of the open statements that state something, after a walk over all credits."""
    sums = walk.sums()
    others: dict[str, list[Placed]] = {}
    for placed in walk.others():
        others.setdefault(str(placed.computed.period), []).append(placed)
    rows: list[Row] = []
    for period, totals in totals_of_open(programme, partner, carried, sums):
        lines = sums.get(period, Sums()).lines
        adjusts = period == carried.first_open and carried.adjustments > 0
        if lines or adjusts or totals.opening_balance_minor:
            rows.append(
                {
                    **head,
                    "partner": partner.id,
                    "period": str(period),
                    "status": "open",
                    "currency": partner.currency,
                    "totals": canonical_json(totals_document(totals, partner.currency)),
                    "lines": lines,
                    "others": placed_document(others.get(str(period), ()), partner.currency),
                    **dict.fromkeys(("digest", "document", "closing", "after", "closed_position", "closed_at")),
                }
            )
    return rows


async def open_document(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, row: Mapping[str, Any]
) -> bytes:
    """What the digest of an open statement covers, as canonical JSON, put together from its rows."""
    lines = await _lines_of(connection, programme, generation, row)
    found = await look_up(
        connection,
        view_statement_openings,
        where={"programme": programme, "generation": generation},
        by=("partner",),
        keys=[(row["partner"],)],
    )
    opening = found[0]._mapping
    begins = str(decoded_carried(opening["carried"]).first_open) == row["period"]
    members = {
        "adjustments": opening["adjustments"] if begins else NO_LINES,
        "currency": canonical_json(row["currency"]),
        "lines": b"[" + b",".join(lines) + b"]",
        "partner": canonical_json(row["partner"]),
        "period": canonical_json(row["period"]),
        "totals": row["totals"],
    }
    return b"{" + b",".join(b'"' + name.encode() + b'":' + value for name, value in members.items()) + b"}"


async def _lines_of(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, row: Mapping[str, Any]
) -> list[bytes]:
    """The lines of an open statement, in order: those of its credits, and behind each section what belongs to none."""
    period, table = period_from(row["period"]), view_statement_lines.c
    found = await connection.execute(
        select(table.won_on, table.place, table.line, table.body, table.more).where(
            table.programme == programme,
            table.generation == generation,
            table.partner == row["partner"],
            table.won_on.between(period.first_on.isoformat(), period.ends_on.isoformat()),
        )
    )
    rows = sorted(found.all(), key=lambda one: (one.won_on, one.place, one.line))
    more = [placed for one in rows if one.more is not None for placed in json.loads(one.more)]
    more += json.loads(row["others"])
    more.sort(key=lambda placed: tuple(placed[0]))
    return [*(one.body for one in rows), *(canonical_json(line) for _, line in more)]
