"""Evaluating partner tiers, and the reward of a year: all partners are read, compared once, and told (rules §8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.statement import StatementInputs
from domain.evaluation.events import EvaluationEvent
from domain.ids import Instant, PartnerId, Position
from domain.partner import aggregate as partners
from domain.partner.events import PartnerEvent
from domain.programme.aggregate import Programme
from domain.recorded import Recorded
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.on_account import answer, partner_of, programme_of
from service.presentation.evaluations import evaluation_document
from service.schema import record_events
from service.statement_inputs import StatementReader
from service.states import PROGRAMME_KEY, partner_key
from service.streams import partner_stream
from service.work import Answer, Cause, RequestKey, Work

Decided = tuple[EvaluationEvent, tuple[PartnerEvent, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an evaluation sees: everybody's inputs, read to a position, and what time it is."""

    inputs: tuple[StatementInputs, ...]
    now: Instant
    read_to: Position


@dataclass(kw_only=True)
class Evaluate(Work):
    """Compare all partners, once for a `stream`; each that gets something by it is told in its own stream."""

    actor: str
    stream: str
    decide: Callable[[Programme, Seen], Decided]
    reader: StatementReader
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _inputs: Mapping[PartnerId, StatementInputs] = field(default_factory=dict, init=False)
    _evaluated: bool = field(default=False, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads, under the head lock, all that everybody's statements follow from."""
        await attempt.load(connection, PROGRAMME_KEY)
        columns = record_events.c
        found = select(columns.position).where(
            columns.programme == attempt.programme, columns.stream == self.stream, columns.version == 1
        )
        self._evaluated = await connection.scalar(found) is not None
        if not self._evaluated:
            head = Position(attempt.next_position - 1)
            self._inputs = await self.reader.at_head(connection, attempt.programme, None, head)
            await attempt.load(connection, *(partner_key(partner) for partner in self._inputs))

    def run(self, attempt: Attempt) -> Answer:
        """Evaluate, and show the population."""
        if self._evaluated:
            raise Refusal("ALREADY_EXISTS", "This was evaluated before; an evaluation is never made again.")
        programme = programme_of(attempt)
        inputs = tuple(self._inputs[partner] for partner in sorted(self._inputs))
        seen = Seen(inputs=inputs, now=attempt.now, read_to=Position(attempt.next_position - 1))
        evaluated, told = self.decide(programme, seen)
        attempt.record(self.stream, evaluated, begins_stream=True)
        for event in told:
            recorded = attempt.record(partner_stream(event.partner), event)
            partner = partners.evolve(partner_of(attempt, event.partner), cast("Recorded[PartnerEvent]", recorded))
            attempt.put(partner_key(event.partner), partner)
        return answer(attempt, evaluation_document(evaluated, programme.currency), created=True)
