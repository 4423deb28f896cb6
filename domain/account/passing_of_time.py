"""What time alone changes on an account: protection ends, a leaving partner's claims end, the next in line is promoted.

Expiry is a comparison of instants whenever somebody asks or decides; writing it down only tells people (rules §2).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.account.draft import Draft
from domain.account.state import Account, Claim, Protected, Registration, Waiting
from domain.calendar import add_days
from domain.deal_registration.events import ClaimEnded, ProtectionExpired, RegistrationPromoted
from domain.ids import Instant, Position, Product, RegistrationId


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Due:
    """A claim that ends at an instant by itself."""

    at: Instant
    place: Position
    product: Product
    registration: RegistrationId
    leaves: bool


def next_due(account: Account) -> Due | None:
    """The earliest thing that time alone changes (and has not been written yet)."""
    return min(_dues(account), default=None)


def _dues(account: Account) -> Iterator[Due]:
    for product in account.order:
        for registration, claim in account.queue(product):
            due = _due(registration, claim)
            if due is not None:
                yield due


def _due(registration: Registration, claim: Claim) -> Due | None:
    ends: list[tuple[Instant, bool]] = []
    if isinstance(claim.stage, Protected):
        ends.append((claim.stage.until, False))
    if registration.leaves_at is not None and (registration.leaves_for_fraud or not isinstance(claim.stage, Protected)):
        ends.append((registration.leaves_at, True))
    if not ends:
        return None
    at, leaves = min(ends)
    return Due(
        at=max(at, claim.live_since),
        place=registration.place,
        product=claim.product,
        registration=registration.id,
        leaves=leaves,
    )


def let_time_pass(draft: Draft) -> None:
    """Write all that fell due up to now in order of instant, each promotion at the instant of its vacancy (§3.6)."""
    while (due := next_due(draft.account)) is not None and due.at <= draft.now:
        account, registration = draft.account.id, draft.account.registrations[due.registration]
        if due.leaves:
            draft.add(
                ClaimEnded(
                    registration=due.registration,
                    account=account,
                    product=due.product,
                    at=due.at,
                    fraud=registration.leaves_for_fraud,
                )
            )
        else:
            draft.add(ProtectionExpired(registration=due.registration, account=account, product=due.product, at=due.at))
        promote_next(draft, due.product, due.at)


def promote_next(draft: Draft, product: Product, at: Instant) -> None:
    """Where nobody holds the product, the first waiting claim of an active partner becomes the holder (rules §3.6)."""
    if draft.account.holder(product) is not None:
        return
    for registration, claim in draft.account.queue(product):
        if isinstance(claim.stage, Waiting) and draft.partners[registration.partner].is_active_at(at):
            terms = draft.programme.terms_at(at)
            until = add_days(at, terms.terms.protection_days, draft.programme.zone)
            draft.add(
                RegistrationPromoted(
                    registration=registration.id,
                    account=draft.account.id,
                    product=product,
                    at=at,
                    protected_until=until if terms.terms.approval == "automatic" else None,
                    terms_version=terms.version,
                )
            )
            return


def fill_vacancies(draft: Draft) -> None:
    """After a command: no product is left without a holder while an active partner waits for it."""
    for product in draft.account.order:
        promote_next(draft, product, draft.now)
