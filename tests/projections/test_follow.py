"""The followers as tasks, and those who wait for a view to have seen a write."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.ids import Position
from service.database import read, write
from service.follow import Followers
from service.views import ViewBehind, ViewHealth, ViewParked, Views
from tests.projections.conftest import Toy
from tests.projections.toy import PROGRAMME, TYPES, Breakage, append, live_totals


@pytest.fixture
async def views(toy: Toy) -> AsyncIterator[Views]:
    """The toy views as readers of one process know them."""
    views = Views(toy.engine, toy.projections)
    yield views
    await views.close()


@pytest.fixture
async def followers(toy: Toy, views: Views) -> AsyncIterator[Followers]:
    """Followers that run until the test's end."""
    followers = Followers(toy.engine, TYPES, toy.projections, views)
    followers.start()
    yield followers
    await followers.stop()


async def test_a_read_that_must_see_a_write_waits_for_its_position(
    toy: Toy, views: Views, followers: Followers
) -> None:
    """All who wait are woken by one look, and see the row."""
    position = 0
    for _ in range(20):
        position = await append(toy.engine, ("a", 1))
        followers.wake(PROGRAMME)
        await asyncio.gather(*(views.at_least(PROGRAMME, toy.reports, position, key="a") for _ in range(20)))
        async with read(toy.engine) as connection:
            assert await live_totals(connection) == {"a": position}
    health = await views.health(PROGRAMME)
    assert health == {
        "toy_totals": ViewHealth(Position(position), 0, 0),
        "toy_reports": ViewHealth(Position(position), 0, 0),
    }


async def test_followers_notice_what_other_processes_write(toy: Toy, views: Views, followers: Followers) -> None:
    """A poll finds what nobody here was woken for."""
    assert followers.errors() == {}
    position = await append(toy.engine, ("a", 1))
    await views.at_least(PROGRAMME, toy.totals, position)


async def test_a_position_beyond_the_head_is_refused_at_once(toy: Toy, views: Views) -> None:
    """Nobody waits for what has not happened."""
    await append(toy.engine, ("a", 1))
    with pytest.raises(ViewBehind):
        await views.at_least(PROGRAMME, toy.totals, 2, wait_seconds=3600)


async def test_a_view_that_does_not_arrive_is_behind_after_the_stated_wait(toy: Toy, views: Views) -> None:
    """The wait is bounded, and says where the view stands."""
    await append(toy.engine, ("a", 1))
    with pytest.raises(ViewBehind) as raised:
        await views.at_least(PROGRAMME, toy.totals, 1, wait_seconds=0.2)
    assert (raised.value.position, raised.value.at_least) == (0, 1)
    assert (await views.health(PROGRAMME))["toy_totals"] == ViewHealth(Position(0), 1, 0)


async def test_an_inline_view_stands_at_the_head(toy: Toy, views: Views) -> None:
    """What the append's own transaction keeps is never behind it."""
    position = await append(toy.engine, ("a", 1))
    toy.totals.inline = True
    await views.at_least(PROGRAMME, toy.totals, position, wait_seconds=0)


async def test_a_parked_key_is_told_to_who_reads_it_and_to_nobody_else(
    toy: Toy, views: Views, followers: Followers
) -> None:
    """The others' rows are right, and health shows that something is parked."""
    assert followers.errors() == {}
    toy.totals.fails_at[13] = Breakage("thirteen")
    position = await append(toy.engine, ("a", 1), ("b", 13))
    await views.at_least(PROGRAMME, toy.totals, position, key="a")
    with pytest.raises(ViewParked):
        await views.at_least(PROGRAMME, toy.totals, position, key="b")
    assert (await views.health(PROGRAMME))["toy_totals"] == ViewHealth(Position(position), 0, 1)


async def test_an_operational_error_holds_the_followers_up_and_parks_nothing(
    toy: Toy, views: Views, followers: Followers
) -> None:
    """They say why, try again, and go on when it is over."""
    toy.totals.fails_at[13] = OSError("no disk")
    position = await append(toy.engine, ("a", 13))
    for _ in range(1_000):
        if followers.errors():
            break
        await asyncio.sleep(0.01)
    assert followers.errors() == {PROGRAMME: "OSError: no disk"}
    toy.totals.fails_at.clear()
    await views.at_least(PROGRAMME, toy.totals, position, key="a")


async def test_a_stopped_follower_has_finished_its_chunk(toy: Toy, views: Views) -> None:
    """Stopping cuts no transaction off, and the next process goes on where this one stood."""
    await append(toy.engine, *(("a", 1) for _ in range(300)))
    followers = Followers(toy.engine, TYPES, toy.projections, views)
    followers.start()
    await followers.stop()
    async with write(toy.engine) as connection:
        stood = (await live_totals(connection)).get("a", 0)
    again = Followers(toy.engine, TYPES, toy.projections, views)
    again.start()
    await views.at_least(PROGRAMME, toy.totals, 300)
    await again.stop()
    async with read(toy.engine) as connection:
        assert await live_totals(connection) == {"a": 300}
    assert stood in (0, 300)
