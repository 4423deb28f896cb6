"""Leads: offered to a partner, accepted, declined, withdrawn."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from domain.calendar import add_days
from domain.ids import Instant, LeadId, PartnerId, Product
from domain.lead import aggregate as leads
from domain.lead.aggregate import ExpireLead, Lead, LeadCommand, OfferLead, inactive_recipient
from domain.lead.events import LeadEvent
from domain.matching import AccountFacts
from domain.partner.aggregate import Partner
from domain.recorded import Recorded
from domain.refusal import Refusal
from projections import leads as view
from service.attempt import Attempt
from service.commands.on_account import PartnersOf, answer, partner_of, programme_of
from service.personal import lead_notes_row
from service.presentation.leads import lead_document
from service.states import LEADS_GENERATION, PROGRAMME_KEY, lead_key, partner_key
from service.streams import lead_stream
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Work):
    """Offer a lead. `only_of` is the partner whose key asks: it offers its own."""

    actor: str
    lead: LeadId
    source: PartnerId | None
    recipient: PartnerId
    facts: AccountFacts
    products: tuple[Product, ...]
    notes: str | None
    only_of: PartnerId | None
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The rule book and the two partners."""
        del known
        yield from (PROGRAMME_KEY, LEADS_GENERATION, partner_key(self.recipient))
        if self.source is not None:
            yield partner_key(self.source)

    def run(self, attempt: Attempt) -> Answer:
        """Offer it, and show it. To a partner's key a recipient that nobody knows is like one that is not active."""
        if self.only_of is not None and attempt.state(partner_key(self.recipient)) is None:
            raise inactive_recipient(self.recipient)
        programme = programme_of(attempt)
        terms = programme.terms_at(attempt.now)
        command = OfferLead(
            lead=self.lead,
            source=None if self.source is None else partner_of(attempt, self.source),
            recipient=partner_of(attempt, self.recipient),
            facts=self.facts,
            products=self.products,
            known_products=terms.terms.products,
            expires_at=add_days(attempt.now, terms.terms.lead_offer_days, programme.zone),
            terms_version=terms.version,
        )
        attempt.begin(lead_key(self.lead))
        lead = decided(attempt, self.lead, command)
        if self.notes is not None:
            attempt.write(lead_notes_row(attempt.programme, self.lead, self.notes))
        document = lead_document(lead, PartnersOf(attempt), attempt.now, viewer=self.only_of, notes=self.notes)
        return answer(attempt, document, created=True)


LeadCommandAt = Callable[[Partner, Instant], LeadCommand]
"""Makes a command that depends on the recipient as it stands and on what time it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLead(Work):
    """Answer a lead, or take it back. `only_of` is the partner whose key asks, and `as_source` the side it is on."""

    actor: str
    lead: LeadId
    only_of: PartnerId | None
    as_source: bool
    command: LeadCommandAt
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The lead and its partners."""
        yield from (PROGRAMME_KEY, LEADS_GENERATION, lead_key(self.lead))
        lead = cast("Lead | None", known(lead_key(self.lead)))
        if lead is not None:
            yield from (partner_key(partner) for partner in (lead.recipient, lead.source) if partner is not None)

    def run(self, attempt: Attempt) -> Answer:
        """Decide, store and show the lead as it stands then, without its notes: those are read."""
        lead = lead_of(attempt, self.lead)
        if lead is None or (self.only_of is not None and self.only_of != _side(lead, self.as_source)):
            raise Refusal("NOT_FOUND", f"There is no lead {self.lead}.")
        lead = decided(attempt, self.lead, self.command(partner_of(attempt, lead.recipient), attempt.now))
        document = lead_document(lead, PartnersOf(attempt), attempt.now, viewer=self.only_of, notes=None)
        return answer(attempt, document)


def _side(lead: Lead, as_source: bool) -> PartnerId | None:
    return lead.source if as_source else lead.recipient


def lead_of(attempt: Attempt, lead: LeadId) -> Lead | None:
    """A lead as it stands in the log; None where there is none."""
    return cast("Lead | None", attempt.state(lead_key(lead)))


def decided(attempt: Attempt, lead_id: LeadId, command: LeadCommand) -> Lead:
    """Decide on a lead and record what follows; gives it as it stands then."""
    lead = lead_of(attempt, lead_id)
    events = leads.decide(lead, command)
    for event in events:
        recorded = attempt.record(lead_stream(lead_id), event, begins_stream=lead is None)
        lead = leads.evolve(lead, cast("Recorded[LeadEvent]", recorded))
    assert lead is not None
    if events:
        attempt.put(lead_key(lead_id), lead)
        attempt.write(view.rows(attempt.programme, cast("int", attempt.state(LEADS_GENERATION)), [lead]))
    return lead


def expire_leads(attempt: Attempt, due: Sequence[LeadId], until: Instant) -> Sequence[LeadId]:
    """Write which of these leads, the earliest first, were not answered by an instant; gives the others."""
    for place, lead_id in enumerate(due):
        lead = lead_of(attempt, lead_id)
        assert lead is not None
        if lead.expires_at > until:
            return due[place:]
        decided(attempt, lead_id, ExpireLead(now=until))
    return ()
