"""A partner is bought by another one: all that it has in the programme goes over in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import local_date
from domain.deal_registration.aggregate import partner_acquired
from domain.deal_registration.transfer_events import (
    PartTransferred,
    RegistrationTransferred,
    ShareProposalTransferred,
)
from domain.ids import AccountId, LeadId, PartnerId
from domain.lead.aggregate import TransferLead
from domain.partner import aggregate as partners
from domain.partner.acquisition import GO_OVER_AT_MOST, AcquirePartner, acquire
from domain.partner.aggregate import Partner
from domain.partner.events import PartnerEvent
from domain.recorded import Recorded
from domain.refusal import Refusal
from projections.leads import living_leads
from projections.share_proposals import accounts_of_open_proposals
from projections.what_a_partner_has import accounts_naming
from service.attempt import Attempt
from service.commands.leads import decided as decided_on_lead
from service.commands.on_account import ON_AN_ACCOUNT, answer, draft_of, partner_of, programme_of, store
from service.presentation.programme import partner_document
from service.presentation.values import Document
from service.states import LEADS_GENERATION, PROPOSALS_GENERATION, account_key, lead_key, partner_key
from service.streams import partner_stream
from service.work import Answer, Cause, RequestKey, Work


@dataclass(kw_only=True)
class Acquire(Work):
    """Say that a partner was bought by another one."""

    actor: str
    partner: PartnerId
    by: PartnerId
    reason: str
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _accounts: Sequence[AccountId] = field(default=(), init=False)
    _leads: Sequence[LeadId] = field(default=(), init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads every account and lead on which the partner has something that is alive."""
        programme, partner, at_most = attempt.programme, self.partner, GO_OVER_AT_MOST + 1
        named = await accounts_naming(connection, programme, partner, at_most=at_most)
        asked = await accounts_of_open_proposals(connection, programme, partner, at_most=at_most)
        self._accounts = sorted({*named, *asked})
        self._leads = await living_leads(connection, programme, partner, at_most=at_most)
        await attempt.load(connection, *ON_AN_ACCOUNT, PROPOSALS_GENERATION, LEADS_GENERATION)
        await attempt.load(connection, partner_key(partner), partner_key(self.by))
        await attempt.load(connection, *(account_key(account) for account in self._accounts[:at_most]))
        await attempt.load(connection, *(lead_key(lead) for lead in self._leads))

    def run(self, attempt: Attempt) -> Answer:
        """Record it, and let everything go over; said again, it changes nothing."""
        partner, is_new = self._acquired(attempt)
        moved = self._moved(attempt) if is_new else _moved_document([], 0)
        return answer(attempt, {**partner_document(partner), "transferred": moved})

    def _acquired(self, attempt: Attempt) -> tuple[Partner, bool]:
        partner = cast("Partner | None", attempt.state(partner_key(self.partner)))
        if partner is None:
            raise Refusal("NOT_FOUND", f"There is no partner {self.partner}.")
        now, zone = attempt.now, programme_of(attempt).zone
        command = AcquirePartner(
            by=partner_of(attempt, self.by),
            reason=self.reason,
            now=now,
            today=local_date(now, zone),
            goes_over=max(len(self._accounts), len(self._leads)),
        )
        events = acquire(partner, command)
        for event in events:
            recorded = attempt.record(partner_stream(self.partner), event)
            partner = partners.evolve(partner, cast("Recorded[PartnerEvent]", recorded))
        attempt.put(partner_key(self.partner), partner)
        return partner, bool(events)

    def _moved(self, attempt: Attempt) -> Document:
        """Everything goes over, account by account and lead by lead; how much that was."""
        moved: list[type] = []
        for number, account in enumerate(self._accounts):
            draft = draft_of(attempt, account, f"{self.token}{number:x}x")
            partner_acquired(draft, self.partner)
            store(attempt, draft)
            moved += [type(recorded.event) for recorded in draft.events]
        leads = 0
        for lead in self._leads:
            before = len(attempt.events)
            decided_on_lead(attempt, lead, TransferLead(partner=self.partner, to=self.by, now=attempt.now))
            leads += len(attempt.events) - before
        return _moved_document(moved, leads)


def _moved_document(events: Sequence[type], leads: int) -> Document:
    return {
        "registrations": events.count(RegistrationTransferred),
        "parts": events.count(PartTransferred),
        "share_proposals": events.count(ShareProposalTransferred),
        "leads": leads,
    }
