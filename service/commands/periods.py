"""Closing commission periods, and acknowledging a closed statement (rules §7)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Period
from domain.commission.statement import StatementInputs
from domain.commission.windows import is_period
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import AcknowledgeStatement, ClosedPeriod, ClosePeriod
from domain.commission_period.events import CommissionPeriodClosed, CommissionPeriodEvent
from domain.ids import PartnerId, Position
from domain.money import Money
from domain.recorded import Recorded
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.on_account import answer, programme_of
from service.presentation.statements import closed_document
from service.presentation.values import Document, money
from service.statement_inputs import StatementReader
from service.states import PROGRAMME_KEY
from service.streams import period_stream
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work


@dataclass(kw_only=True)
class Close(Work):
    """Close a period of every enrolled partner, or of one. One refusal closes nothing."""

    actor: str
    period: Period
    partner: PartnerId | None
    force: bool
    reader: StatementReader
    cause: Cause | None = None
    request: RequestKey | None = None
    moved: Callable[[int, int], None] = lambda _done, _total: None
    """Told of how many partners it has looked at, and of how many."""
    exclusive = True
    _inputs: Mapping[PartnerId, StatementInputs] = field(default_factory=dict, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads, under the head lock, all that the statements follow from."""
        await attempt.load(connection, PROGRAMME_KEY)
        partners = None if self.partner is None else [self.partner]
        head = Position(attempt.next_position - 1)
        self._inputs = await self.reader.at_head(connection, attempt.programme, partners, head)

    def run(self, attempt: Attempt) -> Answer:
        """Close, and show what each partner is owed: the same again when it was closed before."""
        if self.partner is not None and self.partner not in self._inputs:
            raise Refusal("UNKNOWN_PARTNER", f"There is no partner {self.partner} in the programme.")
        programme = programme_of(attempt)
        if not is_period(programme, self.period):
            raise Refusal(
                "MALFORMED", f"{self.period} is not one of the programme's commission periods.", field="period"
            )
        read_to = Position(attempt.next_position - 1)
        closed = []
        for number, (partner, inputs) in enumerate(sorted(self._inputs.items()), start=1):
            closings = periods.close(
                ClosePeriod(inputs=inputs, period=self.period, now=attempt.now, read_to=read_to, forced=self.force)
            )
            for closing in closings:
                recorded = attempt.record(period_stream(partner, closing.period), closing, begins_stream=True)
                state = periods.evolve(None, cast("Recorded[CommissionPeriodEvent]", recorded))
                attempt.put(("period", partner, closing.period), state)
            closed.append(self._shown(partner, (*closings, *inputs.closed)))
            self.moved(number, len(self._inputs))
        return answer(attempt, {"period": str(self.period), "closed": [one for one in closed if one is not None]})

    def _shown(self, partner: PartnerId, closings: Sequence[CommissionPeriodClosed]) -> Document | None:
        """What closing stated to a partner; None where there was nothing to state and nobody asked for this partner."""
        closing = next((c for c in closings if c.period == str(self.period)), None)
        if closing is None or (self.partner is None and not closing.statement.states_something):
            return None
        stated = closing.statement
        payable = Money(amount_minor=stated.totals.payable_minor, currency=stated.currency)
        return {"partner": partner, "digest": closing.digest, "payable": money(payable)}


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
