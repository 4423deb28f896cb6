"""Open statements are the same whether a walk over the credits is taken up where something changed, or begun anew."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.state import Account
from domain.commission.credit import DealOutcome
from domain.commission.document import canonical_json, document_of
from domain.commission.outcomes import OutcomeChange
from domain.commission.walk import HeldOtherwise
from domain.entered_adjustment.aggregate import Entered
from domain.ids import AccountId, Instant, LeadId, PartnerId, Position, ProgrammeId
from domain.lead.aggregate import Lead
from domain.partner.aggregate import Partner
from domain.partner.events import PartnerReinstated
from domain.programme.aggregate import Programme
from domain.programme.terms import Terms
from projections import statement_going_on, statement_tables
from projections.changes import execute
from projections.checkpoints import START
from projections.credits import rows as credit_rows
from projections.projection import Logged
from projections.statement_going_on import CannotGoOn, GoingOn
from projections.statement_lines import open_document
from projections.statement_rows import STATED
from projections.statement_tables import (
    Place,
    view_statement_lines,
    view_statement_openings,
    view_statement_walks,
    view_statements,
)
from projections.statement_walks import drawn
from projections.statements import Statements
from service.database import Database, open_database, read, write
from tests.support.commission import NORTHWIND, Books
from tests.support.commission_histories import Step, on_known, steps, terms, values, won_days
from tests.support.open_statements import open_statements
from tests.support.tables import create_tables

PROGRAMME = ProgrammeId("acme")
FIRST_OF_YEAR = date(2026, 1, 1)

LONG: Final = bool(os.environ.get("FIRSTCLAIM_LONG_TESTS"))


@dataclass(frozen=True)
class StatesOfBooks:
    """The states that the books have, whatever the position."""

    books: Books

    async def accounts_at(
        self, connection: AsyncConnection, programme: ProgrammeId, accounts: Iterable[AccountId], position: Position
    ) -> Mapping[AccountId, Account]:
        raise AssertionError("statements follow from the credits, whose own view follows from accounts")

    async def partners_at(
        self, connection: AsyncConnection, programme: ProgrammeId, partners: Iterable[PartnerId], position: Position
    ) -> Mapping[PartnerId, Partner]:
        return {name: self.books.partner for name in partners if name == NORTHWIND}

    async def entered_at(
        self, connection: AsyncConnection, programme: ProgrammeId, partners: Iterable[PartnerId], position: Position
    ) -> Mapping[PartnerId, Entered]:
        return {NORTHWIND: tuple(self.books.entered)}

    async def leads_at(
        self, connection: AsyncConnection, programme: ProgrammeId, leads: Iterable[LeadId], position: Position
    ) -> Mapping[LeadId, Lead]:
        raise AssertionError("no statement follows from a lead")

    async def programme_at(self, connection: AsyncConnection, programme: ProgrammeId, position: Position) -> Programme:
        return self.books.programme


@dataclass(slots=True)
class Followed:
    """Books, and the views of credits and statements that follow them in a generation of their own."""

    database: Database
    generation: int
    books: Books
    position: Position = START

    async def follow(self, steps: Iterable[Step]) -> None:
        """Let these steps happen, and the views follow them as one batch."""
        books = self.books
        first = Position(self.position + 1)
        outcomes, closed = dict(books.outcomes), len(books.closed)
        rules = (books.programme, books.partner, len(books.entered))
        for step in steps:
            step(books)
        events: list[object] = [*books.closed[closed:]]
        if rules != (books.programme, books.partner, len(books.entered)) or first == 1:
            events.append(PartnerReinstated(partner=NORTHWIND, reason="So.", at=Instant(0)))
        events.append("an event on an account")
        self.position = Position(self.position + len(events))
        changed = [outcome for deal, outcome in books.outcomes.items() if outcomes.get(deal) != outcome]
        async with write(self.database.engine) as connection:
            await self._credit(connection, changed)
            logged = [
                Logged(position=Position(first + number), recorded_at=Instant(0), actor="test", event=event, stream="")
                for number, event in enumerate(events)
            ]
            await Statements(StatesOfBooks(books)).apply(connection, PROGRAMME, self.generation, logged)

    async def _credit(self, connection: AsyncConnection, changed: Iterable[DealOutcome]) -> None:
        changes = {
            one.registration: OutcomeChange(
                account=AccountId("acc"), position=self.position, outcome=one, credited=frozenset({NORTHWIND})
            )
            for one in changed
        }
        await execute(connection, credit_rows(PROGRAMME, self.generation, changes))

    async def agrees(self) -> None:
        """Every row is what the statements from nothing are made of, and read together they are those statements."""
        inputs = self.books.inputs()
        expected = drawn({"programme": PROGRAMME, "generation": self.generation}, inputs)
        async with read(self.database.engine) as connection:
            heads = await self._rows(connection, view_statements)
            assert [row for row in heads if row["status"] == "open"] == _sorted(expected.heads)
            assert await self._rows(connection, view_statement_lines) == _sorted(expected.lines)
            assert await self._rows(connection, view_statement_walks) == [expected.walk]
            assert await self._rows(connection, view_statement_openings) == [expected.opening]
            for stated in open_statements(inputs):
                row = next(row for row in heads if row["period"] == stated.period)
                document = document_of(stated, status="open", position=0)
                found = await open_document(connection, PROGRAMME, self.generation, row)
                assert found == canonical_json({member: document[member] for member in STATED})
                assert row["lines"] == len(stated.lines)

    async def _rows(self, connection: AsyncConnection, table: Table) -> list[dict[str, object]]:
        found = await connection.execute(select(table).where(table.c.generation == self.generation))
        return _sorted(dict(row._mapping) for row in found)


def _sorted(rows: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    keys = ("period", "won_on", "place", "line")
    return sorted((dict(row) for row in rows), key=lambda row: [str(row.get(key, "")).zfill(20) for key in keys])


@dataclass(slots=True)
class Bench:
    """A database for every example, each in a generation of its own, and how often which way was taken."""

    runner: asyncio.Runner
    database: Database
    generations: int = 0
    ways: Counter[str] = field(default_factory=Counter)

    def play(self, terms_: Terms, batches: Iterable[list[Step]]) -> Followed:
        """Let the batches of steps happen one after another, and look at all rows after each."""
        self.generations += 1
        followed = Followed(self.database, self.generations, Books(terms_))

        async def play() -> None:
            for batch in batches:
                await followed.follow(batch)
                await followed.agrees()

        self.runner.run(play())
        return followed


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Walks are noted behind every second place, and read three credits at a time."""
    url = f"sqlite:///{tmp_path_factory.mktemp('walks') / 'firstclaim.db'}"
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch:
        patch.setattr(statement_tables, "CREDITS_PER_CHECKPOINT", 2)
        patch.setattr(statement_going_on, "CREDITS_AT_FIRST", 2)
        patch.setattr(statement_going_on, "CREDITS_AT_ONCE", 3)
        database = open_database(url)
        runner.run(create_tables(database.engine.url))
        made = Bench(runner, database)
        run = GoingOn.run

        async def counted(going_on: GoingOn) -> None:
            try:
                await run(going_on)
            except CannotGoOn:
                made.ways["anew"] += 1
                raise
            made.ways["on"] += 1

        note = GoingOn._note_held_otherwise

        async def cut_short(going_on: GoingOn, held: HeldOtherwise, after: Place) -> None:
            made.ways["cut short"] += 1
            await note(going_on, held, after)

        patch.setattr(GoingOn, "run", counted)
        patch.setattr(GoingOn, "_note_held_otherwise", cut_short)
        yield made
        runner.run(database.close())


def won(deal: str, on: date, value: str) -> Step:
    """A deal is won."""

    def win(books: Books) -> None:
        books.win(deal, value, on)

    return win


def worth(deal: str, value: str) -> Step:
    """The CRM tells another value."""
    return on_known(deal, lambda books: books.worth(deal, value))


def held(deal: str) -> Step:
    """A conflict case holds a deal's pay."""
    return on_known(deal, lambda books: books.hold(deal, "CONFLICT_OPEN"))


def close_first_quarter(books: Books) -> None:
    """The first quarter is closed."""
    books.close("2026-Q1")


DEALS = [f"x{number}" for number in range(10)]
deals = st.sampled_from(DEALS)
wins = st.lists(st.tuples(won_days, values), max_size=len(DEALS)).map(
    lambda facts: [won(deal, *of_deal) for deal, of_deal in zip(DEALS, facts, strict=False)]
)
moves: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.builds(won, deals, won_days, values),
        st.builds(worth, deals, values),
        st.tuples(deals, won_days).map(lambda chosen: on_known(chosen[0], lambda books: books.moved(*chosen))),
        deals.map(held),
        deals.map(lambda deal: on_known(deal, lambda books: books.hold(deal))),
        deals.map(lambda deal: on_known(deal, lambda books: books.lose(deal))),
    ),
    max_size=8,
)


EVERY_WAY: Final[list[Step]] = [
    *(won(deal, date(2026, 1, 1 + 3 * number), "1000.00") for number, deal in enumerate(DEALS)),
    *(worth(deal, "2000.00") for deal in DEALS),
    *(held(deal) for deal in reversed(DEALS)),
    close_first_quarter,
    *(worth(deal, "3000.00") for deal in DEALS[:3]),
]
"""Wins, for which the walk goes on; holds, behind which it is cut short; and what is closed, for which it is none."""

histories = st.tuples(wins, moves, steps, moves).map(lambda parts: [step for part in parts for step in part])


def test_going_on_gives_what_beginning_anew_does(bench: Bench) -> None:
    """However credits come, change, move and vanish, whatever else happens, and however it is cut into batches."""

    @settings(max_examples=300 if LONG else 15, deadline=None, derandomize=not LONG, database=None)
    @given(terms_=terms, history=histories, at_once=st.integers(1, 3))
    @example(terms_=Terms(), history=EVERY_WAY, at_once=1)
    def law(terms_: Terms, history: list[Step], at_once: int) -> None:
        bench.play(terms_, [history[at : at + at_once] for at in range(0, len(history), at_once)])

    law()
    assert bench.ways["on"] > 20 and bench.ways["anew"] > 2 and bench.ways["cut short"], "every way was tried"
