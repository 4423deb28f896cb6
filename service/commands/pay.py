"""How a partner is paid: terms of its own, and targets (rules §6, §8)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import period_from
from domain.ids import PartnerId
from domain.partner.pay import AgreeOwnTerms, EndOwnTerms, PayCommand, SetTarget
from domain.programme.aggregate import Programme
from service.attempt import Attempt
from service.commands.on_account import answer, programme_of
from service.commands.partners import decided
from service.presentation.programme import own_terms_document, target_document
from service.schema import record_events
from service.states import PROGRAMME_KEY, partner_key
from service.work import Answer, Cause, RequestKey, Work

PayCommandAt = Callable[[Programme, date | None], PayCommand]
"""Makes the command from the rule book and the last day of the partner's closed periods."""


@dataclass(kw_only=True)
class ChangePay(Work):
    """A command about how a partner is paid."""

    actor: str
    partner: PartnerId
    command: PayCommandAt
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _closed_through: date | None = field(default=None, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads up to when the partner's periods are closed."""
        await attempt.load(connection, PROGRAMME_KEY, partner_key(self.partner))
        self._closed_through = await closed_through(connection, attempt, self.partner)

    def run(self, attempt: Attempt) -> Answer:
        """Decide, and show the terms or the target that it is about."""
        programme = programme_of(attempt)
        command = self.command(programme, self._closed_through)
        partner, events = decided(attempt, self.partner, lambda _programme, _now: command)
        if isinstance(command, SetTarget):
            target = partner.pay.target_for(command.period)
            assert target is not None
            return answer(attempt, target_document(partner, target))
        number = command.number if isinstance(command, EndOwnTerms) else len(partner.pay.own_terms)
        document = own_terms_document(self.partner, partner.pay.own_terms[number - 1], programme.currency)
        return answer(attempt, document, created=bool(events) and isinstance(command, AgreeOwnTerms))


async def closed_through(connection: AsyncConnection, attempt: Attempt, partner: PartnerId) -> date | None:
    """The last day of a partner's closed periods; None when none is closed."""
    stream = record_events.c.stream
    statement = (
        select(func.min(stream))
        .where(
            record_events.c.programme == attempt.programme,
            stream > f"commission_period/{partner}/",
            stream < f"commission_period/{partner}0",
        )
        .group_by(stream)
    )
    streams = [str(stream) for stream in (await connection.execute(statement)).scalars()]
    return max((period_from(stream.rsplit("/", 1)[1]).ends_on for stream in streams), default=None)
