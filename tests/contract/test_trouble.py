"""What a caller is told when the service itself is in trouble (api.md, Conventions): never more than it may know."""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import URL, insert, select, text

from domain.ids import ProgrammeId
from projections.projection import live_generation, view_parked
from service.database import open_database, write
from service.schema import record_heads
from tests.support.api import Place, problem, running, wanted
from tests.support.postgres import create_database, drop_database
from tests.support.server import Server


@pytest.fixture
def on_postgresql(postgres_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server on a PostgreSQL database of its own."""
    database = asyncio.run(create_database(postgres_url, f"firstclaim_trouble_{os.getpid()}"))
    with running(database, tmp_path_factory.mktemp("trouble")) as place:
        yield place
    asyncio.run(drop_database(postgres_url, database))


def test_a_repeat_that_waits_too_long_for_the_first_is_told_so(on_postgresql: Place) -> None:
    """While somebody else holds the log: `IDEMPOTENCY_KEY_IN_USE` past the wait limit; the first goes on as it was."""
    sandbox = on_postgresql.sandbox()
    sandbox.enrol("northwind")
    caller = sandbox.by("partner", "northwind")

    def register() -> httpx.Response:
        return caller.ask("POST", "/v1/registrations", wanted(), headers={"Idempotency-Key": "once"})

    async def answers_in_their_order() -> list[httpx.Response]:
        database = open_database(on_postgresql.database)
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(2) as callers:
            async with write(database.engine) as connection:
                await connection.execute(select(record_heads).with_for_update())
                asked = [loop.run_in_executor(callers, register) for _ in range(2)]
                answered, others = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            answers = [await one for one in (*answered, *others)]
        await database.close()
        return answers

    repeat, first = asyncio.run(answers_in_their_order())
    assert problem(repeat) == (409, "IDEMPOTENCY_KEY_IN_USE")
    assert first.status_code == 201
    assert register().json() == first.json()


def test_a_view_that_stopped_at_what_is_read_says_so(place: Place) -> None:
    """`VIEW_PARKED` for whom the view has stopped at, and for nobody else."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")

    async def park() -> None:
        database = open_database(place.database)
        async with write(database.engine) as connection:
            generation = await live_generation(connection, ProgrammeId(sandbox.programme), "statements")
            where = {"programme": sandbox.programme, "projection": "statements", "generation": generation}
            parked = {"key": "northwind", "position": at_least, "error": "What is wrong."}
            await connection.execute(insert(view_parked).values({**where, **parked}))
        await database.close()

    at_least = sandbox.position()
    asyncio.run(park())
    finance, query = sandbox.by("finance"), {"at_least": at_least}
    refused = finance.refused("GET", "/v1/statements/northwind/2026-Q1", query=query)
    assert refused == (503, "VIEW_PARKED")
    assert finance.get("/v1/statements/contoso/2026-Q1", at_least=at_least)["lines"] == []


@pytest.fixture
def broken(sqlite_url: URL, serve: Callable[..., Server]) -> Iterator[httpx.Client]:
    """The admin of a server whose database somebody has damaged."""
    server = serve(sqlite_url)
    key = {"Authorization": f"Bearer {(server.folder / 'admin-key').read_text().strip()}"}
    with httpx.Client(base_url=server.url, headers=key, timeout=30) as client:
        partner = {"id": "northwind", "name": "N", "currency": "USD", "agreement": {"effective_from": "2026-01-01"}}
        assert client.post("/v1/partners", json=partner).is_success
        registered = client.post("/v1/registrations", json=wanted(partner="northwind"))
        assert client.get("/v1/registrations", params={"at_least": registered.json()["position"]}).is_success
        asyncio.run(executed(sqlite_url, "DROP TABLE view_priority_deals"))
        asyncio.run(executed(sqlite_url, "UPDATE record_events SET body = '{' WHERE position = 3"))
        yield client


def test_trouble_leaks_nothing_and_leaves_nothing_half_written(broken: httpx.Client) -> None:
    """A table is gone: `UNAVAILABLE` and when to try again. What is stored cannot be read: an id to report."""
    head = broken.get("/v1/audit/head").json()
    deal = {"source": "crm", "id": "D-1"}
    refused = broken.post("/v1/registrations", json=wanted("globex", partner="northwind", deal=deal))
    assert problem(refused) == (503, "UNAVAILABLE")
    assert refused.headers["retry-after"].isdigit()
    failed = broken.get("/v1/registrations")
    assert problem(failed) == (500, "INTERNAL_ERROR")
    assert len(failed.json()["failure"]) == 16
    for answer in (refused, failed):
        assert not any(word in answer.text for word in ("view_", "sqlite", "Traceback", ".py", "northwind"))
    assert broken.get("/v1/audit/head").json() == head


async def executed(url: URL, statement: str) -> None:
    database = open_database(url)
    async with write(database.engine) as connection:
        await connection.execute(text(statement))
    await database.close()
