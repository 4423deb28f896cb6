"""Deals of a CRM as commands find them: to which registration they lead, and by which ids they go."""

from typing import cast

from domain.account.state import Registration
from domain.ids import DealRef
from service.attempt import Attempt
from service.state_look_ups import KnownDeal


def known_deal(attempt: Attempt, deal: DealRef) -> KnownDeal | None:
    """What is known of a deal; None: nothing."""
    return cast("KnownDeal | None", attempt.state(("deal", deal.source, deal.id)))


def ids_of(deal: DealRef, known: KnownDeal) -> tuple[DealRef, ...]:
    """All ids of a deal that was merged; none of one that was not."""
    return tuple(DealRef(source=deal.source, id=one) for one in known.one_with)


def under_another_id(registration: Registration, deal_id: str) -> str | None:
    """The id of a deal that leads to the registration, where that is not the one that it was registered with."""
    return None if registration.deal is not None and registration.deal.id == deal_id else deal_id
