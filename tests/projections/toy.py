"""A toy log and two toy views of it, in which every double or missing application shows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import Instant, ProgrammeId
from projections.changes import Upsert, execute
from projections.look_up import look_up
from projections.projection import Logged, live_generation
from service.chain import Tip, extend
from service.database import write
from service.event_store import create_log, read_head
from service.event_types import EventTypes
from service.schema import record_events, record_heads

PROGRAMME = ProgrammeId("toy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many more of something."""

    key: str
    amount: int


TYPES = EventTypes({"toy.counted.v1": Counted})

toy_metadata = MetaData()

view_toy_totals = Table(
    "view_toy_totals",
    toy_metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
)

view_toy_reports = Table(
    "view_toy_reports",
    toy_metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False),
)


class Breakage(Exception):
    """What a toy projection raises for an amount that it is told to fail at."""


@dataclass(slots=True)
class Totals:
    """Adds up, so that an event applied twice counts twice. Fails at the amounts in `fails_at`, as a bug would."""

    fails_at: dict[int, Exception] = field(default_factory=dict)
    name: str = "toy_totals"
    question: str = "How many of each?"
    inline: bool = False
    tables: tuple[Table, ...] = (view_toy_totals,)
    reads: tuple[str, ...] = ()

    def key_of(self, event: Logged[object]) -> str | None:
        """What is counted."""
        return event.event.key if isinstance(event.event, Counted) else None

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Add the events' amounts, then fail if told to: what was written before that must be gone."""
        added: Counter[str] = Counter()
        for event in events:
            assert isinstance(event.event, Counted)
            added[event.event.key] += event.event.amount
        where = {"programme": programme, "generation": generation}
        keys = [(key,) for key in added]
        for row in await look_up(connection, view_toy_totals, where=where, by=("key",), keys=keys):
            added[row._mapping["key"]] += row._mapping["total"]
        rows = [{**where, "key": key, "total": total} for key, total in added.items()]
        await execute(connection, [Upsert(view_toy_totals, rows)])
        for event in events:
            if isinstance(event.event, Counted) and event.event.amount in self.fails_at:
                raise self.fails_at[event.event.amount]


@dataclass(slots=True)
class Reports:
    """Says in words what the totals of its own generation are."""

    name: str = "toy_reports"
    question: str = "What do we say of each?"
    inline: bool = False
    tables: tuple[Table, ...] = (view_toy_reports,)
    reads: tuple[str, ...] = ("toy_totals",)

    def key_of(self, event: Logged[object]) -> str | None:
        """What is spoken of."""
        return event.event.key if isinstance(event.event, Counted) else None

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Write the sentence of every key that the events touch."""
        keys = [(event.event.key,) for event in events if isinstance(event.event, Counted)]
        where = {"programme": programme, "generation": generation}
        found = await look_up(connection, view_toy_totals, where=where, by=("key",), keys=keys)
        rows = [{**where, "key": row._mapping["key"], "text": f"{row._mapping['total']} in all"} for row in found]
        await execute(connection, [Upsert(view_toy_reports, rows)])


async def begin_log(engine: AsyncEngine) -> None:
    """Begin the toy programme's log."""
    async with write(engine) as connection:
        await create_log(connection, PROGRAMME)


async def append(engine: AsyncEngine, *counted: tuple[str, int]) -> int:
    """Append an event for each (key, amount) in one transaction; gives the last position."""
    async with write(engine) as connection:
        head = await read_head(connection, PROGRAMME)
        tip, rows = head.tip, []
        for key, amount in counted:
            type_name, body = TYPES.encode(Counted(key=key, amount=amount))
            row = extend(
                tip,
                programme=PROGRAMME,
                stream=f"toy/{key}",
                version=tip.position + 1,
                type_name=type_name,
                recorded_at=Instant(tip.position + 1),
                actor="test",
                cause=None,
                body=body,
            )
            tip = Tip(row.position, row.hash, row.recorded_at)
            values = row._asdict()
            values["type"] = values.pop("type_name")
            rows.append({"programme": PROGRAMME, **values})
        await connection.execute(record_events.insert(), rows)
        await connection.execute(
            record_heads.update()
            .where(record_heads.c.programme == PROGRAMME)
            .values(position=tip.position, hash=tip.hash, recorded_at=tip.recorded_at, revision=head.revision + 1)
        )
    return tip.position


async def live_totals(connection: AsyncConnection) -> dict[str, int]:
    """The live generation's totals."""
    generation = await live_generation(connection, PROGRAMME, "toy_totals")
    rows = await connection.execute(select(view_toy_totals).where(view_toy_totals.c.generation == generation))
    return {row.key: row.total for row in rows}


async def live_reports(connection: AsyncConnection) -> dict[str, str]:
    """The live generation's sentences."""
    generation = await live_generation(connection, PROGRAMME, "toy_reports")
    rows = await connection.execute(select(view_toy_reports).where(view_toy_reports.c.generation == generation))
    return {row.key: row.text for row in rows}
