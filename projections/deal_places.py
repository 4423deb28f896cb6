"""Where events let deals of a CRM lead: to a registration, or nowhere yet, under all the ids that a deal goes by."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from domain.account.events import AccountsMerged
from domain.crm_deal.events import CrmDealsMerged
from domain.deal_registration.events import DealLinked, DealRegistered, DealUnlinked
from domain.deal_registration.merge_events import DealParted, DealsMerged, DealStoodApart
from domain.ids import AccountId, DealRef, RegistrationId

MOVES_DEALS: Final = (
    DealRegistered,
    DealLinked,
    DealUnlinked,
    DealsMerged,
    DealParted,
    DealStoodApart,
    CrmDealsMerged,
    AccountsMerged,
)
"""The events that let deals lead somewhere, or nowhere any more."""


class PlaceOfDeal(NamedTuple):
    """A deal's id, the registration that it leads to with its account, and all ids that are one with it."""

    deal: DealRef
    registration: RegistrationId | None
    account: AccountId | None
    one_with: tuple[str, ...] = ()


def places_of_deals(event: object) -> Iterator[PlaceOfDeal]:
    """Where an event lets deals lead from then on. (One that is unlinked and was never merged is forgotten.)"""
    if isinstance(event, DealRegistered | DealLinked | DealStoodApart):
        if event.deal is not None:
            yield PlaceOfDeal(event.deal, event.registration, event.account)
    elif isinstance(event, DealsMerged | DealParted):
        ids = tuple(deal.id for deal in event.deals) if len(event.deals) > 1 else ()
        yield from (PlaceOfDeal(deal, event.registration, event.account, ids) for deal in event.deals)
    elif isinstance(event, DealUnlinked):
        ids = tuple(deal.id for deal in event.deals)
        yield from (PlaceOfDeal(deal, None, None, ids) for deal in event.deals)
    elif isinstance(event, CrmDealsMerged):
        ids = event.one_deal
        yield from (PlaceOfDeal(DealRef(source=event.source, id=one), None, None, ids) for one in ids)
    elif isinstance(event, AccountsMerged):
        yield from (PlaceOfDeal(one.deal, one.registration, event.account, one.one_with) for one in event.deals)
