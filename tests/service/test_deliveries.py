"""Webhooks in the record: once each, and parked ones applied when what they wait for becomes known."""

import asyncio
from hashlib import sha256

import pytest
from sqlalchemy import select

from domain.refusal import Refusal
from service.appenders import Appenders
from service.database import Database, read
from service.schema import record_deliveries, record_delivery_rivals
from service.work import DeliveryRef, cause_of_delivery
from tests.service.tally import PROGRAMME, Begin, Deliver, Raise
from tests.service.whole_log import until, whole_log


def delivery(delivery_id: str, tally: str = "a", *, by: int = 1, body: bytes = b"{}") -> Deliver:
    """A webhook that raises a tally."""
    ref = DeliveryRef("crm", delivery_id, sha256(body).digest())
    return Deliver(tally=tally, by=by, body=body, delivery=ref, actor="crm", cause=cause_of_delivery(*ref))


async def outcomes(database: Database) -> dict[str, tuple[str, int | None, str | None]]:
    """Every stored delivery's outcome, position and what it waits for."""
    columns = record_deliveries.c
    statement = select(columns.delivery_id, columns.outcome, columns.position, columns.waits_for)
    async with read(database.engine) as connection:
        rows = await connection.execute(statement.order_by(columns.arrival))
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


async def test_a_delivery_is_stored_with_what_it_caused(log: Database, process: Appenders) -> None:
    """Its outcome and position in its row; its id and the digest of its raw body in the event's cause."""
    await process.submit(PROGRAMME, Raise(tally="a"))
    await process.submit(PROGRAMME, delivery("msg:1"))
    assert await outcomes(log) == {"msg:1": ("applied", 2, None)}
    assert (await whole_log(log))[1].cause == f"delivery:crm:msg:1:{sha256(b'{}').hexdigest()}"


async def test_the_same_delivery_again_changes_nothing(log: Database, process: Appenders) -> None:
    """Same id and same body: the work is handed what is stored, later as well as within one batch."""
    await process.submit(PROGRAMME, Raise(tally="a"))
    answers = await asyncio.gather(*(process.submit(PROGRAMME, delivery("msg_1")) for _ in range(3)))
    answers.append(await process.submit(PROGRAMME, delivery("msg_1")))
    assert [answer.replayed for answer in answers] == [False, True, True, True]
    assert {answer.body for answer in answers} == {b"2"}
    assert len(await whole_log(log)) == 2


async def test_a_known_id_with_another_body_is_refused_and_kept(log: Database, process: Appenders) -> None:
    """The first stays as it is; the second is kept beside it, once."""
    await process.submit(PROGRAMME, Raise(tally="a"))
    await process.submit(PROGRAMME, delivery("msg_1"))
    for _ in range(2):
        with pytest.raises(Refusal):
            await process.submit(PROGRAMME, delivery("msg_1", body=b"other"))
    async with read(log.engine) as connection:
        rows = (
            await connection.execute(select(record_delivery_rivals.c.delivery_id, record_delivery_rivals.c.body))
        ).all()
    assert [tuple(row) for row in rows] == [("msg_1", b"other")]
    assert await outcomes(log) == {"msg_1": ("applied", 2, None)}


async def test_parked_deliveries_are_applied_in_the_transaction_that_makes_them_known(
    log: Database, process: Appenders
) -> None:
    """In order of arrival, right after what they waited for; those that wait for something else stay."""
    for n in range(3):
        await process.submit(PROGRAMME, delivery(f"msg_{n}", by=10 + n))
    await process.submit(PROGRAMME, delivery("other", tally="b"))
    assert await outcomes(log) == {
        "msg_0": ("parked", None, "tally:a"),
        "msg_1": ("parked", None, "tally:a"),
        "msg_2": ("parked", None, "tally:a"),
        "other": ("parked", None, "tally:b"),
    }
    assert (await process.submit(PROGRAMME, Begin(tally="a"))).position == 1
    assert await outcomes(log) == {
        "msg_0": ("applied", 2, None),
        "msg_1": ("applied", 3, None),
        "msg_2": ("applied", 4, None),
        "other": ("parked", None, "tally:b"),
    }
    assert [row.body for row in await whole_log(log)][1:] == [b'{"tally":"a","by":1%d}' % n for n in range(3)]


async def test_a_delivery_parked_in_the_same_batch_is_applied_too(log: Database, process: Appenders) -> None:
    """It arrived just before what it waits for."""
    await asyncio.gather(process.submit(PROGRAMME, delivery("msg_1")), process.submit(PROGRAMME, Begin(tally="a")))
    assert await outcomes(log) == {"msg_1": ("applied", 2, None)}


async def test_what_exceeds_a_hundred_parked_deliveries_goes_into_the_next_batches(
    log: Database, process: Appenders
) -> None:
    """One batch takes up a hundred; the rest follows by itself, still in order of arrival."""
    for start in range(0, 250, 50):
        numbers = range(start, start + 50)
        await asyncio.gather(*(process.submit(PROGRAMME, delivery(f"msg_{n}", by=n + 1)) for n in numbers))
    await process.submit(PROGRAMME, Begin(tally="a", by=1000))
    await process.submit(PROGRAMME, Raise(tally="b"))
    applied = [row.body for row in await whole_log(log) if row.stream == "tally/a"]
    assert applied[:101] == [b'{"tally":"a","by":%d}' % by for by in (1000, *range(1, 101))]

    async def all_applied() -> bool:
        return all(outcome == "applied" for outcome, _, _ in (await outcomes(log)).values())

    while not await all_applied():
        await until(lambda: process.of(PROGRAMME).in_batch == 0)
    applied = [row.body for row in await whole_log(log) if row.stream == "tally/a"]
    assert applied == [b'{"tally":"a","by":%d}' % by for by in (1000, *range(1, 251))]


async def test_a_parked_delivery_that_fails_stays_parked(log: Database, process: Appenders) -> None:
    """A bug in applying it hurts neither what made it known nor the others that waited."""
    for name, by in (("msg_1", 1), ("broken", 666), ("msg_2", 2)):
        await process.submit(PROGRAMME, delivery(name, by=by))
    await asyncio.gather(process.submit(PROGRAMME, Raise(tally="b")), process.submit(PROGRAMME, Begin(tally="a")))
    assert {name: outcome for name, (outcome, _, _) in (await outcomes(log)).items()} == {
        "msg_1": "applied",
        "broken": "parked",
        "msg_2": "applied",
    }


async def test_a_parked_delivery_that_is_refused_stays_parked(log: Database, process: Appenders) -> None:
    """Its work may keep an outcome of its own instead; a bare refusal keeps nothing."""
    await process.submit(PROGRAMME, delivery("msg_1", by=1_000_000))
    await process.submit(PROGRAMME, Begin(tally="a"))
    assert (await outcomes(log))["msg_1"][0] == "parked"
