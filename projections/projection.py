"""What a read model is: one question, its own tables, one `apply` for all three of its lives.

A projection is applied inline (in the append's transaction), following (by the runner) and in a rebuild. Every view
table has `programme` and `generation` at the head of its primary key: a rebuild writes a new generation beside the
live one, and `view_live` says which generation is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import BigInteger, Column, Integer, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.changed import quickly_made
from domain.ids import ProgrammeId
from domain.recorded import Recorded
from projections.metadata import metadata

FIRST_GENERATION = 1
"""The generation of a view that was never rebuilt."""

E_co = TypeVar("E_co", covariant=True)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Logged(Recorded[E_co]):
    """A recorded event together with the stream that it belongs to, as the log is read by position."""

    stream: str


class Projection(Protocol):
    """A read model. It survives seeing an event twice, because it upserts its own rows."""

    @property
    def name(self) -> str:
        """The noun that names it in `view_live`, in `view_checkpoints` and on the command line."""

    @property
    def question(self) -> str:
        """The one question that it answers, as a sentence."""

    @property
    def inline(self) -> bool:
        """Whether the append's own transaction keeps it (decisions read it); all others follow."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables. Their primary keys begin with `programme` and `generation`."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The projections whose rows of the same generation it reads; they stand before it in the runner's order."""

    def key_of(self, event: Logged[object]) -> str | None:
        """Whose row the event changes (a partner, an account, a deal): what is parked when applying it fails.

        None where the event is nothing to this projection.
        """

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Bring the generation's rows from just before the first of these events to just after the last."""


view_live = Table(
    "view_live",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("projection", Text, primary_key=True),
    Column("generation", Integer, nullable=False),
    comment="Which generation of a projection is read.",
)

view_checkpoints = Table(
    "view_checkpoints",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("projection", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    comment="The position up to which a generation of a following projection has seen the log.",
)

view_parked = Table(
    "view_parked",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("projection", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    comment="Keys (partner, account, deal) whose events a projection could not apply, from `position` on.",
)


async def live_generation(connection: AsyncConnection, programme: ProgrammeId, projection: str) -> int:
    """The generation of the projection that readers and writers use."""
    found = await connection.scalar(
        select(view_live.c.generation).where(view_live.c.programme == programme, view_live.c.projection == projection)
    )
    return FIRST_GENERATION if found is None else int(found)
