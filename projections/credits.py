"""Who is credited for which won deal, and who ever was?

What was credited and is no longer (a case decided otherwise, a deal reopened) still matters to a statement that was
closed meanwhile, so that a partner once credited stays named here. "Once" means after any single event of the log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.credit import DealOutcome
from domain.commission.outcomes import OutcomeChange, outcome_changes, with_later_changes
from domain.ids import PartnerId, Position, ProgrammeId, RegistrationId
from projections.account_stories import account_of, events_by_account, stories
from projections.changes import Change, Upsert, execute
from projections.look_up import look_up
from projections.metadata import metadata
from projections.projection import Logged
from projections.states import StatesAt

REGISTRATIONS_OF_A_PARTNER_AT_MOST: Final = 1_000_000
PARTNERS_OF_A_REGISTRATION_AT_MOST: Final = 1_000

view_credits = Table(
    "view_credits",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("registration", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("currency", Text),
    Column("outcome", LargeBinary, nullable=False),
    comment="What each deal that was ever won leads to (JSON), and the position of the event that last changed it.",
)
Index(
    "view_credits_position_idx",
    view_credits.c.position,
    view_credits.c.programme,
    view_credits.c.generation,
)
"""It begins with the position, so that no plan made while the table is small takes it for a look-up by registration:
that would read the whole programme for each key, as long as the plan is kept."""


view_credits_partners = Table(
    "view_credits_partners",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("registration", Text, primary_key=True),
    comment="The registrations whose deals credit a partner, or once did.",
)
Index(
    "view_credits_partners_registration_idx",
    view_credits_partners.c.programme,
    view_credits_partners.c.generation,
    view_credits_partners.c.registration,
)

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(DealOutcome).decode


async def outcomes_of_partners(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, partners: Iterable[PartnerId]
) -> dict[PartnerId, tuple[DealOutcome, ...]]:
    """For each partner the outcomes of all deals that credit it or once did, in order of registration id."""
    where = {"programme": programme, "generation": generation}
    keys = [(partner,) for partner in dict.fromkeys(partners)]
    named = await look_up(
        connection,
        view_credits_partners,
        where=where,
        by=("partner",),
        keys=keys,
        at_most=REGISTRATIONS_OF_A_PARTNER_AT_MOST,
    )
    wanted = {RegistrationId(str(row._mapping["registration"])): None for row in named}
    by_registration = await outcomes_of(connection, programme, generation, wanted)
    found: dict[PartnerId, list[DealOutcome]] = {PartnerId(str(key[0])): [] for key in keys}
    for row in sorted(named, key=lambda row: str(row._mapping["registration"])):
        outcome = by_registration.get(RegistrationId(str(row._mapping["registration"])))
        if outcome is not None:
            found[PartnerId(str(row._mapping["partner"]))].append(outcome)
    return {partner: tuple(listed) for partner, listed in found.items()}


async def registrations_touched(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, *, first: Position, last: Position
) -> dict[PartnerId, set[RegistrationId]]:
    """The registrations whose outcome events in [first, last] changed, by the partners that they credit or once did."""
    changed = await connection.scalars(
        select(view_credits.c.registration).where(
            view_credits.c.programme == programme,
            view_credits.c.generation == generation,
            view_credits.c.position.between(first, last),
        )
    )
    touched: dict[PartnerId, set[RegistrationId]] = {}
    for partner, registration in await _partners_of(connection, programme, generation, changed):
        touched.setdefault(partner, set()).add(registration)
    return touched


async def partners_of_registrations(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, registrations: Iterable[RegistrationId]
) -> set[PartnerId]:
    """The partners that the deals of these registrations credit or once did."""
    return {partner for partner, _ in await _partners_of(connection, programme, generation, registrations)}


async def _partners_of(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, registrations: Iterable[str]
) -> list[tuple[PartnerId, RegistrationId]]:
    rows = await look_up(
        connection,
        view_credits_partners,
        where={"programme": programme, "generation": generation},
        by=("registration",),
        keys=[(registration,) for registration in registrations],
        at_most=PARTNERS_OF_A_REGISTRATION_AT_MOST,
    )
    return [
        (PartnerId(str(row._mapping["partner"])), RegistrationId(str(row._mapping["registration"]))) for row in rows
    ]


async def outcomes_of(
    connection: AsyncConnection, programme: ProgrammeId, generation: int, registrations: Iterable[RegistrationId]
) -> dict[RegistrationId, DealOutcome]:
    """What the deals of these registrations lead to; one that was never won is left out."""
    rows = await look_up(
        connection,
        view_credits,
        where={"programme": programme, "generation": generation},
        by=("registration",),
        keys=[(registration,) for registration in registrations],
        columns=("registration", "outcome"),
    )
    return {RegistrationId(str(row._mapping["registration"])): _decode(row._mapping["outcome"]) for row in rows}


def rows(programme: ProgrammeId, generation: int, changes: Mapping[RegistrationId, OutcomeChange]) -> list[Change]:
    """The rows that follow from changed outcomes."""
    head = {"programme": programme, "generation": generation}
    stated = [
        {
            **head,
            "registration": registration,
            "account": change.account,
            "position": change.position,
            "currency": change.outcome.credits[0].value.currency if change.outcome.credits else None,
            "outcome": _encode(change.outcome),
        }
        for registration, change in changes.items()
    ]
    credited = [
        {**head, "partner": partner, "registration": registration}
        for registration, change in changes.items()
        for partner in sorted(change.credited)
    ]
    return [Upsert(view_credits, stated), Upsert(view_credits_partners, credited)]


@dataclass(frozen=True)
class Credits:
    """The following projection that statements are made from."""

    states: StatesAt
    name: Final = "credits"
    question: Final = "Who is credited for which won deal, and who ever was?"
    inline: Final = False
    tables: Final[tuple[Table, ...]] = (view_credits, view_credits_partners)
    reads: Final[tuple[str, ...]] = ()

    def key_of(self, event: Logged[object]) -> str | None:
        """The account."""
        return account_of(event.event)

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Write what the events change about the outcomes of deals."""
        by_account = events_by_account(events)
        if not by_account:
            return
        known = await self.states.accounts_at(connection, programme, by_account, Position(events[0].position - 1))
        rule_book = await self.states.programme_at(connection, programme, events[-1].position)
        changes: dict[RegistrationId, OutcomeChange] = {}
        for story in stories(by_account, known).values():
            changes = with_later_changes(changes, outcome_changes(story.before, story.events, rule_book))
        await execute(connection, rows(programme, generation, changes))
