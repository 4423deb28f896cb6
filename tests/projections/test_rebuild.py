"""A rebuild says whether a live view is what the log says, and takes its place."""

import asyncio

import pytest
from sqlalchemy import delete, func, insert, select, update

from domain.ids import Position
from projections.projection import live_generation, view_checkpoints
from projections.rebuild import connected
from service.database import read, write
from tests.projections.conftest import Toy
from tests.projections.test_runner import append_ones, run_to_the_end
from tests.projections.toy import PROGRAMME, append, live_reports, live_totals, view_toy_reports, view_toy_totals


async def some_history(toy: Toy) -> int:
    """Two hundred events of twenty keys, seen by the live views."""
    head = await append(toy.engine, *((f"k{number % 20:02}", number) for number in range(200)))
    await run_to_the_end(toy.runner(), head)
    return head


async def generations_left(toy: Toy) -> set[int]:
    """The generations of which any row is left."""
    async with read(toy.engine) as connection:
        found: set[int] = set()
        for table in (view_toy_totals, view_toy_reports, view_checkpoints):
            found.update((await connection.execute(select(table.c.generation).distinct())).scalars())
    return found


async def test_a_live_view_equals_its_rebuild(toy: Toy) -> None:
    """What following made, chunk by chunk, is what one reading of the whole log makes; nothing is left behind."""
    head = await some_history(toy)
    outcome = await toy.rebuild(33).compare()
    assert (outcome.position, outcome.difference, outcome.switched) == (head, None, False)
    assert await generations_left(toy) == {1}


@pytest.mark.parametrize("what", ["changed", "removed", "added"])
async def test_a_row_edited_by_hand_is_named(toy: Toy, what: str) -> None:
    """The comparison names the table, the key, what the log says and what stands there."""
    await some_history(toy)
    tampering = {
        "changed": update(view_toy_reports).where(view_toy_reports.c.key == "k07").values(text="a million"),
        "removed": delete(view_toy_reports).where(view_toy_reports.c.key == "k07"),
        "added": insert(view_toy_reports).values(programme=PROGRAMME, generation=1, key="k99", text="more"),
    }
    async with write(toy.engine) as connection:
        await connection.execute(tampering[what])
    difference = (await toy.rebuild().compare()).difference
    assert difference is not None
    assert difference.table == "view_toy_reports"
    assert difference.key == {"key": "k99" if what == "added" else "k07"}
    expected, found = difference.expected, difference.found
    assert (None if expected is None else expected["text"]) == (None if what == "added" else "970 in all")
    assert (None if found is None else found["text"]) == {"changed": "a million", "removed": None, "added": "more"}[
        what
    ]
    assert await generations_left(toy) == {1}


async def test_a_rebuilt_view_takes_the_live_ones_place_and_goes_on(toy: Toy) -> None:
    """After the switch readers see the rebuilt rows, the old ones are gone, and the followers follow the new ones."""
    await some_history(toy)
    async with write(toy.engine) as connection:
        await connection.execute(update(view_toy_totals).values(total=1))
    outcome = await toy.rebuild().switch()
    assert outcome.switched
    assert outcome.difference is not None
    assert await generations_left(toy) == {2}
    head = await append(toy.engine, ("k07", 1_000))
    await run_to_the_end(toy.runner(), head)
    async with read(toy.engine) as connection:
        assert (await live_totals(connection))["k07"] == 1_970
        assert (await live_reports(connection))["k07"] == "1970 in all"


async def test_a_rebuild_under_way_neither_stops_nor_misses_what_comes_meanwhile(toy: Toy) -> None:
    """The new generation is never behind the old one, although events arrive all the time."""
    await some_history(toy)
    appended = asyncio.create_task(append_ones(toy, 100))
    following = asyncio.create_task(run_to_the_end(toy.runner(3), 300))
    outcome = await toy.rebuild(10).switch()
    assert outcome.difference is None
    await asyncio.gather(appended, following)
    async with read(toy.engine) as connection:
        assert (await live_totals(connection))["a"] == 100
        assert await live_generation(connection, PROGRAMME, "toy_totals") == 2
        assert await connection.scalar(select(func.count()).select_from(view_checkpoints)) == 2
    assert (await toy.rebuild().compare()).difference is None


async def test_a_failed_rebuild_leaves_nothing_and_says_where_it_failed(toy: Toy) -> None:
    """The live view stays as it was."""
    await some_history(toy)
    toy.totals.fails_at[150] = ValueError("a new bug")
    with pytest.raises(ValueError, match="a new bug") as raised:
        await toy.rebuild(50).switch()
    assert raised.value.__notes__ == ["while rebuilding toy_totals of toy, positions 151 to 200"]
    assert await generations_left(toy) == {1}


async def test_progress_is_told_from_the_beginning_to_the_live_position(toy: Toy) -> None:
    """Long work shows how far it is."""
    head = await some_history(toy)
    told: list[tuple[Position, Position]] = []
    rebuild = toy.rebuild(80)
    rebuild.progress = lambda position, target: told.append((position, target))
    await rebuild.compare()
    assert told[0] == (0, head)
    assert told[-1] == (head, head)
    assert told == sorted(told)


def test_projections_that_read_each_other_are_rebuilt_together(toy: Toy) -> None:
    """Either name means both, in the runner's order."""
    for name in ("toy_totals", "toy_reports"):
        assert [item.name for item in connected(toy.projections, name)] == ["toy_totals", "toy_reports"]
