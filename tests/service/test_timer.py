"""The timer writes down what fell due by the real clock, once, and nothing where nothing is due (rules §2)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Final

import pytest
from sqlalchemy import insert, select

from domain.ids import Instant, PartnerId, ProgrammeId
from domain.partner.aggregate import EnrolPartner
from domain.partner.events import Agreement
from service.assembly import assembled, following_projections, inline_projections
from service.chain import EventRow
from service.commands.deliveries import taken_up
from service.commands.partners import ChangePartner, CommandAt
from service.commands.registering import Register, wanted_of
from service.database import Database, read, write
from service.event_names import EVENT_TYPES
from service.event_store import Head, read_events, read_head
from service.host_time import host_now
from service.initialise import initialise, starting
from service.payloads.registration import RegistrationFields
from service.programme_clock import ProgrammeClock
from service.running import Service
from service.schema import record_requests
from service.states import States
from service.timer import Timer
from service.work import Answer, Unavailable, Work

DAY: Final = 86_400_000_000
REAL, OTHER, SANDBOX = ProgrammeId("real"), ProgrammeId("other"), ProgrammeId("sandbox")
TRIES: Final = 200
PAUSE_SECONDS: Final = 0.05


def forty_days_ago() -> Instant:
    """When the partners registered, whose protection of 30 days has ended since."""
    return Instant(host_now() - 40 * DAY)


@asynccontextmanager
async def back_then(database: Database) -> AsyncIterator[Service]:
    """The service as it ran forty days ago; it follows nothing and leaves the database open."""
    service = Service(
        database,
        types=EVENT_TYPES,
        states=States(EVENT_TYPES),
        clock=ProgrammeClock(forty_days_ago),
        parked_work=taken_up,
        projections=(*inline_projections(), *following_projections()),
        follows=False,
    )
    try:
        yield service
    finally:
        await service.appenders.close()


def at_any_time(command: EnrolPartner) -> CommandAt:
    """A command that does not ask the time."""
    return lambda _programme, _now: command


async def clash(service: Service, programme: ProgrammeId, clock: Instant | None = None) -> None:
    """A programme in which northwind is first on an account and contoso waits behind it."""
    await initialise(service, starting(programme, clock=clock))
    agreement = Agreement(products=("*",), territories=("*",), effective_from=date(2020, 1, 1), ends_on=None)
    for name in ("northwind", "contoso"):
        partner = PartnerId(name)
        enrol = EnrolPartner(partner=partner, name=name, currency="USD", agreement=agreement, today=date(2020, 1, 1))
        work = ChangePartner(actor="test", partner=partner, command=at_any_time(enrol))
        await service.submit(programme, work)
        fields = RegistrationFields.model_validate_json(
            json.dumps(
                {
                    "partner": name,
                    "account": {"name": "Acme GmbH", "country": "DE"},
                    "products": ["edge"],
                    "value": {"amount": "1000.00", "currency": "USD"},
                    "engagement": "referral",
                }
            )
        )
        wanted = wanted_of(fields, partner=name, deal=None, crm_ids_count=True)
        await service.submit(programme, Register(actor="test", wanted=wanted))


async def head_of(database: Database, programme: ProgrammeId) -> Head:
    """Where a programme's log ends, with its revision."""
    async with read(database.engine) as connection:
        return await read_head(connection, programme)


async def written_after(database: Database, programme: ProgrammeId, position: int) -> list[EventRow]:
    """What was recorded after a position."""
    async with read(database.engine) as connection:
        return await read_events(connection, programme, after=position, up_to=position + 100)


async def test_what_fell_due_is_written_once(database: Database) -> None:
    """Protection ended ten days ago, and whoever waited is first since; a second look writes nothing at all."""
    async with back_then(database) as service:
        await clash(service, REAL)
    before = await head_of(database, REAL)
    service = assembled(database, follows=False)
    timer = Timer(database.engine, EVENT_TYPES, service.submit)
    await timer.look()
    written = await written_after(database, REAL, before.position)
    names = {row.type_name for row in written}
    assert {"deal_registration.protection_expired.v1", "deal_registration.promoted.v1"} <= names
    assert {row.actor for row in written} == {"clock"}
    assert all(str(row.cause).startswith("timer:") for row in written)
    after = await head_of(database, REAL)
    await timer.look()
    assert await head_of(database, REAL) == after
    await service.appenders.close()


async def test_a_sandbox_moves_by_its_own_clock_alone(database: Database) -> None:
    """However long ago its clock stands, the timer leaves it as it is."""
    async with back_then(database) as service:
        await clash(service, SANDBOX, clock=forty_days_ago())
    before = await head_of(database, SANDBOX)
    service = assembled(database, follows=False)
    await Timer(database.engine, EVENT_TYPES, service.submit).look()
    assert await head_of(database, SANDBOX) == before
    await service.appenders.close()


async def test_the_trouble_of_one_programme_keeps_no_other_waiting(database: Database) -> None:
    """What cannot be written now is due again at the next look."""
    async with back_then(database) as service:
        await clash(service, REAL)
        await clash(service, OTHER)
    before = {programme: await head_of(database, programme) for programme in (REAL, OTHER)}
    service = assembled(database, follows=False)
    refusals = ["the log cannot take this now"]

    async def submit(programme: ProgrammeId, work: Work) -> Answer:
        if programme == OTHER and refusals:
            raise Unavailable(refusals.pop())
        return await service.submit(programme, work)

    timer = Timer(database.engine, EVENT_TYPES, submit)
    with pytest.raises(Unavailable):
        await timer.look()
    assert await head_of(database, OTHER) == before[OTHER]
    assert await head_of(database, REAL) != before[REAL]
    await timer.look()
    assert await head_of(database, OTHER) != before[OTHER]
    await service.appenders.close()


async def test_a_running_service_watches_the_time(database: Database) -> None:
    """Whoever follows the views also writes what is due, without being asked, and ends in peace."""
    async with back_then(database) as service:
        await clash(service, REAL)
    before = await head_of(database, REAL)
    service = assembled(database)
    service.start()
    try:
        for _ in range(TRIES):
            if await head_of(database, REAL) != before:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        assert await written_after(database, REAL, before.position)
    finally:
        await service.close()


async def test_the_timer_forgets_answers_that_are_too_old_to_be_repeated(database: Database) -> None:
    """An answer of forty days ago is gone, one of today is kept."""
    async with back_then(database) as service:
        await clash(service, REAL)
    rows = [("key_1", "old", forty_days_ago()), ("key_1", "new", host_now())]
    async with write(database.engine) as connection:
        for api_key, idempotency_key, stored_at in rows:
            await connection.execute(
                insert(record_requests).values(
                    programme=REAL,
                    api_key=api_key,
                    idempotency_key=idempotency_key,
                    request_hash=b"h",
                    answer=b"{}",
                    created=False,
                    stored_at=stored_at,
                )
            )
    service = assembled(database)
    await Timer(database.engine, EVENT_TYPES, service.submit).forget()
    async with read(database.engine) as connection:
        assert list(await connection.scalars(select(record_requests.c.idempotency_key))) == ["new"]
    await service.appenders.close()
