"""How a partner is paid: terms of its own, and targets (rules §6, §8)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import PartnerId
from domain.partner.pay import AgreeOwnTerms, EndOwnTerms, PayCommand, SetTarget
from domain.programme.aggregate import Programme
from service.attempt import Attempt
from service.closed_statements import closed_through
from service.commands.on_account import answer, programme_of
from service.commands.partners import decided
from service.presentation.programme import own_terms_document, target_document
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
        self._closed_through = await closed_through(connection, attempt.programme, self.partner)

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
