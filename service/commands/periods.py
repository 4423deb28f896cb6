"""Closing commission periods, and acknowledging a closed statement (rules §7)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Period
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import AcknowledgeStatement, ClosedPeriod
from domain.commission_period.events import CommissionPeriodEvent
from domain.ids import PartnerId, ProgrammeId
from domain.recorded import Recorded
from service.attempt import Attempt
from service.closing import Closings
from service.commands.on_account import answer, programme_of
from service.presentation.statements import closed_document
from service.reading import Reading
from service.statement_inputs import StatementReader
from service.states import PROGRAMME_KEY
from service.streams import period_stream
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work


class Close(Work):
    """Close a period of every enrolled partner, or of one. One refusal closes nothing.

    `compute` before submitting it does most of that beside the head's lock; without it, all is done under the lock.
    """

    exclusive = True

    def __init__(
        self,
        *,
        actor: str,
        period: Period,
        partner: PartnerId | None,
        force: bool,
        reader: StatementReader,
        cause: Cause | None = None,
        request: RequestKey | None = None,
    ) -> None:
        """What to close, who asks for it, and whether the period may still be running."""
        self.actor, self.cause, self.request = actor, cause, request
        self.recording: Callable[[int, int], None] = lambda _done, _total: None
        """Told of how many partners' closings it has recorded, and of how many."""
        self._period = period
        self._closings = Closings(reader, period, partner, forced=force)

    async def compute(
        self,
        reading: Reading,
        programme: ProgrammeId,
        moved: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        """Compute every statement beside the head's lock, and refuse as closing would; `moved` hears how far it is."""
        await self._closings.compute(reading, programme, moved)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Compute what is missing or has changed, and record everything."""
        await attempt.load(connection, PROGRAMME_KEY)
        await self._closings.settle(connection, attempt, programme_of(attempt))
        await self._closings.record(connection, attempt, self.recording)

    def run(self, attempt: Attempt) -> Answer:
        """Show what each partner is owed: the same again when it was closed before."""
        return answer(attempt, {"period": str(self._period), "closed": self._closings.shown()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(Work):
    """The partner agrees with its closed statement."""

    actor: str
    partner: PartnerId
    period: Period
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The period."""
        del known
        return (("period", self.partner, str(self.period)),)

    def run(self, attempt: Attempt) -> Answer:
        """Acknowledge, and show the statement."""
        key = ("period", self.partner, str(self.period))
        state = cast("ClosedPeriod | None", attempt.state(key))
        for event in periods.decide(state, AcknowledgeStatement(), self.partner, self.period):
            recorded = attempt.record(period_stream(self.partner, str(self.period)), event)
            state = periods.evolve(state, cast("Recorded[CommissionPeriodEvent]", recorded))
        assert state is not None
        attempt.put(key, state)
        return answer(attempt, closed_document(state))
