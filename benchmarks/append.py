"""Commands a second into the log, against stock `eventsourcing` saving the same events to the same PostgreSQL.

Two measures of ours, in turn with the library's:

- *recorded*: commands that record what was decided before, as the library is given it. Each has an idempotency key;
  its events are encoded and chained, and its answer is stored with them.
- *decided*: registrations of accounts of their own by forty partners, decided by the rules, with the inline views.

The library saves the events of those registrations, with the same content, by its event store and PostgreSQL recorder
in their default configuration: one call for each command, from as many threads as there are callers of ours.

    .venv/bin/python -m benchmarks.append [ROUNDS]

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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
import uvloop
from eventsourcing.domain import AggregateEvent
from eventsourcing.persistence import DatetimeAsISO, DecimalAsStr, EventStore, JSONTranscoder, Mapper, UUIDAsHex
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from sqlalchemy import URL

from benchmarks.database import stated_or_started
from benchmarks.history import enrolment
from domain.ids import PartnerId, ProgrammeId
from service.assembly import assembled
from service.attempt import Attempt
from service.chain import EventRow
from service.commands.registering import Register, wanted_of
from service.database import open_database, write
from service.event_names import EVENT_TYPES
from service.event_store import create_log, read_log
from service.initialise import initialise, starting
from service.payloads.registration import RegistrationFields
from service.running import Service
from service.work import Answer, Cause, RequestKey, Work, cause_of_request
from tests.support.postgres import create_database, drop_database
from tests.support.tables import create_tables

PROGRAMME = ProgrammeId("benchmark")
RECORDED = ProgrammeId("recorded")
PARTNERS = 40
COMMANDS = {1: 1_000, 32: 6_000, 512: 16_000}
"""How many commands of ours are measured in a round, by how many are in flight."""
MEASURES = ("recorded", "decided", "stock")
STOCK_COMMANDS = 1_500
BAR = 15.0
"""The least ratio of what is recorded at 512 in flight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Work):
    """A command that was decided before: its events go to streams of its own."""

    actor: str
    cause: Cause
    request: RequestKey
    events: tuple[tuple[str, object], ...]

    def run(self, attempt: Attempt) -> Answer:
        """Record the events."""
        for stream, event in self.events:
            attempt.append(stream, event, begins_stream=True)
        last = attempt.events[-1]
        body = b'{"position":%d,"hash":"%s"}' % (last.position, last.hash.hex().encode())
        return Answer(body=body, position=last.position, recorded_at=last.recorded_at, created=True)


class Ours:
    """The service on a database, and the commands that it gets."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._numbers = itertools.count()
        self.commands: list[list[EventRow]] = []

    async def begin(self) -> None:
        """A programme, its partners, and what the first registrations recorded."""
        await initialise(self._service, starting(PROGRAMME))
        for number in range(PARTNERS):
            await self._service.submit(PROGRAMME, enrolment(partner_of(number)))
        await self.decided(512, 2_000)
        async with write(self._service.engine) as connection:
            await create_log(connection, RECORDED)
        self.commands = await commands_of(self._service)

    async def decided(self, in_flight: int, commands: int) -> float:
        """Registrations a second, with so many callers who each wait for their answer."""
        return await self._measured(PROGRAMME, in_flight, [registration(next(self._numbers)) for _ in range(commands)])

    async def recorded(self, in_flight: int, commands: int) -> float:
        """Commands a second that were decided before."""
        again = itertools.islice(itertools.cycle(self.commands), commands)
        return await self._measured(RECORDED, in_flight, [decided_before(next(self._numbers), rows) for rows in again])

    async def _measured(self, programme: ProgrammeId, in_flight: int, works: Sequence[Work]) -> float:
        waiting = iter(works)

        async def caller() -> None:
            for work in waiting:
                await self._service.submit(programme, work)

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(in_flight)))
        return len(works) / (time.perf_counter() - began)


@dataclass(frozen=True)
class StockEvent(AggregateEvent):
    """One of our events as an event of the library's."""

    name: str
    content: dict[str, Any]


class Stock:
    """The library's event store on its PostgreSQL recorder, in the same database."""

    def __init__(self, url: URL) -> None:
        self._datastore = PostgresDatastore(
            dbname=str(url.database),
            host=str(url.host or url.query["host"]),
            port=str(url.port or 5432),
            user=str(url.username),
            password=str(url.password or ""),
        )
        recorder = PostgresApplicationRecorder(self._datastore, events_table_name="stock_events")
        recorder.create_table()
        transcoder = JSONTranscoder()
        for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
            transcoder.register(transcoding)
        mapper: Mapper[UUID] = Mapper(transcoder)
        self._events = EventStore(mapper, recorder)
        self._saves = itertools.count()

    def measure(self, commands: Sequence[Sequence[EventRow]], threads: int) -> float:
        """Commands a second, each saved in one call, from so many threads."""
        some = itertools.islice(itertools.cycle(commands), STOCK_COMMANDS)
        prepared = [self._events_of(command) for command in some]
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self._events.put, prepared))
        return STOCK_COMMANDS / (time.perf_counter() - began)

    def close(self) -> None:
        """Lets go of the database."""
        self._datastore.close()

    def _events_of(self, rows: Sequence[EventRow]) -> list[StockEvent]:
        """One command's events, in streams of their own each time."""
        save = next(self._saves)
        return [
            StockEvent(
                originator_id=uuid5(NAMESPACE_URL, f"{save}/{row.stream}/{row.version}"),
                originator_version=1,
                timestamp=datetime.now(UTC),
                name=row.type_name,
                content=msgspec.json.decode(row.body),
            )
            for row in rows
        ]


def partner_of(number: int) -> PartnerId:
    """The name of a partner."""
    return PartnerId(f"partner-{number % PARTNERS:02}")


def decided_before(number: int, rows: Sequence[EventRow]) -> Record:
    """A command that records these events once more."""
    request = RequestKey("key_benchmark", f"request-{number}", number.to_bytes(32, "big"))
    return Record(
        actor="key_benchmark",
        cause=cause_of_request("key_benchmark", request.idempotency_key),
        request=request,
        events=tuple(
            (f"{row.stream}/{number}/{row.version}", EVENT_TYPES.decode(row.type_name, row.body)) for row in rows
        ),
    )


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


async def commands_of(service: Service) -> list[list[EventRow]]:
    """The events in the log so far, those of each registration together."""
    by_cause: dict[Cause, list[EventRow]] = {}
    async for chunk in read_log(service.engine, PROGRAMME):
        for row in chunk:
            if row.cause is not None:
                by_cause.setdefault(row.cause, []).append(row)
    return list(by_cause.values())


Found = dict[tuple[str, int], list[float]]
"""Commands a second in each round, by what was measured and how many were in flight."""


async def compare(url: URL, rounds: int) -> Found:
    """Measures all three in turn."""
    await create_tables(url)
    service = assembled(open_database(url), follows=False)
    ours, stock = Ours(service), Stock(url)
    await ours.begin()
    print(f"{len(ours.commands[0])} events in a command, of {[len(row.body) for row in ours.commands[0]]} bytes")
    found: Found = {(measure, in_flight): [] for measure in MEASURES for in_flight in COMMANDS}
    for warm in (True, *(False for _ in range(rounds))):
        for in_flight, count in COMMANDS.items():
            number = count // 4 if warm else count
            measured = (
                await ours.recorded(in_flight, number),
                await ours.decided(in_flight, number),
                await asyncio.to_thread(stock.measure, ours.commands, in_flight),
            )
            if not warm:
                for measure, rate in zip(MEASURES, measured, strict=True):
                    found[measure, in_flight].append(rate)
    stock.close()
    await service.close()
    return found


async def main(rounds: int) -> int:
    """Measures, prints medians and ratios; 1 when the bar is missed."""
    with stated_or_started() as server:
        url = await create_database(server, f"firstclaim_benchmark_{os.getpid()}")
        found = await compare(url, rounds)
        await drop_database(server, url)
    print(f"commands a second, medians of {rounds} rounds; in brackets the ratio to stock")
    print(f"{'in flight':>9}  {'recorded':>16}  {'decided':>16}  {'stock':>8}")
    ratio = 0.0
    for in_flight in COMMANDS:
        recorded, decided, stock = (statistics.median(found[measure, in_flight]) for measure in MEASURES)
        ratio = recorded / stock
        ours = f"{recorded:>8,.0f} ({ratio:4.1f}x)  {decided:>8,.0f} ({decided / stock:4.1f}x)"
        print(f"{in_flight:>9}  {ours}  {stock:>8,.0f}")
    return 0 if ratio >= BAR else 1


if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 100)
    sys.exit(uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)))
