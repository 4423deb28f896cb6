"""A second calculation of every statement, in SQL over the exported log, agrees to the cent (rules §5 to §7, §9)."""

import os
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL

from benchmarks.history import PARTNERS, PROGRAMME, partner_of
from domain.calendar import period_from
from domain.commission.statement import statement
from domain.ids import Position
from service.database import open_database
from service.export import export_log
from tests.recalculation.books import SecondBooks, Sheet
from tests.recalculation.history import tell

REGISTRATIONS = 10_500 if os.environ.get("FIRSTCLAIM_LONG_TESTS") else 250
SEED = 2026


async def test_a_second_calculation_in_sql_agrees_with_every_statement(sqlite_url: URL, tmp_path: Path) -> None:
    """Two closed quarters and the open one, of forty partners: lines, adjustments and totals."""
    database = open_database(sqlite_url)
    service = await tell(database, REGISTRATIONS, SEED)
    log = tmp_path / "log.ndjson"
    with log.open("wb") as file:
        await export_log(database.engine, PROGRAMME, file, lambda _done, _all: None)
    async with service.reading.moment(PROGRAMME) as moment:
        partners = list(map(partner_of, range(PARTNERS)))
        head = Position(moment.position)
        inputs = await service.statements.at_head(moment.connection, PROGRAMME, partners, head)
    await service.appenders.close()
    await service.views.close()
    await database.close()

    books = SecondBooks(log)
    closings = books.closings()
    assert [period for period, _ in closings] == ["2026-Q1", "2026-Q2"]
    compared = 0
    for period, read_to in closings:
        sheets = books.stated(period, read_to, str(period_from(period).ends_on))
        for partner, stated in books.recorded(period):
            compared += compare(sheets[partner], sheet_of(msgspec.json.decode(stated)), f"{partner} {period}")
        books.close(period, sheets)
    sheets = books.stated("2026-Q3", head, "2026-09-30")
    for partner, given in inputs.items():
        open_now = msgspec.json.decode(msgspec.json.encode(statement(given, period_from("2026-Q3"))))
        compared += compare(sheets[partner], sheet_of(open_now), f"{partner} 2026-Q3")
    assert compared > REGISTRATIONS / 2, "there is something to compare"
    assert head > 5 * REGISTRATIONS


def sheet_of(stated: dict[str, Any]) -> Sheet:
    """A statement in its stored form, as the second calculation states it."""
    totals = stated["totals"]
    return Sheet(
        lines={
            line["id"]: (
                line["credited_minor"],
                line["cumulative_before_minor"],
                line["commission_minor"],
                bool(line["held_because"]),
            )
            for line in stated["lines"]
        },
        adjustments={entry["period"]: (entry["amount_minor"], entry["held_minor"]) for entry in stated["adjustments"]},
        totals=(
            totals["commission_minor"],
            totals["adjustments_minor"],
            totals["held_minor"],
            totals["opening_balance_minor"],
            totals["payable_minor"],
            totals["closing_balance_minor"],
        ),
    )


def compare(second: Sheet, ours: Sheet, whose: str) -> int:
    """Both say the same; how many lines that were."""
    assert second.lines == ours.lines, whose
    assert second.adjustments == ours.adjustments, whose
    assert second.totals == ours.totals, whose
    return len(ours.lines)
