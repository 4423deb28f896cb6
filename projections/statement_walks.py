"""Stating a partner's open periods: from nothing, or from the place where something changed.

From nothing is the authority (`domain/commission/statement.py`): it is what a closing computes, and what this gives
must always equal. Taking up a walk is that same calculation over the same credits in the same order; all that it leaves
out is what stands before the first change. It is taken up only where nothing else can have changed: neither the rules,
nor the partner, nor what is closed or adjusts something closed. Everywhere else it is `CannotGoOn`, and all is stated
anew.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Table, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.credit import Credit
from domain.commission.statement import StatementInputs, by_their_period, carried_into
from domain.commission.totals import Carried
from domain.commission.walk import NOT_BEGUN, Placed, Walk, Walked, in_credit_order, in_order_of_statement
from domain.commission.windows import period_on
from domain.ids import PartnerId, RegistrationId
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from projections.changes import Change, Delete, Key, Row, Upsert, execute, key_of
from projections.credits import outcomes_of
from projections.look_up import look_up
from projections.statement_lines import Head, line_row, open_rows, opening_row, walk_row, without_credit
from projections.statement_standing import LineKey, Moved, Standing, credit_of
from projections.statement_tables import (
    NOWHERE,
    Place,
    decoded_walk,
    encoded_walk,
    is_checkpoint,
    place_of,
    view_statement_lines,
    view_statement_openings,
    view_statement_walks,
    view_statements,
)

Credited = tuple[RegistrationId, Credit]
"""A credit and the registration whose deal it is of."""

LINES_AT_MOST: Final = 1_000_000
CREDITS_AT_ONCE: Final = 5_000
"""So many credits behind a change are read, walked over and written at a time."""


class CannotGoOn(Exception):
    """What changed may change more than what stands behind it: all is to be stated anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """All rows of one partner's open statements, as they are from nothing."""

    lines: Sequence[Row]
    walk: Row
    opening: Row
    heads: Sequence[Row]


def drawn(head: Head, inputs: StatementInputs) -> Drawn:
    """State everything open from nothing."""
    partner, programme = inputs.partner, inputs.programme
    walk = Walk(programme, partner)
    own = {
        credit.line: (outcome.registration, credit)
        for outcome in inputs.outcomes
        if (credit := credit_of(outcome, partner.id)) is not None
    }
    in_order = [own[credit.line] for credit in in_credit_order(credit for _, credit in own.values())]
    steps = [step for group in by_place(in_order) for step in walk_over(walk, group)]
    placed = [one for step in steps for one in step.earned]
    by_period = by_their_period(one.computed for one in in_order_of_statement([*placed, *walk.others()]))
    carried, adjustments = carried_into(inputs, by_period)
    credited = {registration for registration, _ in own.values()}
    return Drawn(
        lines=[
            *(step.row(head, partner, is_closed=is_closed(carried, place_of(step.credit))) for step in steps),
            *(
                without_credit(head, partner.id, outcome.registration)
                for outcome in inputs.outcomes
                if outcome.registration not in credited
            ),
        ],
        walk=walk_row(head, partner.id, place_of(steps[-1].credit) if steps else NOWHERE, walk),
        opening=opening_row(head, partner, carried, adjustments),
        heads=open_rows(head, programme, partner, carried, walk),
    )


class Step(NamedTuple):
    """What a walk gave for a credit, and where it is noted, how far it had come."""

    registration: RegistrationId
    credit: Credit
    earned: list[Placed]
    walked: bytes | None

    def row(self, head: Head, partner: Partner, *, is_closed: bool = False) -> Row:
        """Its row; a closed period states its own lines."""
        row = line_row(head, partner, self.registration, self.credit, None if is_closed else self.earned)
        return row | {"walked": self.walked}


def by_place(credited: Iterable[Credited]) -> Iterator[list[Credited]]:
    """Credits in credit order, those of one place together."""
    return (list(group) for _, group in groupby(credited, lambda one: place_of(one[1])))


def walk_over(walk: Walk, of_place: Sequence[Credited]) -> Iterator[Step]:
    """Walk over the credits of one place; behind some places it is noted how far the walk has come."""
    for number, (registration, credit) in enumerate(of_place, start=1):
        earned = walk.step(credit)
        is_noted = number == len(of_place) and is_checkpoint(place_of(credit))
        yield Step(registration, credit, earned, encoded_walk(walk.walked()) if is_noted else None)


async def put_in_place(connection: AsyncConnection, head: Head, partner: PartnerId, made: Drawn) -> list[Change]:
    """What there is to write so that the rows of the lines and of the walk are these and no others."""
    changes: list[Change] = []
    for table, rows in (
        (view_statement_lines, made.lines),
        (view_statement_walks, [made.walk]),
        (view_statement_openings, [made.opening]),
    ):
        key = key_of(table)
        found = await look_up(connection, table, where=head, by=("partner",), keys=[(partner,)], at_most=LINES_AT_MOST)
        stored = {key(row): row for row in (dict(row._mapping) for row in found)}
        wanted = {key(row): row for row in rows}
        changes.append(Delete(table, [gone for gone in stored if gone not in wanted]))
        changes.append(Upsert(table, [row for name, row in wanted.items() if stored.get(name) != row]))
    return changes


def is_closed(carried: Carried, place: Place) -> bool:
    """Whether a place counts as closed."""
    return carried.closed_through is not None and place.won_on <= carried.closed_through.isoformat()


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
            await self._walk_on(min(places))

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
        gone = [
            self._key(*one.was[:3])
            for one in self.moved
            if one.was is not None
            and (one.now is None or (place_of(one.now), one.now.line) != (one.was.at, one.was.line))
        ]
        await self._write(Delete(view_statement_lines, gone), Upsert(view_statement_lines, kept))

    async def _walk_on(self, first: Place) -> None:
        """Walk over all credits from the last noted place before the first change to the end."""
        after, walked = self.standing.last, self.standing.walked
        if first <= after:
            after, walked = await self._checkpoint_before(first)
        walk = Walk(self.programme, self.partner, walked)
        last = after
        async for credited in self._credits_behind(after):
            steps = [step for of_place in by_place(credited) for step in walk_over(walk, of_place)]
            last = place_of(steps[-1].credit) if steps else last
            rows = [step.row(self.head, self.partner) for step in steps if place_of(step.credit) >= first]
            await self._write(Upsert(view_statement_lines, rows))
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

    async def _credits_behind(self, after: Place) -> AsyncIterator[list[Credited]]:
        """All credits behind a place as they are now, in credit order, whole places at a time."""
        fresh = [(one.registration, one.now) for one in self.moved if one.now is not None]
        fresh.sort(key=lambda one: (place_of(one[1]), one[1].line))
        known = after < self.standing.last
        while known:
            rows = await self._lines_behind(after)
            known = len(rows) == CREDITS_AT_ONCE
            if known:
                rows = [row for row in rows if row.at != rows[-1].at]
            if known and not rows:
                raise CannotGoOn
            after = rows[-1].at if known else self.standing.last
            due = [one for one in fresh if place_of(one[1]) <= after]
            fresh = fresh[len(due) :]
            due += await self._stored(rows)
            yield sorted(due, key=lambda one: (place_of(one[1]), one[1].line))
        yield fresh

    async def _lines_behind(self, after: Place) -> list[LineKey]:
        table = view_statement_lines.c
        found = await self.connection.execute(
            select(table.won_on, table.place, table.line, table.registration)
            .where(
                *self._own(view_statement_lines),
                tuple_(table.won_on, table.place) > tuple_(literal(after.won_on), literal(after.place)),
            )
            .order_by(table.won_on, table.place)
            .limit(CREDITS_AT_ONCE)
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
