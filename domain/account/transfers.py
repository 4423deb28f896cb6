"""What changes hands on an account when a partner is acquired, and how it was before (service/decisions/0009)."""

from domain.account import queueing
from domain.account.state import Account, Holding, Registration
from domain.changed import changed
from domain.deal_registration.involvement import Earlier
from domain.deal_registration.transfer_events import TransferEvent
from domain.ids import Instant
from domain.recorded import Recorded


def as_it_was(registration: Registration, instant: Instant) -> Registration:
    """The registration with the partner, shares and roles that it had at an instant."""
    then = next((earlier for earlier in registration.earlier if instant < earlier.until), None)
    if then is None:
        return registration
    return changed(registration, partner=then.partner, shares=then.shares, roles=then.roles)


def in_these_hands_since(registration: Registration) -> Instant:
    """Since when the registration is its partner's."""
    others = (before.until for before in reversed(registration.earlier) if before.partner != registration.partner)
    return next(others, registration.registered_at)


def after_transfer(account: Account, registration: Registration, recorded: Recorded[TransferEvent]) -> Account:
    """The account where the acquirer has what the acquired partner had; whoever held holds on, in other hands."""
    event = recorded.event
    before = Earlier(until=event.at, partner=registration.partner, shares=registration.shares, roles=registration.roles)
    partner = event.to if registration.partner == event.partner else registration.partner
    moved = changed(
        registration,
        partner=partner,
        shares=event.shares,
        roles=event.roles,
        earlier=(*registration.earlier, before),
        evidence=(*registration.evidence, recorded.position),
    )
    account = queueing.with_registration(account, moved)
    if partner == registration.partner:
        return account
    holdings = {product: _in_other_hands(account.holdings[product], moved, recorded) for product in moved.products}
    return changed(account, holdings={**account.holdings, **holdings})


def _in_other_hands(
    holdings: tuple[Holding, ...], moved: Registration, recorded: Recorded[TransferEvent]
) -> tuple[Holding, ...]:
    at = recorded.recorded_at
    held = [holding for holding in holdings if holding.until is None and holding.registration == moved.id]
    ended = (
        changed(holding, until=max(at, holding.since), ended_by="transferred") if holding in held else holding
        for holding in holdings
    )
    return (*ended, *(changed(holding, partner=moved.partner, since=max(at, holding.since)) for holding in held))
