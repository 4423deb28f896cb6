"""What was paid to whom, for which closed statement, and what did not arrive?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission_period.after_closing import AfterClosing, Payout, evolve_after
from domain.commission_period.events import PayoutFailed, StatementPaidOut
from domain.ids import PartnerId, ProgrammeId
from domain.recorded import at_the_place_of
from projections.changes import Upsert, execute
from projections.look_up import look_up
from projections.metadata import metadata
from projections.projection import Logged, live_generation

PayoutState = Literal["paid", "failed"]

view_payouts = Table(
    "view_payouts",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="Each payout of a closed statement: `body` (JSON) says how much, what it covers, and why it failed.",
)
Index(
    "view_payouts_position_idx",
    view_payouts.c.programme,
    view_payouts.c.generation,
    view_payouts.c.position,
)
Index(
    "view_payouts_partner_idx",
    view_payouts.c.programme,
    view_payouts.c.generation,
    view_payouts.c.partner,
    view_payouts.c.position,
)

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Payout).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPayout:
    """A payout and the statement that it is for."""

    partner: PartnerId
    period: str
    currency: str
    payout: Payout


async def list_payouts(
    connection: AsyncConnection,
    programme: ProgrammeId,
    *,
    partner: PartnerId | None,
    period: str | None,
    reference: str | None,
    state: PayoutState | None,
    after: int,
    limit: int,
) -> list[StatementPayout]:
    """The payouts recorded after a position, the oldest first."""
    generation = await live_generation(connection, programme, "payouts")
    columns = view_payouts.c
    statement = (
        select(columns.partner, columns.period, columns.currency, columns.body)
        .where(columns.programme == programme, columns.generation == generation, columns.position > after)
        .order_by(columns.position)
        .limit(limit)
    )
    for column, wanted in (
        (columns.partner, partner),
        (columns.period, period),
        (columns.reference, reference),
        (columns.state, state),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return [
        StatementPayout(partner=row.partner, period=row.period, currency=row.currency, payout=_decode(row.body))
        for row in await connection.execute(statement)
    ]


@dataclass(frozen=True)
class Payouts:
    """The following projection behind the list of payouts."""

    name: Final = "payouts"
    question: Final = "What was paid to whom, for which closed statement, and what did not arrive?"
    inline: Final = False
    tables: Final[tuple[Table, ...]] = (view_payouts,)
    reads: Final[tuple[str, ...]] = ()

    def key_of(self, event: Logged[object]) -> str | None:
        """The partner."""
        return event.event.partner if isinstance(event.event, StatementPaidOut | PayoutFailed) else None

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Write the payouts that were made or failed."""
        head = {"programme": programme, "generation": generation}
        known: dict[tuple[str, str, str], StatementPayout] = {}
        failed = {_key(event.event) for event in events if isinstance(event.event, PayoutFailed)}
        by = ("partner", "period", "reference")
        for row in await look_up(connection, view_payouts, where=head, by=by, keys=sorted(failed)):
            found = StatementPayout(
                partner=row.partner, period=row.period, currency=row.currency, payout=_decode(row.body)
            )
            known[row.partner, row.period, row.reference] = found
        changed: dict[tuple[str, str, str], StatementPayout] = {}
        for recorded in events:
            event = recorded.event
            if not isinstance(event, StatementPaidOut | PayoutFailed):
                continue
            key = _key(event)
            before = AfterClosing(payouts=(known[key].payout,) if isinstance(event, PayoutFailed) else ())
            payout = evolve_after(before, at_the_place_of(recorded, event)).payouts[0]
            currency = event.currency if isinstance(event, StatementPaidOut) else known[key].currency
            known[key] = changed[key] = StatementPayout(
                partner=event.partner, period=event.period, currency=currency, payout=payout
            )
        rows = [{**head, **_columns(found)} for found in changed.values()]
        await execute(connection, [Upsert(view_payouts, rows)])


def _key(event: StatementPaidOut | PayoutFailed) -> tuple[str, str, str]:
    return event.partner, event.period, event.reference


def _columns(found: StatementPayout) -> dict[str, object]:
    return {
        "partner": found.partner,
        "period": found.period,
        "reference": found.payout.reference,
        "currency": found.currency,
        "state": "paid" if found.payout.failure is None else "failed",
        "position": found.payout.made.position,
        "body": _encode(found.payout),
    }
