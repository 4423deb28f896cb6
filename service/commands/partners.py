"""Bringing partners into the programme, holding them, and ending the partnership."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.draft import Draft
from domain.deal_registration.aggregate import catch_up, partner_leaves
from domain.ids import AccountId, Instant, PartnerId, RegistrationId
from domain.partner import aggregate as partners
from domain.partner.aggregate import Partner, PartnerCommand
from domain.partner.events import PartnerEnrolled, PartnerEvent, PartnerReinstated, PartnerTerminated
from domain.programme.aggregate import Programme
from domain.recorded import Recorded
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.on_account import ON_AN_ACCOUNT, answer, draft_of, programme_of, store
from service.presentation.programme import partner_document
from service.presentation.values import Document
from service.states import PROGRAMME_KEY, account_key, partner_key
from service.streams import partner_stream
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work

CommandAt = Callable[[Programme, Instant], PartnerCommand]
"""Makes a command that depends on the programme's time zone and on what time it is."""
Shows = Callable[[Partner, Programme, Instant], Document]
"""What an answer shows of the partner as it stands then."""


def partner_shown(partner: Partner, _programme: Programme, _now: Instant) -> Document:
    """The partner itself."""
    return partner_document(partner)


@dataclass(kw_only=True)
class ChangePartner(Work):
    """A command that concerns the partner alone: enrolling, another agreement, a suspension."""

    actor: str
    partner: PartnerId
    command: CommandAt
    cause: Cause | None = None
    request: RequestKey | None = None
    shows: Shows = partner_shown

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The rule book and the partner."""
        del known
        return PROGRAMME_KEY, partner_key(self.partner)

    def run(self, attempt: Attempt) -> Answer:
        """Decide, store and show the partner as it stands then."""
        partner, events = decided(attempt, self.partner, self.command)
        enrolled = any(isinstance(event, PartnerEnrolled) for event in events)
        return answer(attempt, self.shows(partner, programme_of(attempt), attempt.now), created=enrolled)


@dataclass(kw_only=True)
class ChangePartnerAndClaims(ChangePartner):
    """A command that changes who is first: reinstating fills vacancies, terminating ends claims (§3.6, §8)."""

    token: str
    exclusive = True
    _accounts: tuple[AccountId, ...] = field(default=(), init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads every account on which the partner has a living claim."""
        live_key = ("live", self.partner)
        await attempt.load(connection, *ON_AN_ACCOUNT, partner_key(self.partner), live_key)
        live = cast("frozenset[tuple[RegistrationId, AccountId]]", attempt.state(live_key))
        self._accounts = tuple(sorted({account for _, account in live}))
        await attempt.load(connection, *(account_key(account) for account in self._accounts))

    def run(self, attempt: Attempt) -> Answer:
        """Decide on the partner, then on each of its accounts."""
        partner, events = decided(attempt, self.partner, self.command)
        for number, account in enumerate(self._accounts):
            for event in events:
                draft = draft_of(attempt, account, f"{self.token}{number:x}x")
                _follow(draft, event)
                store(attempt, draft)
        return answer(attempt, partner_document(partner))


def _follow(draft: Draft, event: PartnerEvent) -> None:
    if isinstance(event, PartnerReinstated):
        catch_up(draft)
    elif isinstance(event, PartnerTerminated):
        partner_leaves(draft, event.partner, event.ends_at, fraud=event.cause == "fraud")


def decided(attempt: Attempt, partner_id: PartnerId, command: CommandAt) -> tuple[Partner, list[PartnerEvent]]:
    """Decide on a partner and record what follows; refuses an unknown one unless the command enrols it."""
    partner = cast("Partner | None", attempt.state(partner_key(partner_id)))
    events = partners.decide(partner, command(programme_of(attempt), attempt.now))
    for event in events:
        recorded = attempt.record(partner_stream(partner_id), event, begins_stream=partner is None)
        partner = partners.evolve(partner, cast("Recorded[PartnerEvent]", recorded))
    if partner is None:
        raise Refusal("NOT_FOUND", f"There is no partner {partner_id}.")
    attempt.put(partner_key(partner_id), partner)
    return partner, events
