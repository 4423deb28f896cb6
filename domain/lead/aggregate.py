"""A lead passed between partners: what can be done with it, and how it stands (service/decisions/0018)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from domain.ids import Instant, LeadId, PartnerId, Position, Product
from domain.lead.events import (
    LeadAccepted,
    LeadDeclined,
    LeadEvent,
    LeadExpired,
    LeadOffered,
    LeadTransferred,
    LeadWithdrawn,
)
from domain.matching import AccountFacts
from domain.partner.aggregate import Partner
from domain.programme.terms import refuse_unknown_products
from domain.recorded import Recorded
from domain.refusal import Refusal

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLead:
    """Tell `recipient` of an opportunity, which it can accept until `expires_at`."""

    lead: LeadId
    source: Partner | None
    recipient: Partner
    facts: AccountFacts
    products: tuple[Product, ...]
    known_products: tuple[Product, ...]
    expires_at: Instant
    terms_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptLead:
    """Take it on, at `now`."""

    recipient: Partner
    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineLead:
    """Do not want it, at `now`."""

    reason: str | None
    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawLead:
    """Take it back, at `now`."""

    reason: str
    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireLead:
    """Write that nobody answered it in time."""

    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLead:
    """The partner was acquired by `to`: what is offered or accepted at `now` is its acquirer's."""

    partner: PartnerId
    to: PartnerId
    now: Instant


LeadCommand = OfferLead | AcceptLead | DeclineLead | WithdrawLead | ExpireLead | TransferLead

# state

LeadStatus = Literal["offered", "accepted", "declined", "withdrawn", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A lead as it stands in the log."""

    id: LeadId
    source: PartnerId | None
    recipient: PartnerId
    facts: AccountFacts
    products: tuple[Product, ...]
    offered_at: Instant
    expires_at: Instant
    position: Position
    """Where it was offered."""
    stated: LeadStatus
    """As the log states it; an offered one is expired once `expires_at` has come."""
    reason: str | None = None
    """Why it was declined or taken back."""

    def status(self, now: Instant) -> LeadStatus:
        """How it stands at an instant: what time alone ends is over at that instant (rules §2)."""
        return "expired" if self.stated == "offered" and self.expires_at <= now else self.stated


# decide


def decide(lead: Lead | None, command: LeadCommand) -> list[LeadEvent]:
    """The events that a command causes; already so gives none."""
    if isinstance(command, OfferLead):
        return _offer(command)
    if lead is None:
        raise Refusal("NOT_FOUND", "There is no such lead.")
    status = lead.status(command.now)
    if isinstance(command, ExpireLead):
        return [LeadExpired(lead=lead.id, at=lead.expires_at)] if status != lead.stated else []
    if isinstance(command, TransferLead):
        concerns = command.partner in (lead.source, lead.recipient) and status in ("offered", "accepted")
        return [LeadTransferred(lead=lead.id, partner=command.partner, to=command.to)] if concerns else []
    if isinstance(command, AcceptLead):
        if status == "accepted":
            return []
        _refuse_unless_offered(status)
        if not command.recipient.is_active:
            raise Refusal("PARTNER_NOT_ACTIVE", f"{command.recipient.name} is not active in the programme.")
        return [LeadAccepted(lead=lead.id)]
    if isinstance(command, DeclineLead):
        if status == "declined":
            return []
        _refuse_unless_offered(status)
        return [LeadDeclined(lead=lead.id, reason=command.reason)]
    if status == "withdrawn":
        return []
    _refuse_unless_offered(status)
    return [LeadWithdrawn(lead=lead.id, reason=command.reason)]


def _offer(command: OfferLead) -> list[LeadEvent]:
    source, recipient = command.source, command.recipient
    if source is not None and source.id == recipient.id:
        raise Refusal("MALFORMED", "A lead is passed to another partner.", field="recipient")
    if source is not None and not source.is_active:
        raise Refusal("PARTNER_NOT_ACTIVE", f"{source.name} is not active in the programme.")
    if not recipient.is_active:
        raise inactive_recipient(recipient.id)
    refuse_unknown_products(command.products, command.known_products)
    return [
        LeadOffered(
            lead=command.lead,
            source=None if source is None else source.id,
            recipient=recipient.id,
            facts=command.facts,
            products=command.products,
            expires_at=command.expires_at,
            terms_version=command.terms_version,
        )
    ]


def inactive_recipient(recipient: PartnerId) -> Refusal:
    """The partner that a lead is offered to cannot take it on."""
    return Refusal("PARTNER_NOT_ACTIVE", f"{recipient}, to whom the lead is offered, is not active in the programme.")


def _refuse_unless_offered(status: LeadStatus) -> None:
    if status != "offered":
        raise Refusal("WRONG_STATE", f"The lead is {status}; it waits for no answer.")


# evolve and fold

_STATED: dict[type, LeadStatus] = {
    LeadAccepted: "accepted",
    LeadDeclined: "declined",
    LeadWithdrawn: "withdrawn",
    LeadExpired: "expired",
}


def evolve(lead: Lead | None, recorded: Recorded[LeadEvent]) -> Lead:
    """The lead after one more event."""
    event = recorded.event
    if isinstance(event, LeadOffered):
        return Lead(
            id=event.lead,
            source=event.source,
            recipient=event.recipient,
            facts=event.facts,
            products=event.products,
            offered_at=recorded.recorded_at,
            expires_at=event.expires_at,
            position=recorded.position,
            stated="offered",
        )
    assert lead is not None
    if isinstance(event, LeadDeclined | LeadWithdrawn):
        return replace(lead, stated=_STATED[type(event)], reason=event.reason)
    if isinstance(event, LeadTransferred):
        source = event.to if lead.source == event.partner else lead.source
        recipient = event.to if lead.recipient == event.partner else lead.recipient
        return replace(lead, source=source, recipient=recipient)
    if isinstance(event, LeadAccepted | LeadExpired):
        return replace(lead, stated=_STATED[type(event)])
    assert_never(event)


def fold(history: Iterable[Recorded[LeadEvent]], lead: Lead | None = None) -> Lead | None:
    """The lead after a history."""
    for recorded in history:
        lead = evolve(lead, recorded)
    return lead
