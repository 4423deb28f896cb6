"""What a merge of deals in the CRM does to registrations. These are the stored format: add, never edit.

Deals that are one lead to one of the registrations that they led to. A registration keeps the deal's id that it was
made with; what is said of any of the ids is said of the one deal.
"""

from dataclasses import dataclass

from domain.deal_registration.deal import DealFact
from domain.deal_registration.events import RegistrationEvent
from domain.ids import AccountId, DealRef, RegistrationId


@dataclass(frozen=True, slots=True, kw_only=True)
class DealsMerged(RegistrationEvent):
    """All of `deals` are one and lead to this registration. `facts` are those that the others bring along."""

    deals: tuple[DealRef, ...]
    facts: tuple[DealFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DealLedElsewhere(RegistrationEvent):
    """Its deal is one with that of `leads`: it leads there, and what was said of it went along."""

    leads: RegistrationId
    leads_on: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class DealParted(RegistrationEvent):
    """A person found that `deal` is another opportunity: what was said of it goes, and `deals` still lead here."""

    deal: DealRef
    deals: tuple[DealRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DealStoodApart(RegistrationEvent):
    """A person found that its deal is an opportunity of its own: it leads here again, with what was said of it."""

    deal: DealRef
    facts: tuple[DealFact, ...]


MergeEvent = DealsMerged | DealLedElsewhere | DealParted | DealStoodApart
