"""What closing a quarter costs with a thousand, ten thousand … credits, a hundred to each partner.

The partners are enrolled by the service; their credits are filled in bulk, as if as many deals had been won. Then the
quarter is closed in one command: computed beside the head's lock, and recorded under it. Printed are the seconds of
both, how they grew since the smallest size, how much was recorded, and the process's peak memory so far.

    .venv/bin/python -m benchmarks.closing [LARGEST]

10,000 credits is the default and takes half a minute. The database is PostgreSQL with its ordinary durability, started
for this run; `FIRSTCLAIM_TEST_POSTGRES_URL` names another.
"""

import asyncio
import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select, text

from benchmarks.database import stated_or_started
from benchmarks.history import PROGRAMME, History, enrolment, won_deal
from domain.calendar import instant_from, period_from
from domain.commission.credit import DealOutcome
from domain.commission.outcomes import OutcomeChange
from domain.ids import AccountId, Instant, PartnerId, Position
from domain.programme.aggregate import MoveClock
from projections.changes import execute
from projections.credits import rows as credit_rows
from service.assembly import assembled
from service.commands.periods import Close
from service.commands.programme import MoveSandboxClock
from service.commands.registering import fresh_token
from service.database import open_database, read, write
from service.schema import record_events
from tests.support.postgres import create_database, drop_database
from tests.support.tables import create_tables

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
CREDITS_OF_A_PARTNER: Final = 100
PARTNERS_AT_ONCE: Final = 200
GENERATION: Final = 1
AFTERWARDS: Final = instant_from("2026-04-01T09:00:00.000000Z")


def partner_of(size: int, number: int) -> PartnerId:
    """A partner of the programme that has so many credits."""
    return PartnerId(f"partner-{size}-{number:05}")


def outcome(partner: PartnerId, number: int) -> DealOutcome:
    """A deal of a partner that was won some day of the quarter."""
    won_on = date(2026, 1, 1) + timedelta(days=number * 80 // CREDITS_OF_A_PARTNER)
    return won_deal(partner, f"{partner}_{number}", number, won_on, 5_000_00 + number)


async def fill(history: History, partners: Sequence[PartnerId]) -> None:
    """Enrol these partners, and give each its credits."""
    for start in range(0, len(partners), PARTNERS_AT_ONCE):
        some = partners[start : start + PARTNERS_AT_ONCE]
        await history.submit(*(enrolment(partner) for partner in some))
        changes = {
            found.registration: OutcomeChange(
                account=AccountId("acc_filled"), position=Position(1), outcome=found, credited=frozenset({partner})
            )
            for partner in some
            for number in range(CREDITS_OF_A_PARTNER)
            for found in [outcome(partner, number)]
        }
        async with write(history.service.engine) as connection:
            await execute(connection, credit_rows(PROGRAMME, GENERATION, changes))
    for table in ("view_credits", "view_credits_partners", "record_events"):
        async with write(history.service.engine) as connection:
            await connection.execute(text(f"ANALYZE {table}"))


async def closed(history: History, partners: int) -> tuple[float, float, int]:
    """Close the quarter: seconds beside the lock and under it, and the bytes recorded."""
    service = history.service
    work = Close(actor="benchmark", period=period_from("2026-Q1"), partner=None, force=False, reader=service.statements)
    began = time.perf_counter()
    await work.compute(service.reading, PROGRAMME)
    computed = time.perf_counter()
    await service.submit(PROGRAMME, work)
    recorded = time.perf_counter()
    async with read(service.engine) as connection:
        found = await connection.execute(
            select(func.count(), func.sum(func.length(record_events.c.body))).where(
                record_events.c.stream.like("commission_period/%")
            )
        )
    count, size = found.one()
    assert count == partners, f"{count} statements for {partners} partners"
    return computed - began, recorded - computed, int(size)


async def main(largest: int) -> None:
    """Close each size in a database of its own, and print how the times grow."""
    print(f"{'credits':>9}  {'partners':>8}  {'beside the lock':>20}  {'under it':>20}  {'recorded':>9}  {'memory':>8}")
    smallest: tuple[float, float] | None = None
    with stated_or_started() as server:
        for size in (size for size in SIZES if size <= largest):
            url = await create_database(server, f"firstclaim_closing_{os.getpid()}_{size}")
            await create_tables(url)
            history = History(assembled(open_database(url), follows=False), random.Random(2026))
            await history.start()
            partners = [partner_of(size, number) for number in range(size // CREDITS_OF_A_PARTNER)]
            await fill(history, partners)
            move = MoveSandboxClock(actor="benchmark", command=MoveClock(now=AFTERWARDS), token=fresh_token())
            await history.submit(move)
            history.now = Instant(AFTERWARDS)
            beside, under, recorded = await closed(history, len(partners))
            smallest = smallest or (beside, under)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{size:>9,}  {len(partners):>8,}  {cell(beside, smallest[0])}  {cell(under, smallest[1])}"
                f"  {recorded / 1e6:>6,.1f} MB  {peak:>5,.0f} MB",
                flush=True,
            )
            await history.service.close()
            await drop_database(server, url)


def cell(seconds: float, smallest: float) -> str:
    """A time, and how it grew."""
    return f"{seconds:,.2f} s {seconds / smallest:>7.1f}x".rjust(20)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
