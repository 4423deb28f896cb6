"""Registering from a lead: the registration names its origin for ever."""

from domain.deal_registration.involvement import LeadOrigin
from domain.ids import PartnerId
from domain.lead.aggregate import Lead
from domain.matching import AccountFacts, same_account
from domain.refusal import Refusal


def origin_from(lead: Lead | None, partner: PartnerId, facts: AccountFacts) -> LeadOrigin:
    """The origin that a partner's registration has, when it took on this lead about this account.

    A lead of others is not there for it. From one lead it may register again, as after a registration that lapsed.
    """
    if lead is None or lead.recipient != partner:
        raise Refusal("UNKNOWN_LEAD", "There is no such lead for this partner.")
    if lead.stated != "accepted":
        raise Refusal("LEAD_NOT_ACCEPTED", "The lead was not accepted, so nothing can be registered from it.")
    if not same_account([lead.facts], facts):
        raise Refusal("LEAD_FOR_ANOTHER_ACCOUNT", f"The lead is about {lead.facts.name}, not about {facts.name}.")
    return LeadOrigin(lead=lead.id, source=lead.source)
