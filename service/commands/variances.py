"""Posting what a changed calculation would have made of a closed period, or letting it be (rules §7)."""

from dataclasses import dataclass, field, replace
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Period
from domain.commission.statement import StatementInputs
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import CommissionPeriodEvent
from domain.commission_period.variance import closed_variance, dismiss, post
from domain.ids import AdjustmentId, PartnerId, Position
from domain.recorded import Recorded
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.on_account import answer
from service.commands.settling import enter
from service.presentation.proposals import variance_document
from service.presentation.settling import entered_document
from service.statement_inputs import StatementReader
from service.states import PROGRAMME_KEY, partner_key
from service.streams import entered_key, period_key, period_stream
from service.work import Answer, Cause, RequestKey, Work


@dataclass(kw_only=True)
class OnVariance(Work):
    """Something that finance does about one closed period's variance, as everything known now makes it."""

    actor: str
    partner: PartnerId
    period: Period
    reason: str
    reader: StatementReader
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _inputs: StatementInputs | None = field(default=None, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads, under the head lock, all that the partner's statements follow from."""
        period = period_key(self.partner, str(self.period))
        await attempt.load(connection, PROGRAMME_KEY, partner_key(self.partner), entered_key(self.partner), period)
        head = Position(attempt.next_position - 1)
        found = await self.reader.at_head(connection, attempt.programme, [self.partner], head)
        self._inputs = found.get(self.partner)

    def inputs(self) -> StatementInputs:
        """What `prepare` read. Refuses an unknown partner."""
        if self._inputs is None:
            raise Refusal("NOT_FOUND", f"There is no partner {self.partner}.")
        return self._inputs

    def closed(self, attempt: Attempt) -> ClosedPeriod | None:
        """The period; None while it is open."""
        return cast("ClosedPeriod | None", attempt.state(period_key(self.partner, str(self.period))))


@dataclass(kw_only=True)
class DismissVariance(OnVariance):
    """Finance lets a closed period be as it was closed."""

    def run(self, attempt: Attempt) -> Answer:
        """Record that, and show the variance."""
        found = closed_variance(self.inputs(), self.closed(attempt))
        events = dismiss(found, self.reason)
        assert found is not None, "what is not there cannot be dismissed"
        for event in events:
            recorded = attempt.record(period_stream(self.partner, str(self.period)), event)
            state = periods.evolve(found.state, cast("Recorded[CommissionPeriodEvent]", recorded))
            attempt.put(period_key(self.partner, str(self.period)), state)
            found = replace(found, state=state)
        return answer(attempt, variance_document(found))


@dataclass(kw_only=True)
class PostVariance(OnVariance):
    """Finance enters what is left of a variance as an adjustment in the partner's first open period."""

    adjustment: AdjustmentId

    def run(self, attempt: Attempt) -> Answer:
        """Enter it and show it."""
        inputs = self.inputs()
        command = post(closed_variance(inputs, self.closed(attempt)), self.adjustment, self.reason)
        recorded = enter(attempt, inputs.partner, command)
        return answer(attempt, entered_document(recorded, viewer=None), created=True)
