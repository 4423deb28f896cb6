"""What leads to an account, kept true within a batch: its registrations, deals, cases, proposals, keys and names.

Views have the same in rows; these are the states that later commands of the same batch read.
"""

from typing import Final, cast

from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent
from domain.account.priority import is_live_registration
from domain.account.state import Account
from domain.conflict_case.events import CaseIdentified
from domain.deal_registration.events import DealLinked, DealRegistered, DealUnlinked
from domain.deal_registration.merge_events import DealsMerged
from domain.deal_registration.share_events import SharesProposed
from domain.direct_deal.events import DirectDealOpened
from domain.ids import AccountId, DealRef, PartnerId, RegistrationId
from projections.deal_places import MOVES_DEALS, places_of_deals
from service.attempt import Attempt
from service.state_look_ups import KnownDeal, NamedAccount
from service.work import StateKey


def waits_for_deal(source: str, deal: str) -> str:
    """What a delivery waits for that speaks of a deal nobody knows yet."""
    return f"deal:{source}:{deal}"


def waits_for_direct_deal(deal: DealRef) -> str:
    """What a delivery waits for that closes an opportunity of the vendor's own which nobody has heard of yet."""
    return f"direct:{deal.source}:{deal.id}"


_NAMING: Final = (*MOVES_DEALS, DirectDealOpened, CaseIdentified, SharesProposed)
"""The events that name something that leads to their account."""


def put_found_by(attempt: Attempt, event: AccountEvent, account: AccountId) -> None:
    """Let what an event names lead to its account."""
    if not isinstance(event, _NAMING):
        return
    if isinstance(event, DealRegistered | DirectDealOpened):
        attempt.put(("registration", event.registration), account)
    if isinstance(event, DirectDealOpened):
        attempt.made_known(waits_for_direct_deal(event.deal))
    if isinstance(event, MOVES_DEALS):
        put_deals(attempt, event)
    if isinstance(event, CaseIdentified):
        attempt.put(("case", event.case), account)
    if isinstance(event, SharesProposed):
        attempt.put(("share_proposal", event.proposal), account)
    if isinstance(event, AccountsMerged):
        _take_over(attempt, event)


def put_deals(attempt: Attempt, event: object) -> None:
    """Let deals lead where an event says, and what waits for them be taken up once they lead somewhere."""
    if isinstance(event, DealUnlinked):
        attempt.put(("deal", event.deal.source, event.deal.id), None)
    for one in places_of_deals(event):
        known = KnownDeal(one.registration, one.account, one.one_with)
        attempt.put(("deal", one.deal.source, one.deal.id), known)
        if isinstance(event, DealRegistered | DealLinked | DealsMerged):
            attempt.made_known(waits_for_deal(one.deal.source, one.deal.id))


def _take_over(attempt: Attempt, event: AccountsMerged) -> None:
    """Let all that led to an absorbed account lead to its survivor; its keys follow from the survivor's own."""
    for registration in event.registrations:
        attempt.put(("registration", registration), event.account)
    for case in event.cases:
        attempt.put(("case", case), event.account)
    for proposal in event.share_proposals:
        attempt.put(("share_proposal", proposal), event.account)


def note_keys(attempt: Attempt, before: Account, after: Account) -> None:
    """Let the keys and names that an account has got lead to it; the names of an absorbed one lead there no more."""
    for key in after.keys:
        if key not in before.keys:
            _join(attempt, ("account_key", key), after.id)
    for name, name_keys in after.names.items():
        if name not in before.names:
            for name_key in name_keys:
                _join(attempt, ("name_key", name_key), (after.id, name))
    for name, name_keys in before.names.items():
        if name not in after.names:
            for name_key in name_keys:
                _part(attempt, ("name_key", name_key), (after.id, name))


def _join(attempt: Attempt, key: StateKey, one: AccountId | NamedAccount) -> None:
    known = cast("tuple[AccountId | NamedAccount, ...] | None", attempt.state(key)) or ()
    if one not in known:
        attempt.put(key, (*known, one))


def _part(attempt: Attempt, key: StateKey, one: NamedAccount) -> None:
    known = cast("tuple[NamedAccount, ...] | None", attempt.state(key)) or ()
    attempt.put(key, tuple(other for other in known if other != one))


def note_liveness(attempt: Attempt, before: Account, after: Account) -> None:
    """Keep the partners' live registrations true within the batch, where somebody counts them (capacity, rules §3)."""
    for registration in after.registrations.values():
        old = before.registrations.get(registration.id)
        if old is registration:
            continue
        if old is not None and old.partner != registration.partner:
            _note_live(attempt, old.partner, (registration.id, after.id), live=False)
        _note_live(attempt, registration.partner, (registration.id, after.id), live=is_live_registration(registration))


def _note_live(attempt: Attempt, partner: PartnerId, one: tuple[RegistrationId, AccountId], *, live: bool) -> None:
    key = ("live", partner)
    if attempt.knows(key):
        known = cast("frozenset[tuple[RegistrationId, AccountId]]", attempt.state(key))
        others = frozenset(other for other in known if other[0] != one[0])
        attempt.put(key, others | {one} if live else others)
