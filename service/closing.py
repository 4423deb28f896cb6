"""Closing a period of many partners: computed beside the head's lock, kept in a file, and recorded as one decision.

Under the lock only those partners are computed again whose inputs changed since the position that the others were read
to. The statements are never in memory together: they are written to the file as they are made, and from it into the
log in parts of one transaction, so that a closing of any size takes as much memory as a few dozen partners.
"""

import asyncio
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Period
from domain.commission.statement import StatementInputs
from domain.commission.windows import is_period
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import ClosePeriod
from domain.commission_period.events import CommissionPeriodClosed
from domain.ids import Instant, PartnerId, Position, ProgrammeId
from domain.money import Money
from domain.programme.aggregate import Programme
from domain.refusal import Refusal
from service.attempt import Attempt
from service.presentation.values import Document, money
from service.reading import Reading
from service.statement_inputs import StatementReader
from service.states import FORGOTTEN
from service.streams import period_key, period_of_stream, period_stream
from service.work import Unavailable

PARTNERS_AT_ONCE: Final = 50
ROUNDS_AT_MOST: Final = 5
FEW: Final = 100
"""So many partners whose inputs changed meanwhile are left to be computed under the lock."""
IN_MEMORY_BYTES: Final = 16 << 20
"""A larger closing is kept on disk, in the folder for temporary files."""
BYTES_AT_ONCE: Final = 4 << 20
NOT_READ: Final = b'"read_to":0}'
"""How a closing ends whose place in the log is not known yet."""

Moved = Callable[[int, int], None]


class Kept(NamedTuple):
    """A closing in the file."""

    period: str
    type_name: str
    start: int
    size: int


class OfPartner(NamedTuple):
    """What is recorded for a partner, and what is answered; None where there is nothing to show."""

    closings: tuple[Kept, ...]
    shown: Document | None


class Closings:
    """The closings of one period, of every enrolled partner or of one."""

    def __init__(self, reader: StatementReader, period: Period, partner: PartnerId | None, *, forced: bool) -> None:
        """Nothing is computed yet."""
        self._reader = reader
        self._period = period
        self._partner = partner
        self._forced = forced
        self._of_partner: dict[PartnerId, OfPartner] = {}
        self._read_to: Position | None = None
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - lives as long as this
        self._size = 0
        weakref.finalize(self, self._file.close)

    async def compute(self, reading: Reading, programme: ProgrammeId, moved: Moved) -> None:
        """Compute beside the lock, and again what changed meanwhile, until that is little. Refuses as closing would."""
        for _ in range(ROUNDS_AT_MOST):
            async with reading.moment(programme) as moment:
                self._require_a_period(moment.programme)
                read_to = moment.position
                partners = await self._changed(moment.connection, programme, read_to)
            for done, some in in_parts(partners):
                async with reading.moment(programme) as moment:
                    inputs = await self._inputs(moment.connection, programme, some, moment.position)
                await asyncio.to_thread(self._close, inputs, moment.now)
                moved(done, len(partners))
            self._read_to = read_to
            if len(partners) <= FEW:
                return

    async def settle(self, connection: AsyncConnection, attempt: Attempt, programme: Programme) -> None:
        """Compute, under the lock, what is missing or changed since."""
        self._require_a_period(programme)
        head = Position(attempt.next_position - 1)
        partners = await self._changed(connection, programme.id, head)
        if self._read_to is not None and len(partners) > FEW:
            raise Unavailable("too much has changed while the statements were computed", 5)
        for _, some in in_parts(partners):
            inputs = await self._inputs(connection, programme.id, some, head)
            await asyncio.to_thread(self._close, inputs, attempt.now)
        if self._partner is not None and self._partner not in self._of_partner:
            raise Refusal("UNKNOWN_PARTNER", f"There is no partner {self._partner} in the programme.")

    async def record(self, connection: AsyncConnection, attempt: Attempt, moved: Moved) -> None:
        """Record all of them. Nothing refuses from here on: what is written ahead is committed, or all is undone."""
        read_to = Position(attempt.next_position - 1)
        ahead_bytes = 0
        for number, partner in enumerate(sorted(self._of_partner), start=1):
            for kept in self._of_partner[partner].closings:
                if ahead_bytes > BYTES_AT_ONCE:
                    await attempt.write_ahead(connection)
                    ahead_bytes = 0
                self._file.seek(kept.start)
                body = self._file.read(kept.size).removesuffix(NOT_READ) + b'"read_to":%d}' % read_to
                attempt.append_stored(period_stream(partner, kept.period), kept.type_name, body)
                attempt.put(period_key(partner, kept.period), FORGOTTEN)
                ahead_bytes += len(body)
            moved(number, len(self._of_partner))

    def shown(self) -> list[Document]:
        """What closing states to each partner, by partner."""
        found = (self._of_partner[partner].shown for partner in sorted(self._of_partner))
        return [one for one in found if one is not None]

    def _require_a_period(self, programme: Programme) -> None:
        if not is_period(programme, self._period):
            raise Refusal(
                "MALFORMED", f"{self._period} is not one of the programme's commission periods.", field="period"
            )

    async def _changed(
        self, connection: AsyncConnection, programme: ProgrammeId, head: Position
    ) -> Sequence[PartnerId]:
        """The partners whose closings are not computed from what stands at the head, in order."""
        touched = None
        if self._read_to is not None:
            touched = await self._reader.partners_touched(connection, programme, self._read_to, head)
        if touched is None:
            touched = {self._partner} if self._partner else set(await self._reader.partners(connection, programme))
        return sorted(touched if self._partner is None else touched & {self._partner})

    async def _inputs(
        self, connection: AsyncConnection, programme: ProgrammeId, partners: Sequence[PartnerId], head: Position
    ) -> Mapping[PartnerId, StatementInputs]:
        """All that the closings of these partners follow from; of those that are closed already, what they stated."""
        streams = await self._reader.period_streams(connection, programme, partners)
        closed = [
            partner for partner in partners if any(period_of_stream(name) >= self._period for name in streams[partner])
        ]
        left = [partner for partner in partners if partner not in closed]
        found = await self._reader.closed_only(connection, programme, closed, head) if closed else {}
        return {**found, **(await self._reader.at_head(connection, programme, left, head) if left else {})}

    def _close(self, inputs: Mapping[PartnerId, StatementInputs], now: Instant) -> None:
        """Compute the closings of these partners and keep them. Runs beside the event loop."""
        for partner, given in sorted(inputs.items()):
            command = ClosePeriod(inputs=given, period=self._period, now=now, read_to=Position(0), forced=self._forced)
            closings = periods.close(command)
            self._of_partner[partner] = OfPartner(
                tuple(self._keep(closing) for closing in closings), self._shown(partner, (*closings, *given.closed))
            )

    def _keep(self, closing: CommissionPeriodClosed) -> Kept:
        type_name, body = self._reader.types.encode(closing)
        assert body.endswith(NOT_READ), "a closing says last to where the log was read"
        start, self._size = self._size, self._size + len(body)
        self._file.seek(start)
        self._file.write(body)
        return Kept(closing.period, type_name, start, len(body))

    def _shown(self, partner: PartnerId, closings: Iterable[CommissionPeriodClosed]) -> Document | None:
        """What closing stated to a partner; None where there was nothing to state and nobody asked for this partner."""
        closing = next((one for one in closings if one.period == str(self._period)), None)
        if closing is None or (self._partner is None and not closing.statement.states_something):
            return None
        stated = closing.statement
        payable = Money(amount_minor=stated.totals.payable_minor, currency=stated.currency)
        return {"partner": partner, "digest": closing.digest, "payable": money(payable)}


def in_parts(partners: Sequence[PartnerId]) -> Iterator[tuple[int, Sequence[PartnerId]]]:
    """The partners in parts, with how many there are up to the end of each."""
    for start in range(0, len(partners), PARTNERS_AT_ONCE):
        some = partners[start : start + PARTNERS_AT_ONCE]
        yield start + len(some), some
