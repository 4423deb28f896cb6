"""What a win does to the queues: it ends them; undone, it brings them back (rules §3.9, §5)."""

from collections.abc import Iterable

from domain.account import queueing
from domain.account.state import Account, Claim, Ended, LiveStage, Registration, Returned, UnderReview, Waiting, is_live
from domain.changed import changed
from domain.deal_registration import deal
from domain.ids import Instant, Product, RegistrationId

_TAKEN_BACK = ("rejected", "withdrawn", "case_upheld", "case_void", "fraud", "partner_terminated", "return_lapsed")


def is_sold(registration: Registration) -> bool:
    """Whether the registration's deal is won and the win counts.

    On a rejected, returned or withdrawn registration a win is recorded, credits nobody and changes nobody's place.
    """
    facts = registration.deal_facts
    return bool(facts) and deal.state_of(facts) == "won" and bool(_counting(registration))


def with_sale_noted(account: Account, registration_id: RegistrationId, at: Instant) -> Account:
    """The account whose queues follow whether the registration's deal is sold."""
    registration = account.registrations[registration_id]
    sold, was_sold = is_sold(registration), has_settled(registration)
    if sold and not was_sold:
        products = [claim.product for claim in _counting(registration)]
        return _settled(account, registration_id, products, at)
    if was_sold and not sold:
        products = [claim.product for claim in registration.claims if registration_id in claim.settled_by]
        return _reopened(account, registration_id, products, at)
    return account


def has_settled(registration: Registration) -> bool:
    """Whether the queues of the registration are ended by its own win."""
    return any(registration.id in claim.settled_by for claim in registration.claims)


def restore_lost(account: Account, registration_id: RegistrationId, at: Instant) -> Account:
    """The loss is undone: the claims that it ended come back at their places, in a queue that was won meanwhile too."""
    for claim in account.registrations[registration_id].claims:
        if isinstance(claim.stage, Ended) and claim.stage.by == "lost":
            restored = changed(
                claim,
                stage=_as_before(account, claim.stage.before),
                live_since=at,
                settled_by=winners(account, claim.product, claim.opportunity),
            )
            account = queueing.with_claim(account, registration_id, restored)
            account = with_one_opportunity(account, claim.product, claim.opportunity)
            account = queueing.with_holder_noted(account, claim.product, at, "reopened")
    return account


def _as_before(account: Account, stage: LiveStage) -> LiveStage:
    """A waiting claim comes back under its case if that was decided; an undecided one became moot meanwhile."""
    if isinstance(stage, Waiting) and (stage.case is None or account.cases[stage.case].decision is None):
        return Waiting(case=None)
    return stage


def winners(account: Account, product: Product, opportunity: int) -> frozenset[RegistrationId]:
    """The registrations whose wins ended the queue around one sale."""
    return frozenset(
        registration_id
        for registration_id in account.order.get(product, ())
        if (claim := account.registrations[registration_id].claim_on(product)).opportunity == opportunity
        and registration_id in claim.settled_by
    )


def opportunity_for_newcomer(account: Account, product: Product) -> int:
    """The sale that a registration recorded now is about: that of the queue, or the next after a win (rules §3.9).

    Of several opportunities that are alive the earliest. None is: the latest that no decision set apart.
    """
    if product not in account.order:
        return 1
    live = min((claim.opportunity for _, claim in account.queue(product)), default=None)
    if live is not None:
        return live
    known = {account.registrations[r].claim_on(product).opportunity for r in account.order[product]}
    latest = max((number for number in known if (product, number) not in account.apart), default=1)
    return max(known) + 1 if winners(account, product, latest) else latest


def _counting(registration: Registration) -> list[Claim]:
    """The claims by which a win counts. What a case ended after the registration's own win was not taken back."""
    stages = [claim.stage for claim in registration.claims]
    under_review = any(isinstance(stage, UnderReview) for stage in stages)
    if not under_review and any(isinstance(stage, Returned) for stage in stages):
        return []
    return [claim for claim in registration.claims if not _is_taken_back(registration, claim)]


def _is_taken_back(registration: Registration, claim: Claim) -> bool:
    stage = claim.stage
    if not isinstance(stage, Ended) or stage.by not in _TAKEN_BACK:
        return False
    won_before = any(fact.kind == "won" and fact.position < stage.position for fact in registration.deal_facts)
    return not (stage.by == "case_upheld" and won_before)


def _settled(account: Account, winner: RegistrationId, products: Iterable[Product], at: Instant) -> Account:
    """The claims around the sale stay as they are, with their cases, and stand in no queue any more."""
    for product in products:
        opportunity = account.registrations[winner].claim_on(product).opportunity
        for registration_id in account.order[product]:
            claim = account.registrations[registration_id].claim_on(product)
            stays = registration_id == winner or not isinstance(claim.stage, Ended)
            if claim.opportunity == opportunity and stays:
                settled = changed(claim, settled_by=claim.settled_by | {winner})
                account = queueing.with_claim(account, registration_id, settled)
        account = queueing.with_holder_noted(account, product, at, "won")
    return account


def _reopened(account: Account, winner: RegistrationId, products: Iterable[Product], at: Instant) -> Account:
    """The claims come back at their old places, ahead of later registrations, for one and the same sale again."""
    for product in products:
        revived = account.registrations[winner].claim_on(product).opportunity
        for registration_id in account.order[product]:
            account = with_win_undone(account, registration_id, product, winner, at)
        account = with_one_opportunity(account, product, revived)
        account = queueing.with_holder_noted(account, product, at, "reopened")
    return account


def with_win_undone(
    account: Account, registration_id: RegistrationId, product: Product, winner: RegistrationId, at: Instant
) -> Account:
    """The account where a registration's win has not ended the queue for a claim; perhaps it stands in it again."""
    claim = account.registrations[registration_id].claim_on(product)
    if winner not in claim.settled_by:
        return account
    freed = changed(claim, settled_by=claim.settled_by - {winner})
    if is_live(freed):
        freed = changed(freed, live_since=at)
    return queueing.with_claim(account, registration_id, freed)


def with_one_opportunity(account: Account, product: Product, revived: int) -> Account:
    """All live claims of a queue are about one sale: the earliest of those that they were about.

    One that a decision set apart joins no other; when it comes back, what began after it joins it.
    """
    live = {claim.opportunity for _, claim in account.queue(product)}
    joining = {number for number in live if (product, number) not in account.apart}
    if (product, revived) in account.apart:
        joining = {number for number in joining if number > revived} | (live & {revived})
    if len(joining) < 2:
        return account
    earliest = min(joining)
    for registration_id in account.order[product]:
        claim = account.registrations[registration_id].claim_on(product)
        if claim.opportunity in joining:
            account = queueing.with_claim(account, registration_id, changed(claim, opportunity=earliest))
    holdings = tuple(
        changed(holding, opportunity=earliest) if holding.opportunity in joining else holding
        for holding in account.holdings[product]
    )
    return changed(account, holdings=queueing.with_entry(account.holdings, product, holdings))
