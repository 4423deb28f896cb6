"""What must be told of a lead: to whoever gets it, and to whoever passed it on."""

from collections.abc import Iterator

from domain.ids import Instant, PartnerId
from domain.lead.aggregate import Lead
from domain.lead.events import LeadAccepted, LeadDeclined, LeadEvent, LeadOffered, LeadTransferred, LeadWithdrawn
from domain.notice import Notice, NoticeKind
from domain.recorded import Recorded


def notices_of_lead(lead: Lead, recorded: Recorded[LeadEvent]) -> Iterator[Notice]:
    """Whom an event concerns and what each is told, given the lead after it. Of the vendor's own its staff is told."""
    event, at = recorded.event, recorded.recorded_at
    if isinstance(event, LeadOffered):
        yield _notice(lead, "lead_offered", lead.recipient, at, until=event.expires_at)
    elif isinstance(event, LeadAccepted):
        yield _notice(lead, "lead_accepted", lead.source, at)
    elif isinstance(event, LeadDeclined):
        yield _notice(lead, "lead_declined", lead.source, at, text=event.reason)
    elif isinstance(event, LeadWithdrawn):
        yield _notice(lead, "lead_withdrawn", lead.recipient, at, text=event.reason)
    elif isinstance(event, LeadTransferred):
        yield _notice(lead, "lead_transferred", event.to, at)
    else:
        yield _notice(lead, "lead_expired", lead.recipient, event.at)
        if lead.source != lead.recipient:
            yield _notice(lead, "lead_expired", lead.source, event.at)


def _notice(
    lead: Lead,
    kind: NoticeKind,
    partner: PartnerId | None,
    at: Instant,
    *,
    until: Instant | None = None,
    text: str | None = None,
) -> Notice:
    return Notice(
        kind=kind,
        partner=partner,
        registration=None,
        account_name=lead.facts.name,
        products=lead.products,
        at=at,
        until=until,
        text=text,
        lead=lead.id,
    )
