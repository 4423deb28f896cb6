"""The appender: one order, individual answers, and nothing said before it is stored."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import URL, text

from domain.ids import ProgrammeId
from domain.refusal import Refusal
from service.appender import Limits
from service.appenders import Appenders
from service.database import Database, open_database, write
from service.event_store import NoSuchProgramme, lock_head
from service.work import KeyInUse, KeyReused, RequestKey, Unavailable, WorkFailed
from tests.service.tally import (
    LIMIT,
    PROGRAMME,
    Bug,
    Census,
    Large,
    Raise,
    Reacting,
    Secret,
    TallyLoader,
    Unfit,
    Unnamed,
    WithReceipt,
    appenders,
    begin_log,
)
from tests.service.whole_log import until, whole_log


async def test_a_work_is_answered_with_its_position_after_it_is_stored(log: Database, process: Appenders) -> None:
    """The answer carries the event's place; by then anybody can read it there."""
    answer = await process.submit(PROGRAMME, Raise(tally="a", by=3))
    assert (answer.body, answer.position, answer.created) == (b"3", 1, True)
    [row] = await whole_log(log)
    assert (row.stream, row.version, row.type_name, row.actor) == ("tally/a", 1, "tally.raised.v1", "tester")
    assert row.body == b'{"tally":"a","by":3}'


async def test_many_works_at_once_each_get_their_own_answer(log: Database, process: Appenders) -> None:
    """Positions are gap-free and in the order of submission, whatever the batches were."""
    answers = await asyncio.gather(*(process.submit(PROGRAMME, Raise(tally=str(n % 7))) for n in range(300)))
    assert [answer.position for answer in answers] == list(range(1, 301))
    assert len(await whole_log(log)) == 300


async def test_a_refusal_costs_its_own_work_only(log: Database, process: Appenders) -> None:
    """The works around a refused one are stored, and what it had done is gone."""
    outcomes = await asyncio.gather(
        process.submit(PROGRAMME, Raise(tally="a", by=LIMIT - 1)),
        process.submit(PROGRAMME, Raise(tally="a", by=2)),
        process.submit(PROGRAMME, Raise(tally="a", by=1)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], Refusal)
    assert (outcomes[1].code, outcomes[1].facts) == ("TOO_HIGH", {"total": LIMIT - 1})
    assert [row.version for row in await whole_log(log)] == [1, 2]


@pytest.mark.parametrize("poison", [Bug, Unfit])
async def test_a_poison_work_hurts_nobody_else(log: Database, process: Appenders, poison: type[Raise]) -> None:
    """A bug, or a row that the database does not take, fails its own work; the others of its batch are stored once."""
    await process.submit(PROGRAMME, Raise(tally="a"))
    works = [poison(tally="a") if n == 11 else Raise(tally="a") for n in range(32)]
    outcomes = await asyncio.gather(*(process.submit(PROGRAMME, work) for work in works), return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, WorkFailed)] == [11]
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Exception)] == [11]
    assert len(await whole_log(log)) == 32
    assert process.health.ready


async def test_what_is_raised_has_no_trace_of_the_appender(process: Appenders) -> None:
    """A refusal is made afresh for its caller, without the cause and context of where it was decided."""
    with pytest.raises(Refusal) as refused:
        await process.submit(PROGRAMME, Raise(tally="a", by=LIMIT + 1))
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


async def test_the_same_request_again_replays_its_answer(log: Database, process: Appenders) -> None:
    """Same key and same request: the first answer, and nothing is written a second time; from another process too."""
    request = RequestKey("key_1", "k-1", b"h" * 32)
    first = await process.submit(PROGRAMME, Raise(tally="a", request=request))
    other = appenders(log)
    for again in (process, other):
        answer = await again.submit(PROGRAMME, Raise(tally="a", request=request))
        assert answer.replayed
        assert (answer.body, answer.position, answer.created) == (first.body, first.position, first.created)
    await other.close()
    assert len(await whole_log(log)) == 1


async def test_a_repeat_that_would_be_refused_now_replays_its_answer(log: Database, process: Appenders) -> None:
    """What the request itself has changed stands in the way of doing it again, and not of answering it again."""
    request = RequestKey("key_1", "k-1", b"h" * 32)
    await process.submit(PROGRAMME, Raise(tally="warm"))
    first = await process.submit(PROGRAMME, Raise(tally="full", by=LIMIT, request=request))
    again, other, fresh = await asyncio.gather(
        process.submit(PROGRAMME, Raise(tally="full", by=LIMIT, request=request)),
        process.submit(PROGRAMME, Raise(tally="full", by=LIMIT, request=request._replace(request_hash=b"o" * 32))),
        process.submit(PROGRAMME, Raise(tally="full", by=1, request=request._replace(idempotency_key="k-2"))),
        return_exceptions=True,
    )
    assert not isinstance(again, BaseException)
    assert (again.replayed, again.body, again.position) == (True, first.body, first.position)
    assert isinstance(other, KeyReused)
    assert isinstance(fresh, Refusal)
    assert len(await whole_log(log)) == 2


async def test_the_same_request_twice_at_once_is_run_once(log: Database, process: Appenders) -> None:
    """Two of the same key in one batch: the second gets the first's answer."""
    request = RequestKey("key_1", "k-1", b"h" * 32)
    answers = await asyncio.gather(*(process.submit(PROGRAMME, Raise(tally="a", request=request)) for _ in range(5)))
    assert [answer.replayed for answer in answers] == [False, True, True, True, True]
    assert len(await whole_log(log)) == 1


async def test_another_request_under_a_used_key_is_refused(log: Database, process: Appenders) -> None:
    """Same key, other content: refused, whether the first is stored already or in the same batch."""
    outcomes = await asyncio.gather(
        process.submit(PROGRAMME, Raise(tally="a", request=RequestKey("key_1", "k-1", b"a" * 32))),
        process.submit(PROGRAMME, Raise(tally="b", request=RequestKey("key_1", "k-1", b"b" * 32))),
        process.submit(PROGRAMME, Raise(tally="b", request=RequestKey("key_2", "k-1", b"b" * 32))),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], KeyReused)
    with pytest.raises(KeyReused):
        await process.submit(PROGRAMME, Raise(tally="b", request=RequestKey("key_1", "k-1", b"b" * 32)))
    assert [row.stream for row in await whole_log(log)] == ["tally/a", "tally/b"]


async def test_a_refused_request_is_tried_afresh(log: Database, process: Appenders) -> None:
    """Refusals are not stored under an idempotency key."""
    request = RequestKey("key_1", "k-1", b"h" * 32)
    await process.submit(PROGRAMME, Raise(tally="full", by=LIMIT))
    with pytest.raises(Refusal):
        await process.submit(PROGRAMME, Raise(tally="full", request=request))
    answer = await process.submit(PROGRAMME, Raise(tally="a", request=request))
    assert not answer.replayed
    assert len(await whole_log(log)) == 2


async def test_a_secret_is_answered_once_and_never_stored(process: Appenders) -> None:
    """The repeat of a request whose answer held a secret is refused, because the secret is not kept."""
    request = RequestKey("key_1", "k-1", b"h" * 32)
    assert (await process.submit(PROGRAMME, Secret(tally="a", request=request))).body == b"secret"
    with pytest.raises(Refusal) as refused:
        await process.submit(PROGRAMME, Secret(tally="a", request=request))
    assert refused.value.code == "SECRET_SHOWN_ONCE"


async def test_a_cancelled_caller_does_not_cancel_what_has_begun(log: Database, process: Appenders) -> None:
    """The transaction goes on without its caller."""
    work = Raise(tally="a")
    caller = asyncio.create_task(process.submit(PROGRAMME, work))
    await until(lambda: work.runs > 0)
    caller.cancel()
    with suppress(asyncio.CancelledError):
        await caller
    await process.submit(PROGRAMME, Raise(tally="b"))
    assert [row.stream for row in await whole_log(log)] == ["tally/a", "tally/b"]


async def test_a_full_queue_refuses_at_once(log: Database) -> None:
    """What cannot be taken on is refused immediately; what was taken on is stored all the same."""
    process = appenders(log, limits=Limits(queue_works=3))
    async with write(log.engine) as connection:
        await lock_head(connection, PROGRAMME)
        first = Raise(tally="a")
        waiting = [asyncio.create_task(process.submit(PROGRAMME, first))]
        await until(lambda: process.of(PROGRAMME).in_batch == 1)
        waiting += [asyncio.create_task(process.submit(PROGRAMME, Raise(tally="a"))) for _ in range(3)]
        await until(lambda: process.of(PROGRAMME).waiting == 3)
        with pytest.raises(Unavailable):
            await process.submit(PROGRAMME, Raise(tally="a"))
    assert [(await task).position for task in waiting] == [1, 2, 3, 4]
    await process.close()


async def test_a_queue_full_of_bytes_refuses_at_once(log: Database) -> None:
    """The queue is bounded by what its works hold in memory as well."""
    process = appenders(log, limits=Limits(queue_bytes=1500))
    with pytest.raises(Unavailable):
        await process.submit(PROGRAMME, Large(tally="a"))
    await process.submit(PROGRAMME, Raise(tally="a"))
    await process.close()


async def test_what_waits_too_long_for_its_turn_is_refused(log: Database) -> None:
    """Behind a batch that takes longer than the wait limit, nothing is begun that its caller has given up on."""
    process = appenders(log, limits=Limits(wait_seconds=0.5))
    async with write(log.engine) as connection:
        await lock_head(connection, PROGRAMME)
        begun = asyncio.create_task(process.submit(PROGRAMME, Raise(tally="a")))
        await until(lambda: process.of(PROGRAMME).in_batch == 1)
        late = asyncio.create_task(process.submit(PROGRAMME, Raise(tally="b")))
        expired = asyncio.get_running_loop().time() + 0.55
        await until(lambda: asyncio.get_running_loop().time() > expired)
    assert (await begun).position == 1
    with pytest.raises(Unavailable):
        await late
    assert [row.stream for row in await whole_log(log)] == ["tally/a"]
    await process.close()


async def test_a_second_request_in_flight_waits_only_so_long(log: Database) -> None:
    """Behind a request under the same key, past the wait limit: the key is in use."""
    process = appenders(log, limits=Limits(wait_seconds=0.5))
    request = RequestKey("key_1", "k-1", b"h" * 32)
    async with write(log.engine) as connection:
        await lock_head(connection, PROGRAMME)
        first = asyncio.create_task(process.submit(PROGRAMME, Raise(tally="a", request=request)))
        await until(lambda: process.of(PROGRAMME).in_batch == 1)
        with pytest.raises(KeyInUse):
            await process.submit(PROGRAMME, Raise(tally="a", request=request))
    assert (await first).position == 1
    await process.close()


async def test_the_appender_starts_again_after_its_task_ended(log: Database, process: Appenders) -> None:
    """Whoever waited is told to come again; the next work finds an appender."""
    others = asyncio.all_tasks()
    await process.submit(PROGRAMME, Raise(tally="a"))
    async with write(log.engine) as connection:
        await lock_head(connection, PROGRAMME)
        caller = asyncio.create_task(process.submit(PROGRAMME, Raise(tally="a")))
        await until(lambda: process.of(PROGRAMME).in_batch == 1)
        [task] = [task for task in asyncio.all_tasks() - others if task.get_name() == "appender"]
        task.cancel()
        with pytest.raises(Unavailable):
            await caller
    assert (await process.submit(PROGRAMME, Raise(tally="a"))).position == 2
    assert len(await whole_log(log)) == 2


async def test_closing_finishes_what_waits(log: Database) -> None:
    """Works that were taken on are stored before the appender ends; later ones are refused."""
    process = appenders(log)
    callers = [asyncio.create_task(process.submit(PROGRAMME, Raise(tally="a"))) for _ in range(5)]
    await asyncio.sleep(0)
    await process.close()
    assert [(await caller).position for caller in callers] == [1, 2, 3, 4, 5]
    with pytest.raises(Unavailable):
        await process.submit(PROGRAMME, Raise(tally="a"))


async def test_a_programme_without_a_log_is_unknown(process: Appenders) -> None:
    """Nothing is begun by writing to it."""
    with pytest.raises(NoSuchProgramme):
        await process.submit(ProgrammeId("nobody"), Raise(tally="a"))


async def test_states_that_a_work_did_not_name_are_loaded_for_it(log: Database, process: Appenders) -> None:
    """Naming too few needs costs a second run and nothing else."""
    await process.submit(PROGRAMME, Raise(tally="a", by=5))
    other = appenders(log)
    work = Unnamed(tally="a")
    assert (await other.submit(PROGRAMME, work)).body == b"6"
    assert work.runs == 3, "once for the tally, once for its stream, once for good"
    await other.close()


async def test_a_batch_loads_what_it_needs_in_one_trip(log: Database) -> None:
    """However many works are in it."""
    loader = TallyLoader()
    process = appenders(log, loader=loader)
    await asyncio.gather(*(process.submit(PROGRAMME, Raise(tally=str(n))) for n in range(50)))
    assert [len(keys) for keys in loader.loads] == [50]
    await process.close()


async def test_a_follow_up_is_stored_with_its_work(log: Database, process: Appenders) -> None:
    """Reactions run right after their work, in its transaction; one that is refused leaves it alone."""
    await process.submit(PROGRAMME, Raise(tally="full", by=LIMIT))
    work = Reacting(tally="a", reactions=(Raise(tally="b"), Raise(tally="full"), Raise(tally="c")))
    await asyncio.gather(process.submit(PROGRAMME, work), process.submit(PROGRAMME, Raise(tally="d")))
    assert [row.stream for row in await whole_log(log)][1:] == ["tally/a", "tally/b", "tally/c", "tally/d"]


async def test_exclusive_work_is_prepared_under_the_lock_and_alone(log: Database, process: Appenders) -> None:
    """It reads what is committed with its connection, and nobody else is in its batch."""
    raises = [Raise(tally="a") for _ in range(3)]
    census = Census(tally="census", exclusive=True)
    await asyncio.gather(*(process.submit(PROGRAMME, work) for work in [*raises, census, Raise(tally="b")]))
    assert census.found == {"a": 3}
    assert [row.stream for row in await whole_log(log)] == ["tally/a"] * 3 + ["tally/census", "tally/b"]


async def test_exclusive_work_may_compute_for_a_minute_under_the_lock(postgresql_url: URL) -> None:
    """PostgreSQL ends other transactions of ours that are idle for two seconds, as those of a stopped process are."""
    database = open_database(postgresql_url)
    await begin_log(database)
    process = appenders(database)
    census = Census(tally="census", exclusive=True)
    await process.submit(PROGRAMME, census)
    assert census.may_compute == "1min"
    async with write(database.appender) as connection:
        assert await connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "2s"
    await process.close()
    await database.close()


async def test_the_receipt_is_the_hash_in_the_log(log: Database, process: Appenders) -> None:
    """A work can answer with the chain hash of what it recorded."""
    answer = await process.submit(PROGRAMME, WithReceipt(tally="a"))
    [row] = await whole_log(log)
    assert answer.body == row.hash.hex().encode()


async def test_whoever_follows_is_told_after_each_commit(log: Database) -> None:
    """The position that the log has reached, in order; never for a refusal."""
    told: list[int] = []
    process = appenders(log, on_commit=lambda programme, position: told.append(position))
    await process.submit(PROGRAMME, Raise(tally="a"))
    with pytest.raises(Refusal):
        await process.submit(PROGRAMME, Raise(tally="a", by=LIMIT))
    await process.submit(PROGRAMME, Raise(tally="a"))
    assert told == [1, 2]
    await process.close()
