"""Leads as the HTTP contract shows them: to the vendor, to who passes one on, and to who gets it."""

from collections.abc import Mapping

from domain.calendar import instant_text
from domain.ids import Instant, PartnerId
from domain.lead.aggregate import Lead
from domain.partner.aggregate import Partner
from service.presentation.values import Document


def lead_document(
    lead: Lead, partners: Mapping[PartnerId, Partner], now: Instant, *, viewer: PartnerId | None, notes: str | None
) -> Document:
    """A lead as it stands. Its notes are for the recipient once it has accepted; what it registers is nobody else's."""
    status, facts = lead.status(now), lead.facts
    withheld = viewer == lead.recipient and status != "accepted"
    return {
        "id": lead.id,
        "status": status,
        "reason": lead.reason,
        "source": None if lead.source is None else _named(partners[lead.source]),
        "recipient": _named(partners[lead.recipient]),
        "account": {"name": facts.name, "country": facts.country, "domain": facts.domain, "site": facts.site},
        "products": list(lead.products),
        "notes": None if withheld else notes,
        "offered_at": instant_text(lead.offered_at),
        "expires_at": instant_text(lead.expires_at),
    }


def _named(partner: Partner) -> Document:
    return {"id": partner.id, "name": partner.name}
