"""Two accounts that are one customer, put together: registrations, queues, who held when, and cases (rules §3).

The merge moves nobody's place. Each queue keeps the order that it had, decisions included, and the two run into one
by position: a claim stands where it would stand, had both been one account when it was registered.
"""

from collections.abc import Mapping
from itertools import accumulate

from domain.account import queueing
from domain.account.events import AccountAliasAdded
from domain.account.sales import with_one_opportunity
from domain.account.state import Account, Claim, Holding, Waiting, is_live
from domain.changed import changed
from domain.deal_registration import deal
from domain.ids import AccountId, AccountKey, Instant, NameKey, Position, Product, RegistrationId


def emptied(account: Account, into: AccountId) -> Account:
    """What is left of an account that was found to be another: the way there, for who asks how it was before."""
    return Account(id=account.id, keys=account.keys, merged_into=into)


def with_alias(account: Account, event: AccountAliasAdded) -> Account:
    """The account under one more name, domain or CRM id."""
    account = changed(account, aliases=(*account.aliases, event.facts))
    return known_by(account, event.keys, event.facts.name, event.name_keys)


def known_by(account: Account, keys: tuple[AccountKey, ...], name: str, name_keys: tuple[NameKey, ...]) -> Account:
    """The account with more keys and one more name that lead to it."""
    new = tuple([key for key in keys if key not in account.keys])
    is_named = name in account.names or not name_keys
    if is_named and not new:
        return account
    names = account.names if is_named else {**account.names, name: name_keys}
    return changed(account, keys=(*account.keys, *new), names=names)


def merged(account: Account, other: Account, at: Instant) -> Account:
    """The account with all that stood on the other one."""
    shared = [product for product in account.order if product in other.order]
    for product in shared:
        other = _with_later_opportunities(other, product, after=_latest_opportunity(account, product))
    orders = {product: _one_order(account, other, product) for product in {**account.order, **other.order}}
    holdings = {product: _one_timeline(account, other, product) for product in orders}
    account = changed(
        account,
        registrations={**account.registrations, **other.registrations},
        order=orders,
        holdings=holdings,
        cases={**account.cases, **other.cases},
        credit_moved={**account.credit_moved, **other.credit_moved},
        credit_shared={**account.credit_shared, **other.credit_shared},
        credit_void=account.credit_void | other.credit_void,
        share_proposals={**account.share_proposals, **other.share_proposals},
        apart=account.apart | other.apart,
        keys=tuple(dict.fromkeys((*account.keys, *other.keys))),
        names={**account.names, **other.names},
        customers=(*account.customers, *other.customers),
        aliases=(*account.aliases, *other.aliases),
        absorbed=(*account.absorbed, *other.absorbed, other.id),
        joining={name: one for name, one in account.joining.items() if name != other.id},
    )
    for product in shared:
        account = _with_sales_shared(account, product)
        account = with_one_opportunity(account, product, _NONE_SET_APART)
        account = _with_one_holder(account, product, at)
    return account


def _one_order(account: Account, other: Account, product: Product) -> tuple[RegistrationId, ...]:
    """Both queues as one. Whoever a decision put in front of a claim stays in front of it, at that claim's place."""
    placed = [*_placed(account, product), *_placed(other, product)]
    return tuple(registration for _, registration in sorted(placed, key=lambda found: found[0]))


def _placed(account: Account, product: Product) -> list[tuple[Position, RegistrationId]]:
    order = account.order.get(product, ())
    places = [account.registrations[registration].place for registration in order]
    earliest_behind = list(accumulate(reversed(places), min))[::-1]
    return list(zip(earliest_behind, order, strict=True))


def _one_timeline(account: Account, other: Account, product: Product) -> tuple[Holding, ...]:
    """Everybody who held on either side, whoever ended last at the end; who still holds comes after them."""
    both = [*account.holdings.get(product, ()), *other.holdings.get(product, ())]
    return tuple(sorted(both, key=lambda holding: (holding.until is None, holding.until or holding.since)))


def _with_one_holder(account: Account, product: Product, at: Instant) -> Account:
    """Of two holders of one opportunity the one who is behind waits from now on; what it held is over."""
    first: dict[int, RegistrationId] = {}
    for registration, claim in account.queue(product):
        if not isinstance(claim.stage, Waiting):
            first.setdefault(claim.opportunity, registration.id)
    ended = [
        changed(holding, until=max(at, holding.since), ended_by="merged")
        if holding.until is None and holding.registration != first.get(holding.opportunity)
        else holding
        for holding in account.holdings[product]
    ]
    last = tuple(sorted(ended, key=lambda holding: holding.until is None))
    account = changed(account, holdings=queueing.with_entry(account.holdings, product, last))
    return queueing.with_holder_noted(account, product, at, "merged")


def _latest_opportunity(account: Account, product: Product) -> int:
    return max(account.registrations[r].claim_on(product).opportunity for r in account.order[product])


def _with_later_opportunities(account: Account, product: Product, *, after: int) -> Account:
    """The account whose sales of a product have numbers that the other's have not."""
    for registration_id in account.order[product]:
        claim = account.registrations[registration_id].claim_on(product)
        account = queueing.with_claim(account, registration_id, changed(claim, opportunity=claim.opportunity + after))
    holdings = tuple(changed(h, opportunity=h.opportunity + after) for h in account.holdings[product])
    apart = {(name, number + after if name == product else number) for name, number in account.apart}
    return changed(account, holdings=queueing.with_entry(account.holdings, product, holdings), apart=frozenset(apart))


def _with_sales_shared(account: Account, product: Product) -> Account:
    """A claim that stood behind one that was won later takes part in that sale: it waits there, and nobody promotes it.

    Had both been one account, the win would have ended its queue with it in it (rules §3.9).
    """
    sales = _sales(account, product)
    for place, registration_id in enumerate(account.order[product]):
        registration = account.registrations[registration_id]
        claim = registration.claim_on(product)
        ahead = account.order[product][:place]
        won = [sale for winner, sale in sales.items() if winner in ahead and registration.place < sale[0]]
        if is_live(claim) and won and (product, claim.opportunity) not in account.apart:
            account = queueing.with_claim(account, registration_id, _settled(claim, min(won)))
    return account


_NONE_SET_APART = 0
"""No opportunity has this number: what a decision set apart stays so."""

_Sale = tuple[Position, int, frozenset[RegistrationId]]


def _sales(account: Account, product: Product) -> Mapping[RegistrationId, _Sale]:
    """By winner: where its win was recorded, which sale it was, and all whose wins ended that queue."""
    found: dict[RegistrationId, _Sale] = {}
    for registration_id in account.order[product]:
        registration = account.registrations[registration_id]
        claim, sale = registration.claim_on(product), deal.sale_of(registration.deal_facts)
        is_apart = (product, claim.opportunity) in account.apart
        if registration_id in claim.settled_by and sale is not None and not is_apart:
            found[registration_id] = (sale.position, claim.opportunity, claim.settled_by)
    return found


def _settled(claim: Claim, sale: _Sale) -> Claim:
    return changed(claim, stage=Waiting(case=None), opportunity=sale[1], settled_by=sale[2])
