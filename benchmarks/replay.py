"""Verifying a log, in events a second, against the stock `eventsourcing` library reading and decoding the same events.

Ours does all that `firstclaim verify` does with the log of a database: it reads the rows, follows the chain, decodes
and folds every event, and computes every closed statement again (the views, which the library has none of, apart). The
library reads the same events from the same PostgreSQL by its recorder, a thousand at a time, and makes objects of them
by its mapper; it checks nothing and folds nothing. Both are measured in turn.

    .venv/bin/python -m benchmarks.replay [ROUNDS] [DEALS]

The database is PostgreSQL with its ordinary durability, started for this run; `FIRSTCLAIM_TEST_POSTGRES_URL` names
another.
"""

import asyncio
import os
import statistics
import sys
import time

import uvloop

from benchmarks.database import stated_or_started
from benchmarks.history import PROGRAMME, tell
from benchmarks.stock_log import StockLog
from service.audit import verify_log
from service.chain import EventRow
from service.database import Database, open_database
from service.event_store import read_log
from tests.support.postgres import create_database, drop_database
from tests.support.tables import create_tables

ROUNDS = 5
DEALS = 10_000
BAR = 4.0
"""The least ratio."""


async def verified(database: Database) -> float:
    """Events a second of ours, which must find nothing."""
    began = time.perf_counter()
    verdict = await verify_log(database.engine, PROGRAMME)
    took = time.perf_counter() - began
    assert verdict.agrees, verdict.first_disagreement
    assert verdict.ledger.statements_checked
    return verdict.chain.events / took


def read_by_stock(stock: StockLog, events: int) -> float:
    """Events a second of the library's."""
    began = time.perf_counter()
    assert stock.read() == events
    return events / (time.perf_counter() - began)


async def rows_of(database: Database) -> list[EventRow]:
    """The log."""
    return [row async for chunk in read_log(database.engine, PROGRAMME) for row in chunk]


def main(rounds: int = ROUNDS, deals: int = DEALS) -> int:
    """Measure, print, and fail below the bar."""
    with stated_or_started() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        url = runner.run(create_database(server, f"firstclaim_replay_{os.getpid()}"))
        runner.run(create_tables(url))
        database = open_database(url)
        print(f"telling the history of {deals:,} deals …", flush=True)
        runner.run(tell(database, deals))
        rows = runner.run(rows_of(database))
        stock = StockLog(url)
        stock.write(rows)
        ours, theirs = [], []
        for _ in range(rounds):
            theirs.append(read_by_stock(stock, len(rows)))
            ours.append(runner.run(verified(database)))
        stock.close()
        runner.run(database.close())
        runner.run(drop_database(server, url))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"{len(rows):,} events, {rounds} rounds, medians")
    print(f"  verify (read, chain, decode, fold, recompute)  {statistics.median(ours):>10,.0f} events/s")
    print(f"  stock  (read, decode)                          {statistics.median(theirs):>10,.0f} events/s")
    print(f"  ratio                                          {ratio:>10.2f}   (bar {BAR:g})")
    return 0 if ratio >= BAR else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
