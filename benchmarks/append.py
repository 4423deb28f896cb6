"""Commands a second into the log, against stock `eventsourcing` saving the same events to the same PostgreSQL.

Ours are real commands: registrations of accounts of their own by forty partners, each under its idempotency key,
decided by the rules, with the inline views, the hash chain and the stored answer in the transaction. The library's
PostgreSQL recorder is given the events that they recorded, with the same bodies, and saves those of each command in one
call: decided and encoded already, which is in its favour. It is called from as many threads as serve it best.

    ./run python -m benchmarks.append     (or: python -m benchmarks.append [ROUNDS])

The database is PostgreSQL with its ordinary durability, started for this run; `FIRSTCLAIM_TEST_POSTGRES_URL` names
another.
"""

import asyncio
import gc
import itertools
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from uuid import NAMESPACE_URL, uuid5

import uvloop
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from sqlalchemy import URL

from domain.ids import PartnerId, ProgrammeId
from domain.partner.aggregate import EnrolPartner
from domain.partner.events import Agreement
from service.assembly import assembled
from service.chain import EventRow
from service.commands.partners import ChangePartner
from service.commands.registering import Register, wanted_of
from service.database import database_url, open_database
from service.event_store import read_log
from service.initialise import initialise, starting
from service.payloads.registration import RegistrationFields
from service.running import Service
from service.work import Cause, RequestKey, cause_of_request
from tests.support.postgres import create_database, drop_database, start_postgres
from tests.support.tables import create_tables

PROGRAMME = ProgrammeId("benchmark")
PARTNERS = 40
COMMANDS = {1: 1_000, 32: 6_000, 512: 16_000}
"""How many commands of ours are measured in a round, by how many are in flight."""
STOCK_COMMANDS = 1_500
STOCK_THREADS = {1: 1, 32: 8, 512: 8}
BAR = 15.0
"""The least ratio at 512 in flight."""


class Ours:
    """The service on a database, and the registrations that it gets."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._numbers = itertools.count()

    async def begin(self) -> None:
        """A programme and its partners."""
        await initialise(self._service, starting(PROGRAMME))
        for number in range(PARTNERS):
            await self._service.submit(PROGRAMME, enrolment(number))

    async def measure(self, in_flight: int, commands: int) -> float:
        """Commands a second, with so many callers who each wait for their answer."""
        prepared = iter([registration(next(self._numbers)) for _ in range(commands)])

        async def caller() -> None:
            for work in prepared:
                await self._service.submit(PROGRAMME, work)

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(in_flight)))
        return commands / (time.perf_counter() - began)


class Stock:
    """The library's PostgreSQL recorder, in the same database."""

    def __init__(self, url: URL) -> None:
        self._datastore = PostgresDatastore(
            dbname=str(url.database),
            host=str(url.host or url.query["host"]),
            port=str(url.port or 5432),
            user=str(url.username),
            password=str(url.password or ""),
            pool_size=8,
        )
        self._recorder = PostgresApplicationRecorder(self._datastore, events_table_name="stock_events")
        self._recorder.create_table()
        self._saves = itertools.count()

    def measure(self, commands: Sequence[Sequence[EventRow]], threads: int) -> float:
        """Commands a second, each saved in one call, from so many threads."""
        some = itertools.islice(itertools.cycle(commands), STOCK_COMMANDS)
        prepared = [self._stored_events(command) for command in some]
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self._recorder.insert_events, prepared))
        return STOCK_COMMANDS / (time.perf_counter() - began)

    def close(self) -> None:
        """Lets go of the database."""
        self._datastore.close()

    def _stored_events(self, rows: Sequence[EventRow]) -> list[StoredEvent]:
        """One command's events, in streams of their own each time."""
        save = next(self._saves)
        ids = [uuid5(NAMESPACE_URL, f"{save}/{row.stream}") for row in rows]
        return [StoredEvent(name, row.version, row.type_name, row.body) for name, row in zip(ids, rows, strict=True)]


def partner_of(number: int) -> PartnerId:
    """The name of a partner."""
    return PartnerId(f"partner-{number % PARTNERS:02}")


def enrolment(number: int) -> ChangePartner:
    """A partner for everything everywhere."""
    command = EnrolPartner(
        partner=partner_of(number),
        name=f"Partner {number}",
        currency="USD",
        agreement=Agreement(products=("*",), territories=("*",), effective_from=date(2020, 1, 1), ends_on=None),
        today=date(2026, 1, 1),
    )
    return ChangePartner(actor="key_benchmark", partner=command.partner, command=lambda _programme, _now: command)


def registration(number: int) -> Register:
    """A request to register an account that nobody else asks for."""
    fields = RegistrationFields.model_validate(
        {
            "partner": partner_of(number),
            "account": {"name": f"Customer {number} GmbH", "country": "DE", "domain": f"customer{number}.example"},
            "products": ("edge",),
            "value": {"amount": "120000.00", "currency": "USD"},
            "engagement": "referral",
        }
    )
    request = RequestKey("key_benchmark", f"request-{number}", number.to_bytes(32, "big"))
    return Register(
        actor="key_benchmark",
        wanted=wanted_of(fields, partner=partner_of(number), deal=None, crm_ids_count=True),
        cause=cause_of_request("key_benchmark", request.idempotency_key),
        request=request,
    )


@contextmanager
def stated_or_started() -> Iterator[URL]:
    """The PostgreSQL to measure on."""
    stated = os.environ.get("FIRSTCLAIM_TEST_POSTGRES_URL")
    if stated:
        yield database_url(stated)
        return
    server = start_postgres(careful=True)
    try:
        yield server.url()
    finally:
        server.stop()


async def commands_of(service: Service) -> list[list[EventRow]]:
    """The events in the log so far, those of each registration together."""
    by_cause: dict[Cause, list[EventRow]] = {}
    async for chunk in read_log(service.engine, PROGRAMME):
        for row in chunk:
            if row.cause is not None:
                by_cause.setdefault(row.cause, []).append(row)
    return list(by_cause.values())


async def compare(url: URL, rounds: int) -> dict[int, tuple[list[float], list[float]]]:
    """Measures both in turn; gives the commands a second of ours and of stock, by how many were in flight."""
    await create_tables(url)
    service = assembled(open_database(url), follows=False)
    ours, stock = Ours(service), Stock(url)
    await ours.begin()
    for in_flight, count in COMMANDS.items():
        await ours.measure(in_flight, count // 4)
    commands = await commands_of(service)
    print(f"{len(commands[0])} events in each command, bodies of {[len(row.body) for row in commands[0]]} bytes")
    found: dict[int, tuple[list[float], list[float]]] = {in_flight: ([], []) for in_flight in COMMANDS}
    for _ in range(rounds):
        for in_flight, count in COMMANDS.items():
            found[in_flight][0].append(await ours.measure(in_flight, count))
            found[in_flight][1].append(await asyncio.to_thread(stock.measure, commands, STOCK_THREADS[in_flight]))
    stock.close()
    await service.close()
    return found


async def main(rounds: int) -> int:
    """Measures, prints medians and ratios; 1 when the bar is missed."""
    with stated_or_started() as server:
        url = await create_database(server, f"firstclaim_benchmark_{os.getpid()}")
        found = await compare(url, rounds)
        await drop_database(server, url)
    print(
        f"{'in flight':>9}  {'firstclaim':>10}  {'stock':>8}  ratio   (medians of {rounds} rounds, commands a second)"
    )
    ratio = 0.0
    for in_flight, (ours, stock) in found.items():
        ratio = statistics.median(ours) / statistics.median(stock)
        print(f"{in_flight:>9}  {statistics.median(ours):>10,.0f}  {statistics.median(stock):>8,.0f}  {ratio:5.1f}x")
    return 0 if ratio >= BAR else 1


if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 100)
    sys.exit(uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)))
