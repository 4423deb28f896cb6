"""Moves within an account's queues, shared by everything that can change who is first."""

from collections.abc import Mapping
from typing import TypeVar

from domain.account.state import (
    Account,
    Claim,
    Ended,
    EndReason,
    Holding,
    Protected,
    Registration,
    Waiting,
)
from domain.changed import changed
from domain.ids import Instant, Position, Product, RegistrationId

K = TypeVar("K")
V = TypeVar("V")


def with_entry(mapping: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    """A mapping with one entry added or replaced."""
    return {**mapping, key: value}


def with_registration(account: Account, registration: Registration) -> Account:
    """The account with a registration added or replaced."""
    return changed(account, registrations=with_entry(account.registrations, registration.id, registration))


def with_claim(account: Account, registration_id: RegistrationId, claim: Claim) -> Account:
    """The account with one claim of a registration replaced."""
    registration = account.registrations[registration_id]
    claims = tuple([claim if c.product == claim.product else c for c in registration.claims])
    return with_registration(account, changed(registration, claims=claims))


def with_approval(account: Account, registration_id: RegistrationId, at: Instant) -> Account:
    """The account in which a registration is approved since an instant, if it was not before."""
    registration = account.registrations[registration_id]
    return with_registration(account, changed(registration, approved_at=first_approval(registration, at)))


def first_approval(registration: Registration, at: Instant) -> Instant:
    """When a registration that is approved at an instant was approved first."""
    return at if registration.approved_at is None else min(registration.approved_at, at)


def end_claim(
    account: Account,
    registration_id: RegistrationId,
    product: Product,
    *,
    at: Instant,
    by: EndReason,
    position: Position,
) -> Account:
    """The account after a claim ended (already so: unchanged). Nobody is promoted here: that is an event of its own."""
    claim = account.registrations[registration_id].claim_on(product)
    if isinstance(claim.stage, Ended):
        return account
    ended = changed(claim, stage=Ended(at=at, by=by, position=position, before=claim.stage))
    return with_holder_noted(with_claim(account, registration_id, ended), product, at, by)


def end_claims(
    account: Account, registration_id: RegistrationId, *, at: Instant, by: EndReason, position: Position
) -> Account:
    """The account after all claims of a registration ended."""
    for product in account.registrations[registration_id].products:
        account = end_claim(account, registration_id, product, at=at, by=by, position=position)
    return account


def with_holder_noted(account: Account, product: Product, at: Instant, because: str) -> Account:
    """The account with exactly the first non-waiting live claim of each opportunity as its holder, in the timeline too.

    Who held until `at` and does no longer ended `because` of that. A claim that co-sells with a holder is an ordinary
    waiting one once another holds.
    """
    holders: dict[int, Registration] = {}
    waiting: list[tuple[RegistrationId, Claim]] = []
    for registration, claim in list(account.queue(product)):
        if isinstance(claim.stage, Waiting):
            if claim.stage.beside is not None:
                waiting.append((registration.id, claim))
        elif holders.setdefault(claim.opportunity, registration) is not registration:
            account = with_claim(account, registration.id, changed(claim, stage=Waiting(case=None)))
    for registration_id, claim in waiting:
        account = _without_its_holder(account, registration_id, claim, holders.get(claim.opportunity))
    held = {h.opportunity: None for h in account.holdings.get(product, ()) if h.until is None}
    for opportunity in held | dict.fromkeys(holders):
        account = _with_timeline(account, product, opportunity, holders.get(opportunity), at=at, because=because)
    return account


def _without_its_holder(
    account: Account, registration_id: RegistrationId, claim: Claim, holder: Registration | None
) -> Account:
    """The account where a co-selling claim whose holder is another now only waits."""
    assert isinstance(claim.stage, Waiting)
    if holder is not None and claim.stage.beside == holder.id:
        return account
    return with_claim(account, registration_id, changed(claim, stage=Waiting(case=claim.stage.case)))


def with_hold_continued(account: Account, product: Product, opportunity: int) -> Account:
    """The account where an opportunity's last holder never ceased to be it, as it now turns out."""
    holdings = account.holdings[product]
    last = [holding for holding in holdings if holding.opportunity == opportunity][-1]
    continued = changed(last, until=None, ended_by=None)
    holdings = tuple(continued if holding is last else holding for holding in holdings)
    return changed(account, holdings=with_entry(account.holdings, product, holdings))


def planned_end(account: Account, product: Product, holding: Holding) -> Instant | None:
    """Until when an open holding lasts if nothing else happens; None without protection."""
    claim = account.registrations[holding.registration].claim_on(product)
    if not isinstance(claim.stage, Protected):
        return None
    return max(claim.stage.until, claim.live_since, holding.since)


def _with_timeline(
    account: Account, product: Product, opportunity: int, holder: Registration | None, *, at: Instant, because: str
) -> Account:
    holdings = account.holdings.get(product, ())
    current = next((h for h in holdings if h.until is None and h.opportunity == opportunity), None)
    if current is not None and holder is not None and current.registration == holder.id:
        return account
    if current is not None:
        lasts_until = planned_end(account, product, current) if because == "won" else None
        ended = changed(current, until=max(at, current.since), ended_by=because, lasts_until=lasts_until)
        holdings = tuple(ended if holding is current else holding for holding in holdings)
    if holder is not None:
        opened = Holding(
            registration=holder.id,
            partner=holder.partner,
            opportunity=opportunity,
            since=at,
            until=None,
            ended_by=None,
        )
        holdings = (*holdings, opened)
    return changed(account, holdings=with_entry(account.holdings, product, holdings))
