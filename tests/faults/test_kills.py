"""What was acknowledged survives `kill -9`, of the service and of its database, and is there once."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, text

from service.database import open_database, read
from tests.faults.programme import StressedProgramme, registration_of, stressed, webhook
from tests.support.postgres import PostgresServer, create_database
from tests.support.server import Server, firstclaim

DEALS: Final = 12
FACTS_OF_A_DEAL: Final = 25 if os.environ.get("FIRSTCLAIM_LONG_TESTS") else 8
"""Long runs are asked for: `FIRSTCLAIM_LONG_TESTS=1 ./run test tests/faults`."""
AT_ONCE: Final = 16
BEFORE_THE_KILL: Final = 40
"""So many deliveries are acknowledged when the process is killed: in the middle of the stream."""


def stream_of_facts() -> dict[str, bytes]:
    """Deliveries about every deal, by id: its value again and again, a win, refunds."""
    deliveries: dict[str, bytes] = {}
    for number in range(FACTS_OF_A_DEAL):
        for deal in range(DEALS):
            at = f"2026-01-{1 + number:02d}T10:00:00Z"
            data: dict[str, object] = {"deal_id": f"D-{deal}"}
            kind = "deal.value_changed"
            if number == 3:
                kind, data = "deal.won", {**data, "won_on": "2026-01-04"}
            elif number % 5 == 4:
                kind = "deal.refunded"
                data |= {"refund_id": f"R-{number}", "refunded_on": "2026-01-20"}
                data |= {"amount": {"amount": "10.00", "currency": "USD"}}
            else:
                data |= {"value": {"amount": f"{100_000 + number}.00", "currency": "USD"}}
            deliveries[f"msg-{deal}-{number}"] = webhook(kind, at, data)
    return deliveries


async def register_deals(programme: StressedProgramme, server: Server) -> None:
    """Twelve deals of one partner, each on its own account."""
    await programme.add_source(server)
    await programme.enrol(server, ["northwind"])
    for deal in range(DEALS):
        body = registration_of("northwind", f"account-{deal}", f"D-{deal}")
        answer = await programme.post(server, "/v1/registrations", body)
        assert answer.status_code == 201, answer.text


async def deliver_until_killed(
    programme: StressedProgramme, server: Server, kill: Callable[[], None]
) -> dict[str, dict[str, Any]]:
    """Send the stream, many at once; kill in its middle. Gives what was acknowledged."""
    waiting = list(stream_of_facts().items())
    acknowledged: dict[str, dict[str, Any]] = {}

    async def send() -> None:
        while waiting:
            delivery, body = waiting.pop(0)
            response = await programme.deliver(server, delivery, body)
            if response is not None and response.status_code == 200:
                acknowledged[delivery] = response.json()
                if len(acknowledged) == BEFORE_THE_KILL:
                    await asyncio.to_thread(kill)

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    assert len(acknowledged) >= BEFORE_THE_KILL
    return acknowledged


async def assert_nothing_is_lost_or_twice(
    programme: StressedProgramme, server: Server, acknowledged: dict[str, dict[str, Any]], database: URL, folder: Path
) -> None:
    """Redeliver everything: what was acknowledged is a duplicate at its old position, all the rest is applied once."""
    deliveries = stream_of_facts()
    waiting, answers = list(deliveries.items()), {}

    async def send_again() -> None:
        while waiting:
            name, body = waiting.pop(0)
            answers[name] = await programme.deliver_until_taken(server, name, body)

    await asyncio.gather(*(send_again() for _ in range(AT_ONCE)))

    for name, first in acknowledged.items():
        assert answers[name]["outcome"] == "duplicate", (name, first, answers[name])
        assert answers[name]["position"] == first["position"], name
    assert {answer["outcome"] for answer in answers.values()} <= {"applied", "duplicate"}
    positions = [answer["position"] for answer in answers.values()]
    assert len(set(positions)) == len(deliveries), "every delivery has an event of its own"

    opened = open_database(database)
    async with read(opened.engine) as connection:
        causes = list(await connection.scalars(text("SELECT cause FROM record_events WHERE cause LIKE 'delivery:%'")))
    await opened.close()
    facts = Counter(cause.split(":")[2] for cause in causes)
    assert set(facts) == set(deliveries)
    verified = firstclaim("verify", database=database, folder=folder)
    assert verified.returncode == 0, verified.stdout + verified.stderr


async def test_a_killed_service_loses_nothing_that_it_acknowledged(
    empty_url: URL, serve: Callable[..., Server], tmp_path: Path
) -> None:
    """`kill -9` of the server in a stream of webhooks, restart, redelivery of everything."""
    async with stressed(empty_url, tmp_path) as programme:
        server = serve(empty_url)
        await register_deals(programme, server)

        acknowledged = await deliver_until_killed(programme, server, server.kill)

        server.start()
        await assert_nothing_is_lost_or_twice(programme, server, acknowledged, empty_url, tmp_path)


async def test_a_killed_database_loses_nothing_that_was_acknowledged(
    crashable_postgres: PostgresServer, serve: Callable[..., Server], tmp_path: Path
) -> None:
    """`kill -9` of PostgreSQL in a stream of webhooks; the service finds its way back by itself."""
    database = await create_database(crashable_postgres.url(), "stressed")

    def kill_and_restart() -> None:
        crashable_postgres.kill()
        crashable_postgres.start()

    async with stressed(database, tmp_path) as programme:
        server = serve(database)
        await register_deals(programme, server)

        acknowledged = await deliver_until_killed(programme, server, kill_and_restart)

        await asyncio.to_thread(server.wait_until_ready)
        await assert_nothing_is_lost_or_twice(programme, server, acknowledged, database, tmp_path)
