"""The names of streams: which events belong to one aggregate."""

from domain.account.events import AccountOwnEvent
from domain.account.evolve import AccountEvent
from domain.calendar import Period, period_from
from domain.conflict_case.events import CaseEvent
from domain.deal_registration.events import RegistrationEvent
from domain.direct_deal.events import AccountBecameCustomer
from domain.ids import LeadId, PartnerId

PROGRAMME = "programme"
COMMISSION_PERIOD = "commission_period"


def partner_stream(partner: PartnerId) -> str:
    """The stream of a partner."""
    return f"partner/{partner}"


def lead_stream(lead: LeadId) -> str:
    """The stream of a lead."""
    return f"lead/{lead}"


def crm_deal_stream(source: str) -> str:
    """The stream of what a CRM says of its own deals, whoever registered them."""
    return f"crm_deal/{source}"


def period_stream(partner: PartnerId, period: str) -> str:
    """The stream of one partner's commission period."""
    return f"{COMMISSION_PERIOD}/{partner}/{period}"


def period_of_stream(stream: str) -> Period:
    """The period of a commission period's stream."""
    return period_from(stream.rsplit("/", 1)[1])


def entered_stream(partner: PartnerId) -> str:
    """The stream of the adjustments that were entered for a partner."""
    return f"entered_adjustment/{partner}"


def evaluation_stream(of: str, what: str) -> str:
    """The stream of an evaluation: of `partner_tiers` by a quarter, of a `reward` for a year."""
    return f"evaluation/{of}/{what}"


def period_key(partner: str, period: str) -> tuple[str, ...]:
    """The state key of a partner's commission period."""
    return ("period", partner, period)


def entered_key(partner: str) -> tuple[str, ...]:
    """The state key of the adjustments that were entered for a partner."""
    return ("entered_adjustment", partner)


def account_event_stream(event: AccountEvent) -> str:
    """The stream of an event on an account: its registration's, its case's, or the account's own."""
    if isinstance(event, AccountOwnEvent):
        return f"account/{event.account}"
    if isinstance(event, CaseEvent):
        return f"conflict_case/{event.case}"
    if isinstance(event, AccountBecameCustomer):
        return f"account/{event.account}"
    assert isinstance(event, RegistrationEvent)
    return f"deal_registration/{event.registration}"
