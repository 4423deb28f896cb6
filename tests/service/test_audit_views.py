"""A row edited, deleted or added by hand in any view is found, and named with what the log says (design, Replay)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import URL, ColumnElement, Integer, LargeBinary, Table, func, select

from projections.projection import Projection, view_checkpoints, view_live, view_parked
from projections.rebuild import connected
from service.assembly import assembled, following_projections, inline_projections
from service.audit import verify_database
from service.audit_findings import Disagreement
from service.audit_views import views_disagreement
from service.database import open_database, read, write
from service.running import Service
from tests.service.audit_history import PROGRAMME
from tests.service.audit_tampering import run

PROJECTIONS = (*inline_projections(), *following_projections())
TABLES = {table.name: table for projection in PROJECTIONS for table in projection.tables}
KEYS_ONLY = {name for name, table in TABLES.items() if all(column.primary_key for column in table.columns)}


async def disagreement(history: Service, among: str | None = None) -> Disagreement | None:
    """What comparing the views finds first, or only those that a table belongs to and is kept with."""
    projections: Sequence[Projection] = tuple(history.projections.values())
    if among is not None:
        [name] = [projection.name for projection in projections if TABLES[among] in projection.tables]
        projections = connected(projections, name)
    return await views_disagreement(history.engine, history.types, PROGRAMME, projections, lambda _done, _total: None)


async def a_row(history: Service, table: Table) -> dict[str, Any]:
    """A row from the middle of a table."""
    async with read(history.engine) as connection:
        count = await connection.scalar(select(func.count()).select_from(table)) or 0
        found = await connection.execute(select(table).order_by(*table.primary_key).offset(count // 2).limit(1))
        return dict(found.one()._mapping)


async def rows_left_behind(history: Service) -> dict[str, int]:
    """How many rows every view table and the tables about them have."""
    counts = {}
    async with read(history.engine) as connection:
        for name, table in TABLES.items():
            counts[name] = await connection.scalar(select(func.count()).select_from(table)) or 0
        for table in (view_checkpoints, view_live, view_parked):
            counts[table.name] = await connection.scalar(select(func.count()).select_from(table)) or 0
    return counts


def own(row: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """The key by which a row is named."""
    return {c.name: row[c.name] for c in table.primary_key if c.name not in ("programme", "generation")}


def is_row(row: Mapping[str, Any], table: Table) -> list[ColumnElement[bool]]:
    """The row and no other."""
    return [column == row[column.name] for column in table.primary_key]


def another(value: Any, column_type: object) -> object:
    """A value that is not this one."""
    if isinstance(column_type, LargeBinary):
        return b" " + bytes(value or b"")
    return (int(str(value or 0)) + 1) if isinstance(column_type, Integer) else f"{value}x"


@pytest_asyncio.fixture(scope="module")
async def told(modules_history_url: URL) -> AsyncIterator[Service]:
    """The service on the history that all tests share, so that what a test does by hand it undoes."""
    service = assembled(open_database(modules_history_url), follows=False)
    yield service
    await service.close()


@pytest.mark.parametrize("modules_history_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", TABLES)
async def test_a_row_deleted_by_hand_is_found(told: Service, name: str) -> None:
    """It is expected and not there; comparing leaves nothing behind."""
    table = TABLES[name]
    row = await a_row(told, table)
    async with write(told.engine) as connection:
        await connection.execute(table.delete().where(*is_row(row, table)))
    before = await rows_left_behind(told)
    found = await disagreement(told)
    assert await rows_left_behind(told) == before
    async with write(told.engine) as connection:
        await connection.execute(table.insert().values(**row))
    assert found is not None
    assert (found.view, found.row, found.found) == (name, own(row, table), None)
    assert found.expected is not None


@pytest.mark.parametrize("modules_history_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", TABLES)
async def test_a_row_added_by_hand_is_found(told: Service, name: str) -> None:
    """It is there and not expected."""
    table = TABLES[name]
    row = await a_row(told, table)
    last = list(table.primary_key)[-1]
    row[last.name] = 999_999 if isinstance(last.type, Integer) else "zzz"
    async with write(told.engine) as connection:
        await connection.execute(table.insert().values(**row))
    found = await disagreement(told)
    async with write(told.engine) as connection:
        await connection.execute(table.delete().where(*is_row(row, table)))
    assert found is not None
    assert (found.view, found.row, found.expected) == (name, own(row, table), None)


@pytest.mark.parametrize("name", [name for name in TABLES if name not in KEYS_ONLY])
async def test_a_row_edited_by_hand_is_found(told: Service, name: str) -> None:
    """Whichever column: the log's value is shown beside the one found. (Of each type of column one on PostgreSQL.)

    All views are compared where rows are deleted and added, here those that are kept together with the edited one.
    """
    table = TABLES[name]
    row = await a_row(told, table)
    columns = [column for column in table.columns if not column.primary_key]
    if told.engine.dialect.name == "postgresql":
        columns = list({type(column.type): column for column in columns}.values())
    for column in columns:
        async with write(told.engine) as connection:
            changed = {column.name: another(row[column.name], column.type)}
            await connection.execute(table.update().where(*is_row(row, table)).values(changed))
        found = await disagreement(told, among=name)
        async with write(told.engine) as connection:
            kept = {column.name: row[column.name]}
            await connection.execute(table.update().where(*is_row(row, table)).values(kept))
        assert found is not None, column.name
        assert (found.view, found.row) == (name, own(row, table))
        assert isinstance(found.expected, Mapping) and isinstance(found.found, Mapping)
        assert found.expected[column.name] == row[column.name] != found.found[column.name]


async def test_the_views_of_the_history_are_what_the_log_says(told: Service) -> None:
    """So that a difference is one that was made by hand."""
    assert await disagreement(told) is None


async def test_what_is_kept_about_the_views_is_checked(history: Service) -> None:
    """A view that stopped somewhere, that claims to have seen too much, or that is read in another generation."""
    parked = (
        "INSERT INTO view_parked (programme, projection, generation, key, position, error)"
        " VALUES ('story', 'credits', 1, 'acc_1', 5, 'it broke')"
    )
    await run(history.engine, parked)
    verdict = await verify_database(history, PROGRAMME)
    assert not verdict.document()["views_equal"]
    assert verdict.document()["first_disagreement"] == {
        "view": "view_parked",
        "row": {"projection": "credits", "key": "acc_1"},
        "expected": None,
        "found": "it broke",
    }
    await run(history.engine, "DELETE FROM view_parked", "UPDATE view_checkpoints SET position = 100000")
    found = await disagreement(history)
    assert found is not None and found.view == "view_checkpoints"
    await run(history.engine, "UPDATE view_checkpoints SET position = 12")
    found = await disagreement(history)
    assert found is not None and found.found is not None, "rows know of events that the view says it has not seen"
    await run(
        history.engine, "INSERT INTO view_live (programme, projection, generation) VALUES ('story', 'priority', 7)"
    )
    found = await disagreement(history)
    assert found is not None and found.found is None, "a generation without rows is read"
