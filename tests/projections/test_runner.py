"""Following projections: every event once, in order, whoever runs them and whatever breaks."""

import asyncio
import random
from collections import Counter

import pytest
from sqlalchemy import select

from projections.checkpoints import position_of
from projections.parking import MOST_PARKED_KEYS, TooManyParked
from projections.projection import view_parked
from projections.retry import Retry
from projections.runner import Runner
from service.database import read
from service.log_source import LogSource, transactions
from tests.projections.conftest import Toy
from tests.projections.toy import PROGRAMME, TYPES, Breakage, append, live_reports, live_totals


async def run_to_the_end(runner: Runner, head: int) -> None:
    """Step until the views have seen the head, at most so often as could ever be needed."""
    for _ in range(100_000):
        async with runner.transactions.read() as connection:
            if await position_of(connection, PROGRAMME, "toy_reports") >= head:
                return
        await runner.step()
        await asyncio.sleep(0)
    raise AssertionError("the views never reached the head")


async def test_four_concurrent_runners_apply_every_event_exactly_once(toy: Toy) -> None:
    """Any number of processes may try; exactly one wins, and nothing is applied twice or left out."""
    chance = random.Random(7)
    expected: Counter[str] = Counter()
    runners = [asyncio.create_task(run_to_the_end(toy.runner(7), 600)) for _ in range(4)]
    for _ in range(60):
        counted = [(f"k{chance.randrange(9)}", chance.randrange(100)) for _ in range(10)]
        for key, amount in counted:
            expected[key] += amount
        await append(toy.engine, *counted)
    await asyncio.gather(*runners)
    async with read(toy.engine) as connection:
        assert await live_totals(connection) == expected
        assert await live_reports(connection) == {key: f"{total} in all" for key, total in expected.items()}


async def test_a_crash_between_apply_and_checkpoint_applies_nothing_twice(toy: Toy) -> None:
    """Rows and checkpoint commit together: an operational failure after the rows were written leaves neither."""
    head = await append(toy.engine, ("a", 1), ("a", 2), ("b", 3))
    toy.totals.fails_at[3] = OSError("the connection is gone")
    with pytest.raises(OSError, match="gone"):
        await toy.runner().step()
    async with read(toy.engine) as connection:
        assert await live_totals(connection) == {}
        assert await position_of(connection, PROGRAMME, "toy_totals") == 0
    toy.totals.fails_at.clear()
    await run_to_the_end(toy.runner(), head)
    async with read(toy.engine) as connection:
        assert await live_totals(connection) == {"a": 3, "b": 3}
        assert (await connection.execute(select(view_parked))).all() == []


async def test_an_event_that_cannot_be_applied_parks_its_key_and_the_others_go_on(toy: Toy) -> None:
    """The key's later events wait too, in this chunk and in the next; what reads the projection parks with it."""
    toy.totals.fails_at[13] = Breakage("thirteen")
    await append(toy.engine, ("a", 1), ("b", 13), ("a", 2), ("b", 4))
    head = await append(toy.engine, ("b", 5), ("c", 6))
    await run_to_the_end(toy.runner(4), head)
    async with read(toy.engine) as connection:
        assert await live_totals(connection) == {"a": 3, "c": 6}
        assert await live_reports(connection) == {"a": "3 in all", "c": "6 in all"}
        parked = (await connection.execute(select(view_parked).order_by(view_parked.c.projection))).all()
    assert [(row.projection, row.key, row.position) for row in parked] == [
        ("toy_reports", "b", 2),
        ("toy_totals", "b", 2),
    ]
    assert parked[1].error == "Breakage: thirteen"


async def test_after_the_fix_a_retry_applies_what_was_parked(toy: Toy) -> None:
    """Replay after the fix clears the parked key, with its events in their order; a vain retry leaves it parked."""
    toy.totals.fails_at[13] = Breakage("thirteen")
    head = await append(toy.engine, ("a", 1), ("b", 13), ("b", 4))
    await run_to_the_end(toy.runner(), head)
    retry = Retry(PROGRAMME, toy.projections, LogSource(TYPES), transactions(toy.engine))
    assert ("toy_totals", "b") in await retry.all()
    toy.totals.fails_at.clear()
    assert await retry.all() == []
    head = await append(toy.engine, ("b", 5))
    await run_to_the_end(toy.runner(), head)
    async with read(toy.engine) as connection:
        assert await live_totals(connection) == {"a": 1, "b": 22}
        assert await live_reports(connection) == {"a": "1 in all", "b": "22 in all"}
        assert (await connection.execute(select(view_parked))).all() == []


async def test_a_database_error_about_a_value_parks_only_its_own_event(toy: Toy) -> None:
    """What the database refuses inside a savepoint does not cost the other events of the transaction."""
    head = await append(toy.engine, ("a", 1), ("b", 2**62), ("b", 2**62), ("c", 2))
    await run_to_the_end(toy.runner(), head)
    async with read(toy.engine) as connection:
        totals = await live_totals(connection)
        parked = (await connection.execute(select(view_parked.c.key).distinct())).scalars().all()
    assert totals["a"] == 1
    assert totals["c"] == 2
    assert parked == ["b"]


async def test_more_than_a_hundred_parked_keys_stop_the_followers(toy: Toy) -> None:
    """So many failures are the projection's, not the events': the checkpoint stays where it was."""
    toy.totals.fails_at[13] = Breakage("thirteen")
    await append(toy.engine, *((f"k{number}", 13) for number in range(MOST_PARKED_KEYS + 1)))
    with pytest.raises(TooManyParked, match="thirteen"):
        await toy.runner().step()
    async with read(toy.engine) as connection:
        assert await position_of(connection, PROGRAMME, "toy_totals") == 0


async def test_an_answer_states_the_position_that_its_rows_have(toy: Toy) -> None:
    """Rows and checkpoint read in one transaction belong together, whatever the followers do meanwhile."""
    appended = asyncio.create_task(append_ones(toy, 150))
    runner = asyncio.create_task(run_to_the_end(toy.runner(1), 150))
    answers = 0
    while not runner.done():
        async with read(toy.engine) as connection:
            position = await position_of(connection, PROGRAMME, "toy_totals")
            await asyncio.sleep(0)
            assert (await live_totals(connection)).get("a", 0) == position
        answers += 1
    await asyncio.gather(appended, runner)
    assert answers > 10


async def append_ones(toy: Toy, count: int) -> None:
    """Append events of 1, each in a transaction of its own."""
    for _ in range(count):
        await append(toy.engine, ("a", 1))
