"""Taking up the walk over a partner's credits where the outcomes of some deals changed.

Stating from nothing (`statement_walks.py`) is the authority, and what this gives must always equal it. It is the same
calculation over the same credits in the same order; all that it leaves out is what stands before the first change, and
behind the last one what does not depend on it. It is done only where nothing else can have changed: neither the rules,
nor the partner, nor what is closed or adjusts something closed. Everywhere else it is `CannotGoOn`, and all is stated
anew.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Table, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.walk import NOT_BEGUN, HeldOtherwise, Walk, Walked, held_otherwise
from domain.commission.windows import period_on
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from projections.changes import Change, Delete, Key, Upsert, execute
from projections.credits import outcomes_of
from projections.statement_lines import Head, open_rows, walk_row, without_credit
from projections.statement_standing import LineKey, Moved, Standing, credit_of
from projections.statement_tables import (
    NOWHERE,
    Place,
    decoded_walk,
    encoded_walk,
    place_of,
    view_statement_lines,
    view_statement_walks,
    view_statements,
)
from projections.statement_walks import Credited, Step, by_place, is_closed, walk_over

CREDITS_AT_FIRST: Final = 250
CREDITS_AT_ONCE: Final = 5_000
"""So many credits behind a change are read, walked over and written at a time."""


class CannotGoOn(Exception):
    """What changed may change more than what stands behind it: all is to be stated anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingOn:
    """One partner's walk, taken up where its first changed deal stands."""

    connection: AsyncConnection
    head: Head
    programme: Programme
    partner: Partner
    standing: Standing
    moved: Sequence[Moved]

    async def run(self) -> None:
        """Write what follows from the changes."""
        self._require_that_nothing_closed_changes()
        await self._write_deals_without_credit()
        places = [one.was.at for one in self.moved if one.was is not None and one.was.at != NOWHERE]
        places += [place_of(one.now) for one in self.moved if one.now is not None]
        if places:
            await self._walk_on(sorted(places))

    def _require_that_nothing_closed_changes(self) -> None:
        carried = self.standing.carried
        gone_lines, gone_deals = {line for line, _ in carried.gone}, {deal for _, deal in carried.gone}
        for one in self.moved:
            was = None if one.was is None or one.was.at == NOWHERE else one.was
            now = None if one.now is None else place_of(one.now)
            if (was and is_closed(carried, was.at)) or (now and is_closed(carried, now)):
                raise CannotGoOn
            credits_nothing = now is None or (one.was is not None and was is None)
            lines = {line for line in (was and was.line, one.now and one.now.line) if line}
            if carried.gone and (credits_nothing or one.registration in gone_deals or lines & gone_lines):
                raise CannotGoOn

    async def _write_deals_without_credit(self) -> None:
        """A deal that credits the partner no more is remembered; one that does again is not."""
        kept = [without_credit(self.head, self.partner.id, one.registration) for one in self.moved if one.now is None]
        gone = [self._key(*one.was[:3]) for one in self.moved if one.was is not None and not one.stays]
        await self._write(Delete(view_statement_lines, gone), Upsert(view_statement_lines, kept))

    async def _walk_on(self, changed: Sequence[Place]) -> None:
        """Walk over all credits from the last noted place before the first change to where nothing else differs.

        That is the end, unless a walk noted behind the last change came to the same but for what is held.
        """
        after, walked = self.standing.last, self.standing.walked
        if changed[0] <= after:
            after, walked = await self._checkpoint_before(changed[0])
        walk = Walk(self.programme, self.partner, walked)
        last = after
        async with aclosing(self._credits_behind(after)) as pages:
            async for credited, noted in pages:
                steps = [step for of_place in by_place(credited) for step in walk_over(walk, of_place)]
                last = place_of(steps[-1].credit) if steps else last
                rows = [step.row(self.head, self.partner) for step in steps if place_of(step.credit) >= changed[0]]
                await self._write(Upsert(view_statement_lines, rows))
                held = self._differs_by_holds(noted, steps) if noted is not None and noted.at > changed[-1] else None
                if held is not None:
                    await self._note_held_otherwise(held, last)
                    walk = Walk(self.programme, self.partner, held.of(self.standing.walked))
                    last = self.standing.last
                    break
        self._require_the_same_first_period(walk)
        heads = open_rows(self.head, self.programme, self.partner, self.standing.carried, walk)
        ended = self.standing.open_periods - {str(row["period"]) for row in heads}
        await self._write(
            Upsert(view_statement_walks, [walk_row(self.head, self.partner.id, last, walk)]),
            Delete(view_statements, [self._key(period) for period in sorted(ended)]),
            Upsert(view_statements, heads),
        )

    async def _checkpoint_before(self, first: Place) -> tuple[Place, Walked]:
        """The last noted place before another, and how far the walk had come; the beginning where there is none."""
        table = view_statement_lines.c
        found = await self.connection.execute(
            select(table.won_on, table.place, table.walked)
            .where(
                *self._own(view_statement_lines),
                table.walked.is_not(None),
                tuple_(table.won_on, table.place) < tuple_(literal(first.won_on), literal(first.place)),
            )
            .order_by(table.won_on.desc(), table.place.desc())
            .limit(1)
        )
        row = found.one_or_none()
        return (NOWHERE, NOT_BEGUN) if row is None else (Place(row.won_on, row.place), decoded_walk(row.walked))

    def _differs_by_holds(self, noted: LineKey, steps: Sequence[Step]) -> HeldOtherwise | None:
        """How a walk differs from what was noted at a place; None where by more than holds, or not noted any more."""
        now = next((step.walked for step in steps if noted.is_of(step.credit)), None)
        if now is None or noted.walked is None:
            return None
        return held_otherwise(decoded_walk(noted.walked), decoded_walk(now))

    async def _note_held_otherwise(self, held: HeldOtherwise, after: Place) -> None:
        """Let everything noted behind a place say what is held now. (Where that is the same, nothing is written.)"""
        table = view_statement_lines
        while held.changes_something:
            found = await self.connection.execute(
                select(table)
                .where(*self._own(table), table.c.walked.is_not(None), _behind(after))
                .order_by(table.c.won_on, table.c.place)
                .limit(CREDITS_AT_ONCE)
            )
            rows = [dict(row._mapping) for row in found]
            if not rows:
                return
            after = Place(rows[-1]["won_on"], rows[-1]["place"])
            noted = [row | {"walked": encoded_walk(held.of(decoded_walk(row["walked"])))} for row in rows]
            await self._write(Upsert(table, noted))

    async def _credits_behind(self, after: Place) -> AsyncGenerator[tuple[list[Credited], LineKey | None], None]:
        """All credits behind a place as they are now, in credit order, whole places at a time.

        With them comes the last of their lines at which a walk was noted. The first few come alone: they may do.
        """
        fresh = [(one.registration, one.now) for one in self.moved if one.now is not None]
        fresh.sort(key=lambda one: (place_of(one[1]), one[1].line))
        known, at_once = after < self.standing.last, CREDITS_AT_FIRST
        while known:
            rows = await self._lines_behind(after, at_once)
            known, at_once = len(rows) == at_once, CREDITS_AT_ONCE
            if known:
                rows = [row for row in rows if row.at != rows[-1].at]
            if known and not rows:
                raise CannotGoOn
            after = rows[-1].at if known else self.standing.last
            due = [one for one in fresh if place_of(one[1]) <= after]
            fresh = fresh[len(due) :]
            due += await self._stored(rows)
            noted = next((row for row in reversed(rows) if row.walked is not None), None)
            yield sorted(due, key=lambda one: (place_of(one[1]), one[1].line)), noted
        yield fresh, None

    async def _lines_behind(self, after: Place, at_most: int) -> list[LineKey]:
        table = view_statement_lines.c
        found = await self.connection.execute(
            select(table.won_on, table.place, table.line, table.registration, table.walked)
            .where(*self._own(view_statement_lines), _behind(after))
            .order_by(table.won_on, table.place)
            .limit(at_most)
        )
        return [LineKey._make(row) for row in found]

    async def _stored(self, rows: Sequence[LineKey]) -> list[Credited]:
        """The credits of lines that did not change, which stand where their lines do."""
        moved = {one.registration for one in self.moved}
        wanted = [row for row in rows if row.registration not in moved]
        programme, generation = self.programme.id, int(str(self.head["generation"]))
        outcomes = await outcomes_of(self.connection, programme, generation, [row.registration for row in wanted])
        credited: list[Credited] = []
        for row in wanted:
            credit = credit_of(outcomes.get(row.registration), self.partner.id)
            if credit is None or not row.is_of(credit):
                raise CannotGoOn
            credited.append((row.registration, credit))
        return credited

    def _require_the_same_first_period(self, walk: Walk) -> None:
        """While nothing is closed, the first open period is the first that anything is stated in."""
        if self.standing.carried.closed_through is None:
            enrolled = period_on(self.programme, self.partner.enrolled_on)
            if min([enrolled, *walk.sums()]) != self.standing.carried.first_open:
                raise CannotGoOn

    async def _write(self, *changes: Change) -> None:
        await execute(self.connection, changes)

    def _key(self, *own: object) -> Key:
        return (*self.head.values(), self.partner.id, *own)

    def _own(self, table: Table) -> Iterator[ColumnElement[bool]]:
        """The conditions on a row to be of this partner."""
        columns = table.c
        yield columns.programme == self.head["programme"]
        yield columns.generation == self.head["generation"]
        yield columns.partner == self.partner.id


def _behind(place: Place) -> ColumnElement[bool]:
    """The condition on a line to stand behind a place."""
    table = view_statement_lines.c
    return tuple_(table.won_on, table.place) > tuple_(literal(place.won_on), literal(place.place))
