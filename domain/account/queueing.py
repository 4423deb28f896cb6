"""Moves within an account's queues, shared by everything that can change who is first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from domain.account.state import (
    Account,
    Claim,
    Ended,
    EndReason,
    Holding,
    Registration,
    Waiting,
    is_live,
)
from domain.ids import Instant, Product, RegistrationId

K = TypeVar("K")
V = TypeVar("V")


def with_entry(mapping: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    """A mapping with one entry added or replaced."""
    return {**mapping, key: value}


def with_registration(account: Account, registration: Registration) -> Account:
    """The account with a registration added or replaced."""
    return replace(account, registrations=with_entry(account.registrations, registration.id, registration))


def with_claim(account: Account, registration_id: RegistrationId, claim: Claim) -> Account:
    """The account with one claim of a registration replaced."""
    registration = account.registrations[registration_id]
    claims = tuple(claim if c.product == claim.product else c for c in registration.claims)
    return with_registration(account, replace(registration, claims=claims))


def end_claim(
    account: Account, registration_id: RegistrationId, product: Product, at: Instant, by: EndReason
) -> Account:
    """The account after a claim ended (already so: unchanged). Nobody is promoted here: that is an event of its own."""
    claim = account.registrations[registration_id].claim_on(product)
    if isinstance(claim.stage, Ended):
        return account
    ended = replace(claim, stage=Ended(at=at, by=by, before=claim.stage))
    return with_holder_noted(with_claim(account, registration_id, ended), product, at, by)


def end_claims(account: Account, registration_id: RegistrationId, at: Instant, by: EndReason) -> Account:
    """The account after all claims of a registration ended."""
    for product in account.registrations[registration_id].products:
        account = end_claim(account, registration_id, product, at, by)
    return account


def settle_queues(account: Account, winner: RegistrationId, products: Iterable[Product], at: Instant) -> Account:
    """A win ends these queues: the live claims stay as they are, with their cases (rules §3.9)."""
    for product in products:
        for registration, claim in list(account.queue(product)):
            account = with_claim(account, registration.id, replace(claim, settled_by=winner))
        account = with_holder_noted(account, product, at, "won")
    return account


def reopen_queues(account: Account, winner: RegistrationId, products: Iterable[Product], at: Instant) -> Account:
    """The win is undone: the claims come back at their places, ahead of later ones (rules §3.9)."""
    for product in products:
        opportunity = account.registrations[winner].claim_on(product).opportunity
        for registration_id in account.order[product]:
            claim = account.registrations[registration_id].claim_on(product)
            if claim.settled_by == winner:
                claim = replace(claim, settled_by=None, live_since=at)
            if is_live(claim):
                account = with_claim(account, registration_id, replace(claim, opportunity=opportunity))
        account = with_holder_noted(account, product, at, "reopened")
    return account


def restore_lost(account: Account, registration_id: RegistrationId, at: Instant) -> Account:
    """The loss is undone: the claims that it ended come back at their places."""
    for claim in account.registrations[registration_id].claims:
        if isinstance(claim.stage, Ended) and claim.stage.by == "lost":
            stage = claim.stage.before
            if isinstance(stage, Waiting):
                stage = Waiting(case=None)
            account = with_claim(account, registration_id, replace(claim, stage=stage, live_since=at))
            account = with_holder_noted(account, claim.product, at, "reopened")
    return account


def with_holder_noted(account: Account, product: Product, at: Instant, because: str) -> Account:
    """The account with exactly the first non-waiting live claim as holder, and the timeline saying so since `at`."""
    holder: Registration | None = None
    for registration, claim in list(account.queue(product)):
        if isinstance(claim.stage, Waiting):
            continue
        if holder is None:
            holder = registration
        else:
            account = with_claim(account, registration.id, replace(claim, stage=Waiting(case=None)))
    return _with_timeline(account, product, holder, at, because)


def _with_timeline(
    account: Account, product: Product, holder: Registration | None, at: Instant, because: str
) -> Account:
    holdings = account.holdings.get(product, ())
    current = holdings[-1] if holdings and holdings[-1].until is None else None
    if current is not None and holder is not None and current.registration == holder.id:
        return account
    if current is not None:
        holdings = (*holdings[:-1], replace(current, until=max(at, current.since), ended_by=because))
    if holder is not None:
        opened = Holding(
            registration=holder.id,
            partner=holder.partner,
            opportunity=holder.claim_on(product).opportunity,
            since=at,
            until=None,
            ended_by=None,
        )
        holdings = (*holdings, opened)
    return replace(account, holdings=with_entry(account.holdings, product, holdings))
