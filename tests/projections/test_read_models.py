"""The service's own views: what following makes of a story is what the log says, to the row."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
import pytest_asyncio
from sqlalchemy import URL, func, select

from domain.calendar import period_from
from domain.commission.document import canonical_json, document_of
from domain.commission.statement import statement
from domain.ids import Instant, PartnerId, Position
from projections import statement_going_on, statement_tables
from projections.checkpoints import START, position_of
from projections.log import Transactions
from projections.projection import Projection, view_parked
from projections.rebuild import Rebuild, connected, followers_lock
from projections.registrations import (
    Wanted,
    list_registrations,
    view_registration_accounts,
    view_registrations,
)
from projections.runner import Runner
from projections.statement_rows import STATED, find_statement, list_statements
from service.assembly import assembled, following_projections, inline_projections
from service.commands.programme import PublishTermsVersion
from service.database import Database, open_database, read, write
from service.event_names import EVENT_TYPES
from service.log_source import LogSource, head_lock, transactions
from service.statement_inputs import StatementReader
from tests.projections.story import PROGRAMME, Story, begin
from tests.support.open_statements import open_statements

FOLLOWING, INLINE = list(following_projections()), list(inline_projections())
TABLES = [table for projection in (*INLINE, *FOLLOWING) for table in projection.tables]


def runner(story: Story, events_per_chunk: int) -> Runner:
    """A runner of the service's followers."""
    ways = transactions(story.service.engine)
    return Runner(PROGRAMME, FOLLOWING, LogSource(EVENT_TYPES), ways, events_per_chunk)


def rebuild(story: Story, group: list[Projection], events_per_chunk: int) -> Rebuild:
    """A rebuild of views that are read together."""
    lock = head_lock(PROGRAMME) if group[0].inline else followers_lock(PROGRAMME, group)
    ways: Transactions = transactions(story.service.engine)
    return Rebuild(
        PROGRAMME, group, LogSource(EVENT_TYPES), ways, lock, lambda _position, _target: None, events_per_chunk
    )


@pytest_asyncio.fixture(scope="module")
async def story(modules_url: URL) -> AsyncIterator[Story]:
    """Half a year of a programme, followed in chunks of different sizes while it happened. Tests leave it as it is.

    It has few credits, so that their walks are noted more often and taken up in smaller parts.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statement_tables, "CREDITS_PER_CHECKPOINT", 2)
        patch.setattr(statement_going_on, "CREDITS_AT_FIRST", 2)
        patch.setattr(statement_going_on, "CREDITS_AT_ONCE", 3)
        database = open_database(modules_url)
        story = await told(database)
        yield story
        await story.service.close()
        await database.close()


async def told(database: Database) -> Story:
    """The story, followed to its end."""
    story = await begin(database, seed=20_261_121)
    for number in range(250):
        await story.step()
        if number % 7 == 0:
            await runner(story, 1 + number % 40).catch_up(story.position)
    await story.leave_something_open()
    await runner(story, 500).catch_up(story.position)
    return story


async def test_every_view_equals_its_rebuild(story: Story) -> None:
    """However the log was cut into chunks, inline and following views are what one reading of it makes."""
    assert story.closed
    async with read(story.service.engine) as connection:
        assert (await connection.execute(select(view_parked))).all() == []
        for projection in FOLLOWING:
            assert await position_of(connection, PROGRAMME, projection.name) == story.position
        for table in TABLES:
            assert await connection.scalar(select(func.count()).select_from(table)), table.name
    for group in (INLINE, FOLLOWING):
        outcome = await rebuild(story, group, 17).compare()
        assert outcome.difference is None
        assert outcome.position == story.position


async def test_open_statements_are_what_the_log_makes_of_them_and_closed_ones_what_closing_said(story: Story) -> None:
    """The rows that follow are the same statements as those computed from the log at its end."""
    reader = StatementReader(EVENT_TYPES)
    async with read(story.service.engine) as connection:
        inputs = await reader.at_head(connection, PROGRAMME, None, story.position)
        rows = await list_statements(connection, PROGRAMME, limit=1_000)
        found = [await find_statement(connection, PROGRAMME, row.partner, row.period) for row in rows]
    stated = {(row.partner, row.period): row for row in rows}
    expected = {
        (partner, stated_now.period): document_of(stated_now, status="open", position=0)
        for partner, given in inputs.items()
        for stated_now in open_statements(given)
    }
    assert {key for key, row in stated.items() if row.status == "open"} == set(expected)
    for key, document in expected.items():
        assert stated[key].digest == document["digest"]
    closed = {(closing.partner, closing.period): closing for given in inputs.values() for closing in given.closed}
    assert {key for key, row in stated.items() if row.status != "open"} == set(closed)
    for key, closing in closed.items():
        assert stated[key].digest == closing.digest
        assert statement(inputs[key[0]], period_from(key[1])) == closing.statement
    for row in found:
        assert row is not None and row.document is not None
        document = json.loads(row.document)
        assert sha256(canonical_json({member: document[member] for member in STATED})).hexdigest() == row.digest
        assert stated[row.partner, row.period].digest == row.digest


async def test_a_partner_without_credits_is_looked_at_anew_when_the_rules_change(sqlite_url: URL) -> None:
    """Its first open period is one of today's, whether its enrolment was seen before the new rules or with them."""
    database = open_database(sqlite_url)
    story = await begin(database, seed=4)
    await runner(story, 500).catch_up(story.position)
    work = PublishTermsVersion(
        actor="test", effective_from=date(2026, 1, 1), merge=lambda terms, _currency: replace(terms, period="month")
    )
    assert await story.submit(work) is not None
    await runner(story, 500).catch_up(story.position)
    assert (await rebuild(story, FOLLOWING, 500).compare()).difference is None
    await story.service.close()
    await database.close()


async def test_a_row_removed_from_any_view_is_named(story: Story) -> None:
    """Whatever somebody did to a view by hand, the comparison with what it is kept with says which row is missing."""
    engine = story.service.engine
    for projection in (*INLINE, *FOLLOWING):
        group = connected(INLINE if projection in INLINE else FOLLOWING, projection.name)
        for table in projection.tables:
            async with write(engine) as connection:
                victim = (await connection.execute(select(table).order_by(*table.primary_key).limit(1))).one()
                where = [column == getattr(victim, column.name) for column in table.primary_key]
                await connection.execute(table.delete().where(*where))
            difference = (await rebuild(story, group, 500).compare()).difference
            assert difference is not None
            assert difference.table == table.name
            assert difference.found is None
            async with write(engine) as connection:
                await connection.execute(table.insert(), dict(victim._mapping))


async def test_decisions_go_on_while_what_they_read_is_rebuilt_and_switched(database: Database) -> None:
    """Two processes' appenders write on while an inline view is replaced; neither writes to the old generation."""
    story = await begin(database, seed=3)
    other = assembled(Database(engine=database.engine, appender=database.appender), follows=False)
    services = [story.service, other]
    for number in range(60):
        story.service = services[number % 2]
        await story.step()
    await story.leave_something_open()

    async def go_on() -> None:
        for number in range(60):
            story.service = services[number % 2]
            await story.step()

    going_on = asyncio.create_task(go_on())
    switched = await rebuild(story, INLINE, 5).switch()
    await going_on
    assert (switched.difference, switched.switched) == (None, True)
    async with read(database.engine) as connection:
        for table in (table for projection in INLINE for table in projection.tables):
            assert (await connection.scalars(select(table.c.generation).distinct())).all() == [2], table.name
    assert (await rebuild(story, INLINE, 100).compare()).difference is None
    for service in services:
        await service.appenders.close()


async def test_a_list_by_status_is_right_although_no_timer_ran(story: Story) -> None:
    """What fell due since is listed for the reader to look at; what did not is listed by what the log states."""
    async with read(story.service.engine) as connection:
        rows = (await connection.execute(select(view_registrations))).all()
        approved = Wanted(now=story.now, status="approved")
        found = await list_registrations(connection, PROGRAMME, approved, after=START, limit=1_000)
        assert [row.registration for row in found] == [
            row.registration for row in sorted(rows, key=lambda row: row.position) if row.status == "approved"
        ]
        assert not any(row.is_due for row in found)
        later = replace(approved, now=Instant(story.now + 400 * 86_400_000_000))
        listed = await list_registrations(connection, PROGRAMME, later, after=START, limit=1_000)
        dues = (await connection.execute(select(view_registration_accounts))).all()
        due = {row.account for row in dues if row.due_at is not None and row.due_at <= later.now}
        assert due
        assert {row.registration for row in listed if row.is_due} == {
            row.registration for row in rows if row.account in due
        }
        soon = replace(approved, status=None, expiring_before=Instant(story.now + 10 * 86_400_000_000))
        expiring = await list_registrations(connection, PROGRAMME, soon, after=START, limit=1_000)
        assert {row.registration for row in expiring} == {
            row.registration
            for row in rows
            if row.protected_until is not None and story.now < row.protected_until <= soon.expiring_before
        }
        busiest, _ = Counter(PartnerId(row.partner) for row in rows).most_common(1)[0]
        first = Position(min(row.position for row in rows if row.partner == busiest))
        own = await list_registrations(
            connection, PROGRAMME, Wanted(now=story.now, partner=busiest), after=first, limit=3
        )
        assert len(own) == 3
        assert [row.position for row in own] == sorted(row.position for row in own)
        assert all(row.position > first for row in own)
