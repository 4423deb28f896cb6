"""What a webhook costs the open statement of a partner with a thousand, ten thousand … credits in the period.

One partner's credits are filled in bulk, as if as many deals had been won. Then deals are won by webhook, and measured
is how long the followers' batch takes that brings all views, the statement among them, up to date: for a deal that
comes last in credit order, for one in the middle, which changes every line behind it, and for a fact about that one
which changes no figure. Compared is what the statement costs from nothing: reading and computing all credits, as a
closing does. Printed are medians, how they grew since the smallest size, and the process's peak memory so far.

    .venv/bin/python -m benchmarks.open_statement [LARGEST]

10,000 credits is the default and takes a minute; the middle and the whole are measured up to 100,000. The database is
PostgreSQL with its ordinary durability, started for this run; `FIRSTCLAIM_TEST_POSTGRES_URL` names another.
"""

import asyncio
import json
import os
import random
import resource
import statistics
import sys
import time
from datetime import date, timedelta
from typing import Final

from benchmarks.database import stated_or_started
from benchmarks.history import AT_ONCE, PROGRAMME, History, enrolment, partner_of, won_deal
from domain.calendar import instant_from, local_date
from domain.commission.credit import DealOutcome
from domain.commission.outcomes import OutcomeChange
from domain.ids import AccountId, DealRef, Instant, Position
from domain.programme.aggregate import MoveClock
from projections.changes import execute
from projections.credits import rows as credit_rows
from projections.projection import Logged
from projections.runner import Runner
from projections.statement_rows import find_statement, list_statements
from projections.statements import Statements
from service.assembly import assembled, following_projections
from service.commands.programme import MoveSandboxClock
from service.commands.registering import Register, fresh_token, wanted_of
from service.database import open_database, read, write
from service.event_names import EVENT_TYPES
from service.event_store import read_head
from service.log_source import LogSource, transactions
from service.payloads.registration import RegistrationFields
from tests.support.open_statements import open_statements
from tests.support.postgres import create_database, drop_database
from tests.support.tables import create_tables

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
LARGEST_FROM_NOTHING: Final = 100_000
CHUNK: Final = 20_000
FACTS: Final = 15
NOW: Final = instant_from("2026-03-25T09:00:00.000000Z")
PARTNER: Final = partner_of(0)
GENERATION: Final = 1


def outcome(number: int) -> DealOutcome:
    """A deal that was won in the first eighty days of the quarter, in the order of its number."""
    won_on = date(2026, 1, 1) + timedelta(days=number * 80 // SIZES[-1])
    return won_deal(PARTNER, f"{number:024x}", number, won_on, 1_000_00 + number % 1_000)


def registration(deal: str) -> Register:
    """A customer of its own, for the one partner."""
    body = {
        "partner": PARTNER,
        "account": {"name": f"Fresh {deal} Ltd", "country": "FR", "domain": f"fresh-{deal.lower()}.example"},
        "products": ["edge"],
        "value": {"amount": "12000.00", "currency": "USD"},
        "engagement": "referral",
    }
    fields = RegistrationFields.model_validate_json(json.dumps(body))
    named = DealRef(source="crm", id=deal)
    return Register(actor="benchmark", wanted=wanted_of(fields, partner=PARTNER, deal=named, crm_ids_count=True))


class Statement:
    """The partner's statement, its programme, and who follows it."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.engine = history.service.engine
        self.runner = Runner(
            PROGRAMME, following_projections(), LogSource(EVENT_TYPES), transactions(self.engine), AT_ONCE
        )
        self.statements = next(one for one in following_projections() if isinstance(one, Statements))
        self.known = 0
        self.commission = ""

    async def follow(self) -> float:
        """Seconds until every view has seen the log's end."""
        began = time.perf_counter()
        while (await self.runner.step()).applied:
            pass
        return time.perf_counter() - began

    async def fill(self, size: int) -> None:
        """So many credits in all."""
        for first in range(self.known, size, CHUNK):
            async with write(self.engine) as connection:
                position = Position((await read_head(connection, PROGRAMME)).position)
                found = [outcome(number) for number in range(first, min(first + CHUNK, size))]
                changes = {
                    one.registration: OutcomeChange(
                        account=AccountId("acc_filled"),
                        position=position,
                        outcome=one,
                        credited=frozenset({PARTNER}),
                    )
                    for one in found
                }
                await execute(connection, credit_rows(PROGRAMME, GENERATION, changes))
                filled = Logged(position=position, recorded_at=NOW, actor="benchmark", event="filled", stream="")
                await self.statements.apply(connection, PROGRAMME, GENERATION, [filled])
        self.known = size

    async def win(self, won_on: date) -> float:
        """Seconds from a deal's win to a statement that states it."""
        history, deal = self.history, f"D-{len(self.history.deals)}"
        history.deals.append(deal)
        await history.service.submit(PROGRAMME, registration(deal))
        await self.follow()
        await history.submit(history.report("deal.won", deal_id=deal, won_on=won_on.isoformat()))
        took = await self.follow()
        async with read(self.engine) as connection:
            (row,) = await list_statements(connection, PROGRAMME, limit=2)
        assert json.loads(row.totals)["commission"]["amount"] != self.commission, "the statement has not moved"
        self.commission = json.loads(row.totals)["commission"]["amount"]
        return took

    async def tell_again(self, won_on: date) -> float:
        """Seconds after a win is told a second time, which changes nothing but what its line rests on."""
        history = self.history
        again = history.report("deal.won", deal_id=history.deals[-1], won_on=won_on.isoformat())
        await history.submit(again)
        return await self.follow()

    async def from_nothing(self) -> float:
        """Seconds to read all credits and compute the statement."""
        reader = self.history.service.statements
        began = time.perf_counter()
        async with read(self.engine) as connection:
            position = Position((await read_head(connection, PROGRAMME)).position)
            inputs = (await reader.at_head(connection, PROGRAMME, [PARTNER], position))[PARTNER]
        assert len(open_statements(inputs)[0].lines) >= self.known
        return time.perf_counter() - began

    async def read(self) -> float:
        """Seconds to read the statement and work out its digest."""
        began = time.perf_counter()
        async with read(self.engine) as connection:
            row = await find_statement(connection, PROGRAMME, PARTNER, "2026-Q1")
        assert row is not None and row.digest is not None
        return time.perf_counter() - began


async def begun(history: History) -> None:
    """A programme in March, whose registrations are all the one partner's."""
    await history.start()
    await history.submit(enrolment(PARTNER))
    await history.submit(MoveSandboxClock(actor="benchmark", command=MoveClock(now=NOW), token=fresh_token()))
    history.now = Instant(NOW)


async def measured(statement: Statement) -> list[float | None]:
    """The median seconds of a win that comes last, one in the middle, the same told again, all anew, and reading."""
    today = local_date(NOW, statement.history.zone)
    middle = date(2026, 1, 1) + timedelta(days=statement.known * 40 // SIZES[-1])
    small = statement.known <= LARGEST_FROM_NOTHING
    return [
        statistics.median([await statement.win(today) for _ in range(FACTS)]),
        statistics.median([await statement.win(middle) for _ in range(3)]) if small else None,
        statistics.median([await statement.tell_again(middle) for _ in range(3)]) if small else None,
        await statement.from_nothing() if small else None,
        await statement.read() if small else None,
    ]


def cell(seconds: float | None, smallest: float | None) -> str:
    """A time, and how it grew."""
    return "-" if seconds is None or smallest is None else f"{seconds * 1000:,.1f} ms {seconds / smallest:>6.1f}x"


async def main(largest: int) -> None:
    """Measure each size and print how the times grow."""
    with stated_or_started() as server:
        url = await create_database(server, f"firstclaim_statement_{os.getpid()}")
        await create_tables(url)
        history = History(assembled(open_database(url), follows=False), random.Random(2026))
        await begun(history)
        statement = Statement(history)
        await statement.follow()
        named = "  ".join(name.rjust(20) for name in ("last", "middle", "told again", "from nothing"))
        print(f"{'credits':>9}  {named}  {'read':>9}  {'peak memory':>11}")
        smallest: list[float | None] | None = None
        for size in (size for size in SIZES if size <= largest):
            await statement.fill(size)
            found = await measured(statement)
            smallest = smallest or found
            cells = [cell(*one).rjust(20) for one in zip(found[:4], smallest, strict=False)]
            reading = "-" if found[4] is None else f"{found[4]:.2f} s"
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{size:>9,}  {'  '.join(cells)}  {reading:>9}  {peak:>8,.0f} MB", flush=True)
        await history.service.close()
        await drop_database(server, url)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
