"""Who would have been first, had somebody registered at another instant? Nothing is changed by asking."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.account.priority import ranked
from domain.account.sales import opportunity_for_newcomer
from domain.account.state import Account, Holding, Registration
from domain.ids import Instant, Product, RegistrationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """The place that a registration of an instant would have had, and when it would have become the holder."""

    ahead: tuple[Registration, ...]
    """Who stood in the queue at that instant, the holder first."""
    would_hold_from: Instant | None
    """None: as things are, it would still wait; somebody ahead holds, or has won."""
    instead_of: tuple[Holding, ...]
    """Who held from then on and registered later, as it was."""


def newcomer(then: Account | None, now: Account | None, product: Product, at: Instant) -> Newcomer:
    """The place of a newcomer, given the account at the instant and as it stands by now (None: not known)."""
    opportunity = 1 if then is None else opportunity_for_newcomer(then, product)
    ahead = () if then is None else ranked(then, product, opportunity)
    if now is None:
        return Newcomer(ahead=ahead, would_hold_from=at, instead_of=())
    holdings = [h for h in now.holdings.get(product, ()) if h.opportunity == opportunity]
    names = {registration.id for registration in ahead}
    since = _vacant_from(holdings, names, at)
    held = () if since is None else tuple(_held_by_others(holdings, names, since))
    return Newcomer(ahead=ahead, would_hold_from=since, instead_of=held)


def _vacant_from(holdings: list[Holding], ahead: set[RegistrationId], at: Instant) -> Instant | None:
    """The first instant from `at` on at which nobody who was ahead held; a win by one of them ends the queue."""
    vacant = at
    for holding in holdings:
        if holding.registration not in ahead or (holding.until is not None and holding.until <= vacant):
            continue
        if holding.since > vacant:
            return vacant
        if holding.until is None or holding.ended_by == "won":
            return None
        vacant = holding.until
    return vacant


def _held_by_others(holdings: list[Holding], ahead: set[RegistrationId], since: Instant) -> Iterator[Holding]:
    return (h for h in holdings if h.registration not in ahead and (h.until is None or h.until > since))
