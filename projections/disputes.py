"""Which lines of closed statements are disputed, and how did each dispute end?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission_period.after_closing import AfterClosing, Dispute, evolve_after
from domain.commission_period.events import DisputeResolved, LineDisputed
from domain.ids import DisputeId, PartnerId, ProgrammeId
from domain.recorded import at_the_place_of
from projections.changes import Upsert, execute
from projections.look_up import look_up
from projections.metadata import metadata
from projections.projection import Logged, live_generation

DisputeState = Literal["open", "upheld", "rejected"]

view_disputes = Table(
    "view_disputes",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("dispute", Text, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="Each disputed line of a closed statement: `body` (JSON) says who opened and who resolved it, and why.",
)
Index(
    "view_disputes_position_idx",
    view_disputes.c.programme,
    view_disputes.c.generation,
    view_disputes.c.position,
)
Index(
    "view_disputes_partner_idx",
    view_disputes.c.programme,
    view_disputes.c.generation,
    view_disputes.c.partner,
    view_disputes.c.position,
)

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Dispute).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedLine:
    """A dispute and the statement that it is about."""

    partner: PartnerId
    period: str
    currency: str
    dispute: Dispute


async def list_disputes(
    connection: AsyncConnection,
    programme: ProgrammeId,
    *,
    partner: PartnerId | None,
    period: str | None,
    state: DisputeState | None,
    after: int,
    limit: int,
) -> list[DisputedLine]:
    """The disputes opened after a position, the oldest first."""
    generation = await live_generation(connection, programme, "disputes")
    columns = view_disputes.c
    statement = (
        select(columns.partner, columns.period, columns.currency, columns.body)
        .where(columns.programme == programme, columns.generation == generation, columns.position > after)
        .order_by(columns.position)
        .limit(limit)
    )
    for column, wanted in ((columns.partner, partner), (columns.period, period), (columns.state, state)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return [
        DisputedLine(partner=row.partner, period=row.period, currency=row.currency, dispute=_decode(row.body))
        for row in await connection.execute(statement)
    ]


@dataclass(frozen=True)
class Disputes:
    """The following projection behind the list of disputes."""

    name: Final = "disputes"
    question: Final = "Which lines of closed statements are disputed, and how did each dispute end?"
    inline: Final = False
    tables: Final[tuple[Table, ...]] = (view_disputes,)
    reads: Final[tuple[str, ...]] = ()

    def key_of(self, event: Logged[object]) -> str | None:
        """The partner."""
        return event.event.partner if isinstance(event.event, LineDisputed | DisputeResolved) else None

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Write the disputes that were opened or resolved."""
        head = {"programme": programme, "generation": generation}
        known: dict[DisputeId, Dispute] = {}
        resolved = {event.event.dispute for event in events if isinstance(event.event, DisputeResolved)}
        for row in await look_up(
            connection, view_disputes, where=head, by=("dispute",), keys=[(dispute,) for dispute in sorted(resolved)]
        ):
            dispute = _decode(row.body)
            known[dispute.id] = dispute
        rows: list[dict[str, object]] = []
        for recorded in events:
            event = recorded.event
            if not isinstance(event, LineDisputed | DisputeResolved):
                continue
            before = AfterClosing(disputes=(known[event.dispute],) if isinstance(event, DisputeResolved) else ())
            found = evolve_after(before, at_the_place_of(recorded, event)).disputes[0]
            known[event.dispute] = found
            rows.append(
                {
                    **head,
                    "dispute": found.id,
                    "partner": event.partner,
                    "period": event.period,
                    "currency": event.currency,
                    "state": "open" if found.resolution is None else found.resolution.outcome,
                    "position": found.opened.position,
                    "body": _encode(found),
                }
            )
        await execute(connection, [Upsert(view_disputes, rows)])
