"""Stating a partner's open periods from nothing: what a walk over all credits gives, as rows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.credit import Credit
from domain.commission.statement import StatementInputs, by_their_period, carried_into
from domain.commission.totals import Carried
from domain.commission.walk import Placed, Walk, in_credit_order, in_order_of_statement
from domain.ids import PartnerId, RegistrationId
from domain.partner.aggregate import Partner
from projections.changes import Change, Delete, Row, Upsert, key_of
from projections.look_up import look_up
from projections.statement_lines import Head, line_row, open_rows, opening_row, walk_row, without_credit
from projections.statement_standing import credit_of
from projections.statement_tables import (
    NOWHERE,
    Place,
    encoded_walk,
    is_checkpoint,
    place_of,
    view_statement_lines,
    view_statement_openings,
    view_statement_walks,
)

Credited = tuple[RegistrationId, Credit]
"""A credit and the registration whose deal it is of."""

LINES_AT_MOST: Final = 1_000_000


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
