"""A small aggregate to test the log with: tallies that are raised, and never above their limit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant, ProgrammeId
from domain.recorded import Recorded
from domain.refusal import Refusal
from projections.changes import Upsert
from projections.look_up import look_up
from service.appender import Limits
from service.appenders import Appenders
from service.attempt import Attempt
from service.database import Database, write
from service.event_store import create_log
from service.event_types import EventTypes
from service.host_time import host_now
from service.work import (
    Answer,
    Cause,
    Clock,
    DeliveryRef,
    DeliveryRow,
    Known,
    RequestKey,
    StateKey,
    Work,
    cause_of_delivery,
)

PROGRAMME = ProgrammeId("acme")
LIMIT = 1_000_000
BROKEN = 666
"""A parked delivery that raises by this fails."""

toy_metadata = MetaData()
view_tallies = Table(
    "view_tallies",
    toy_metadata,
    Column("programme", Text, primary_key=True),
    Column("tally", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A tally went up."""

    tally: str
    by: int


TYPES = EventTypes({"tally.raised.v1": Raised})


class TallyLoader:
    """Tallies are loaded from their inline view: a state is the total, None for a tally never raised."""

    unlogged: Sequence[StateKey] = ()

    def __init__(self) -> None:
        self.loads: list[tuple[StateKey, ...]] = []

    async def load(
        self, connection: AsyncConnection, programme: ProgrammeId, keys: Sequence[StateKey], known: Known
    ) -> Mapping[StateKey, object]:
        self.loads.append(tuple(keys))
        names = [(key[1],) for key in keys]
        rows = await look_up(connection, view_tallies, where={"programme": programme}, by=("tally",), keys=names)
        return {("tally", str(row.tally)): row.total for row in rows}

    def touched(self, stream: str, recorded: Recorded[object]) -> Iterable[StateKey]:
        assert isinstance(recorded.event, Raised)
        return [("tally", recorded.event.tally)]

    def size(self, key: StateKey, state: object) -> int:
        return 100


class HostClock:
    """The programme's time is the host's."""

    needs: Sequence[StateKey] = ()

    def __init__(self, host: Callable[[], Instant] = host_now) -> None:
        self._host = host

    def now(self, known: Known) -> Instant:
        return self._host()

    def follows_host(self, known: Known) -> bool:
        return True


@dataclass(kw_only=True)
class Raise(Work):
    """Raises a tally; refused above its limit."""

    tally: str
    by: int = 1
    actor: str = "tester"
    cause: Cause | None = None
    request: RequestKey | None = None
    delivery: DeliveryRef | None = None
    exclusive: bool = False
    runs: int = field(default=0)

    def needs(self, known: Known) -> Iterable[StateKey]:
        yield ("tally", self.tally)
        yield ("stream", f"tally/{self.tally}")

    def run(self, attempt: Attempt) -> Answer:
        self.runs += 1
        return self.raise_it(attempt)

    def raise_it(self, attempt: Attempt) -> Answer:
        total = attempt.state(("tally", self.tally)) or 0
        assert isinstance(total, int)
        if total + self.by > LIMIT:
            raise Refusal("TOO_HIGH", "The tally would pass its limit.", total=total)
        recorded = attempt.record(f"tally/{self.tally}", Raised(tally=self.tally, by=self.by))
        attempt.put(("tally", self.tally), total + self.by)
        row = {"programme": attempt.programme, "tally": self.tally, "total": total + self.by}
        attempt.write(Upsert(view_tallies, [row]))
        return Answer(
            body=b"%d" % (total + self.by), position=recorded.position, recorded_at=recorded.recorded_at, created=True
        )


@dataclass(kw_only=True)
class Bug(Raise):
    """Raises a tally and then fails, as a bug would."""

    def run(self, attempt: Attempt) -> Answer:
        super().run(attempt)
        raise ZeroDivisionError("a bug")


@dataclass(kw_only=True)
class Unfit(Raise):
    """Raises a tally and writes a row that the database does not take."""

    def run(self, attempt: Attempt) -> Answer:
        answer = super().run(attempt)
        attempt.write(Upsert(view_tallies, [{"programme": PROGRAMME, "tally": "unfit", "total": None}]))
        return answer


@dataclass(kw_only=True)
class Secret(Raise):
    """Raises a tally and answers with a secret."""

    def run(self, attempt: Attempt) -> Answer:
        return replace(super().run(attempt), body=b"secret", secret=True)


@dataclass(kw_only=True)
class RaiseByOther(Raise):
    """Records an event of another type."""

    event: object

    def run(self, attempt: Attempt) -> Answer:
        recorded = attempt.record(f"tally/{self.tally}", self.event)
        return Answer(body=b"", position=recorded.position)


@dataclass(kw_only=True)
class Large(Raise):
    """Holds much in memory."""

    size_bytes: int = 2_000


@dataclass(kw_only=True)
class Unnamed(Raise):
    """Names none of its needs."""

    def needs(self, known: Known) -> Iterable[StateKey]:
        return ()


@dataclass(kw_only=True)
class Reacting(Raise):
    """Has follow-ups."""

    reactions: Sequence[Work] = ()

    def run(self, attempt: Attempt) -> Answer:
        for reaction in self.reactions:
            attempt.follow_up(reaction)
        return super().run(attempt)


@dataclass(kw_only=True)
class Census(Raise):
    """Reads every tally under the lock."""

    found: dict[str, int] = field(default_factory=dict)
    may_compute: str | None = None

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        if connection.dialect.name == "postgresql":
            self.may_compute = await connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
        rows = await connection.execute(select(view_tallies.c.tally, view_tallies.c.total))
        self.found = {row.tally: row.total for row in rows}


@dataclass(kw_only=True)
class WithReceipt(Raise):
    """Answers with the hash of its event."""

    def run(self, attempt: Attempt) -> Answer:
        recorded = attempt.record(f"tally/{self.tally}", Raised(tally=self.tally, by=self.by), begins_stream=True)
        return Answer(body=attempt.hash_of(recorded).hex().encode(), position=recorded.position)


@dataclass(kw_only=True)
class Deliver(Raise):
    """A webhook that raises a tally once the tally exists, and is parked until then."""

    body: bytes = b"{}"

    def run(self, attempt: Attempt) -> Answer:
        self.runs += 1
        row = self.row(attempt.now)
        found = attempt.found_delivery
        if attempt.delivery_conflicts:
            attempt.keep_rival(row)
            return Answer(body=b"", refusal=Refusal("DELIVERY_REUSED", "This id was delivered with another body."))
        if found is not None:
            return Answer(body=found.answer, position=found.position, replayed=True)
        if attempt.state(("tally", self.tally)) is None:
            attempt.keep(replace(row, outcome="parked", waits_for=f"tally:{self.tally}", answer=b"%d" % self.by))
            return Answer(body=b"parked")
        answer = self.raise_it(attempt)
        attempt.keep(replace(row, outcome="applied", position=answer.position, answer=answer.body))
        return answer

    def row(self, now: Instant) -> DeliveryRow:
        assert self.delivery is not None
        return DeliveryRow(
            source=self.delivery.source,
            delivery_id=self.delivery.delivery_id,
            received_at=now,
            body=self.body,
            body_hash=self.delivery.body_hash,
            headers="{}",
            outcome="applied",
        )


@dataclass(kw_only=True)
class ApplyParked(Raise):
    """A parked delivery whose tally has become known."""

    row: DeliveryRow

    def run(self, attempt: Attempt) -> Answer:
        answer = self.raise_it(attempt)
        if self.by == BROKEN:
            raise ZeroDivisionError("a bug")
        attempt.keep(replace(self.row, outcome="applied", waits_for=None, position=answer.position, answer=answer.body))
        return answer


@dataclass(kw_only=True)
class Begin(Raise):
    """Raises a tally for the first time, which is what parked deliveries wait for."""

    def run(self, attempt: Attempt) -> Answer:
        answer = super().run(attempt)
        attempt.made_known(f"tally:{self.tally}")
        return answer


def parked_work(row: DeliveryRow) -> Work:
    """What is run for a parked delivery."""
    assert row.waits_for is not None
    return ApplyParked(
        by=int(row.answer),
        tally=row.waits_for.removeprefix("tally:"),
        actor=row.source,
        row=row,
        delivery=DeliveryRef(row.source, row.delivery_id, row.body_hash),
        cause=cause_of_delivery(row.source, row.delivery_id, row.body_hash),
    )


async def begin_log(database: Database, programme: ProgrammeId = PROGRAMME) -> None:
    """The toy's table, and a programme's empty log."""
    async with write(database.engine) as connection:
        await connection.run_sync(toy_metadata.create_all)
        await create_log(connection, programme)


def appenders(
    database: Database,
    *,
    loader: TallyLoader | None = None,
    clock: Clock | None = None,
    limits: Limits | None = None,
    host_clock: Callable[[], Instant] = host_now,
    on_commit: Callable[[ProgrammeId, int], None] = lambda programme, position: None,
    types: EventTypes = TYPES,
) -> Appenders:
    """The appenders of one process, on the toy."""
    return Appenders(
        database.appender,
        types=types,
        loader=loader or TallyLoader(),
        clock=clock or HostClock(host_clock),
        parked_work=parked_work,
        on_commit=on_commit,
        limits=limits,
        host_clock=host_clock,
    )
