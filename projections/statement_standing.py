"""Where partners' open statements stand, and which of their deals' outcomes changed: read for many partners at once."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.credit import Credit, DealOutcome
from domain.commission.totals import Carried
from domain.commission.walk import Walked
from domain.ids import PartnerId, ProgrammeId, RegistrationId
from projections.credits import outcomes_of
from projections.look_up import look_up
from projections.statement_rows import load_open_periods
from projections.statement_tables import (
    Place,
    decoded_carried,
    decoded_walk,
    place_of,
    view_statement_lines,
    view_statement_openings,
    view_statement_walks,
)


class LineKey(NamedTuple):
    """Where a line stands, of which deal it is, and how far the walk had come there, if that is noted."""

    won_on: str
    place: int
    line: str
    registration: RegistrationId
    walked: bytes | None = None

    @property
    def at(self) -> Place:
        """Its place."""
        return Place(self.won_on, self.place)

    def is_of(self, credit: Credit) -> bool:
        """Whether a credit's line stands here."""
        return (self.at, self.line) == (place_of(credit), credit.line)


class Moved(NamedTuple):
    """A deal whose outcome changed: where its line stood (None: it had none), and what credits the partner now."""

    registration: RegistrationId
    was: LineKey | None
    now: Credit | None

    @property
    def stays(self) -> bool:
        """Whether its line stands where it stood."""
        return self.was is not None and self.now is not None and self.was.is_of(self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a partner's statements stand: the walk over all credits and its last place, and what it began with."""

    last: Place
    walked: Walked
    carried: Carried
    open_periods: frozenset[str]


def credit_of(outcome: DealOutcome | None, partner: PartnerId) -> Credit | None:
    """A partner's credit in a deal; it has one at most."""
    return next((credit for credit in outcome.credits if credit.partner == partner), None) if outcome else None


async def load_standing(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, partners: Set[PartnerId]
) -> dict[PartnerId, Standing]:
    """Where the statements of these partners stand; one that was never stated from nothing is left out."""
    where = {"programme": programme, "generation": generation}
    keys = [(partner,) for partner in sorted(partners)]
    walks = await look_up(connection, view_statement_walks, where=where, by=("partner",), keys=keys)
    openings = await look_up(
        connection, view_statement_openings, where=where, by=("partner",), keys=keys, columns=("partner", "carried")
    )
    carried = {row.partner: decoded_carried(row.carried) for row in openings}
    open_periods = await load_open_periods(connection, programme, generation, partners)
    return {
        row.partner: Standing(
            last=Place(row.won_on, row.place),
            walked=decoded_walk(row.walked),
            carried=carried[row.partner],
            open_periods=frozenset(open_periods[row.partner]),
        )
        for row in walks
    }


async def load_moved(
    connection: AsyncConnection,
    programme: ProgrammeId,
    generation: int,
    changed: Mapping[PartnerId, Set[RegistrationId]],
) -> dict[PartnerId, list[Moved]]:
    """For each partner the deals whose outcomes changed, with where their lines stood."""
    registrations = {registration for own in changed.values() for registration in own}
    outcomes = await outcomes_of(connection, programme, generation, sorted(registrations))
    rows = await look_up(
        connection,
        view_statement_lines,
        where={"programme": programme, "generation": generation},
        by=("partner", "registration"),
        keys=[(partner, registration) for partner, own in changed.items() for registration in sorted(own)],
        columns=("partner", "won_on", "place", "line", "registration"),
    )
    stood = {
        (row.partner, row.registration): LineKey(row.won_on, row.place, row.line, row.registration) for row in rows
    }
    return {
        partner: [
            Moved(
                registration=registration,
                was=stood.get((partner, registration)),
                now=credit_of(outcomes.get(registration), partner),
            )
            for registration in sorted(own)
        ]
        for partner, own in changed.items()
    }
