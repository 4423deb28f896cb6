"""Deals of several registrations that the CRM made one: to which of these it leads, and who may contest that.

One deal leads to one registration, with all that was said of it: to the one that was accepted first, among those that
were alive when it was sold or, while it is not, are now (rules §3.1, §4). So no deal is ever credited twice, and it
makes no difference when the deals were merged.
"""

from collections.abc import Iterable, Iterator, Sequence

from domain.account.draft import Draft
from domain.account.priority import whoever_is_ahead
from domain.account.state import Account, Case, Claim, Ended, Registration, Waiting
from domain.changed import changed
from domain.conflict_case.events import MootReason
from domain.deal_registration import deal
from domain.deal_registration.deal import DealFact, Sale
from domain.deal_registration.merge_events import DealLedElsewhere, DealsMerged
from domain.ids import AccountId, Product, RegistrationId
from domain.refusal import Refusal


def lead_of(account: Account, registration: Registration) -> Registration | None:
    """To which registration of the account the deal of this one leads, with which it is one; None: to none here."""
    if not registration.led_elsewhere:
        return None
    return next((one for one in account.registrations.values() if registration.deal in one.merged_deals), None)


def is_over(registration: Registration, sale: Sale | None) -> bool:
    """Whether the deal cannot be the registration's: nothing of it was alive when that was sold (else: is, now).

    A loss is the deal's own, and may be undone; what was taken back is over whenever that was.
    """
    if sale is not None and registration.registered_at > sale.sold_at:
        return True
    return all(_has_ended(claim, sale) for claim in registration.claims)


def _has_ended(claim: Claim, sale: Sale | None) -> bool:
    stage = claim.stage
    if not isinstance(stage, Ended) or stage.by == "lost":
        return False
    return stage.by != "expired" or sale is None or stage.at <= sale.sold_at


def first_of(registrations: Iterable[Registration], facts: Sequence[DealFact]) -> Registration:
    """To which of them a deal leads, of which these facts are said: of those not over the one accepted first."""
    sale = deal.sale_of(facts)
    return min(registrations, key=lambda one: (is_over(one, sale), one.place))


def taken_along(registration: Registration) -> tuple[DealFact, ...]:
    """What was said of its deal, for another registration to which that leads: each fact under the CRM's id."""
    assert registration.deal is not None
    own = registration.deal.id
    return tuple(changed(fact, deal=own) if fact.deal is None else fact for fact in registration.deal_facts)


def refuse_two_currencies(registration: Registration, facts: Sequence[DealFact]) -> None:
    """Refuse that these facts are said of its deal, where refunds and value would be in two currencies (rules §5)."""
    stated = deal.stated_value(facts)
    deal.refuse_other_currency(registration.value if stated is None else stated, facts)


def hand_over(draft: Draft, registration: RegistrationId, to: RegistrationId, on: AccountId) -> tuple[DealFact, ...]:
    """Let a registration's deal lead to another one, perhaps on another account; gives the facts that go along."""
    facts = taken_along(draft.account.registrations[registration])
    draft.add(DealLedElsewhere(registration=registration, account=draft.account.id, leads=to, leads_on=on))
    return facts


def pass_on(draft: Draft) -> None:
    """Let each merged deal lead to the first of its registrations on the account, as things have come to stand.

    What that brings back to life or ends is the caller's to follow (`catch_up`).
    """
    for lead in list(draft.account.registrations.values()):
        if lead.merged_deals:
            first = _first_here(draft.account, lead)
            if first is not lead:
                let_lead(draft, first.id, instead_of=lead)


def let_lead(draft: Draft, registration: RegistrationId, *, instead_of: Registration) -> None:
    """Let a merged deal lead to another registration of the account, under all its ids."""
    account, deals = draft.account.id, instead_of.merged_deals
    facts = hand_over(draft, instead_of.id, registration, account)
    draft.add(DealsMerged(registration=registration, account=account, deals=deals, facts=facts))


def _first_here(account: Account, lead: Registration) -> Registration:
    facts = taken_along(lead)
    sale, order = deal.sale_of(facts), _order(account)
    followers = (one for one in account.registrations.values() if lead_of(account, one) is lead)
    heirs = [one for one in followers if _fits(one, facts)]
    return min((lead, *heirs), key=lambda one: (is_over(one, sale), order.index(one.id)))


def _order(account: Account) -> list[RegistrationId]:
    """All registrations as they were accepted; one that people put in front of another stands at that one's place."""
    order = sorted(account.registrations, key=lambda one: account.registrations[one].place)
    decided = [(case.decision.position, case) for case in account.cases.values() if case.decision is not None]
    for _, case in sorted(decided, key=lambda one: one[0]):
        before = _put_behind(account, case)
        if before is not None and order.index(before) < order.index(case.challenger):
            order.remove(case.challenger)
            order.insert(order.index(before), case.challenger)
    return order


def _put_behind(account: Account, case: Case) -> RegistrationId | None:
    """The registration behind the challenger of a case by its decision; None where it put nobody there.

    After a win it moved the credit, and nobody's place.
    """
    if case.decision is None or case.decision.outcome != "reassign":
        return None
    against = case.decision.against
    if case.product is None:
        return against if case.kind == "merged_deals" else None
    order = account.order[case.product]
    return against if against in order and order.index(case.challenger) < order.index(against) else None


def _fits(registration: Registration, facts: Sequence[DealFact]) -> bool:
    try:
        refuse_two_currencies(registration, facts)
    except Refusal:
        return False
    return True


def contested(account: Account) -> Iterator[tuple[Registration, Registration, Product | None]]:
    """Who contests whose deal without a case about it: on a product where it waits for the other, else as a whole."""
    for challenger in account.registrations.values():
        lead = lead_of(account, challenger)
        if lead is None or lead.partner == challenger.partner or is_over(challenger, deal.sale_of(lead.deal_facts)):
            continue
        if deal.state_of(lead.deal_facts) == "lost" or _is_asked(account, challenger, lead):
            continue
        shared = [product for product in challenger.products if _stand_together(challenger, lead, product)]
        for product in shared:
            if _waits_for(account, challenger, lead, product):
                yield challenger, lead, product
        if not shared:
            yield challenger, lead, None


def _stand_together(challenger: Registration, lead: Registration, product: Product) -> bool:
    """Whether both are in the queue of one opportunity: then who goes first there is whose deal it is."""
    if product not in lead.products:
        return False
    return challenger.claim_on(product).opportunity == lead.claim_on(product).opportunity


def _waits_for(account: Account, challenger: Registration, lead: Registration, product: Product) -> bool:
    stage = challenger.claim_on(product).stage
    if not isinstance(stage, Waiting) or stage.beside is not None:
        return False
    return whoever_is_ahead(account, challenger, product) is lead


def _is_asked(account: Account, challenger: Registration, lead: Registration) -> bool:
    """Whether people were asked about the two since the CRM last made their deals one."""
    return any(
        case.kind == "merged_deals"
        and {case.challenger, case.holder} == {challenger.id, lead.id}
        and case.status != "moot"
        and (case.decision is None or case.decision.outcome != "distinct")
        and not _becomes_moot(account, case)
        for case in account.cases.values()
    )


def _becomes_moot(account: Account, case: Case) -> bool:
    """Whether the deal as a whole was asked about the other way round, and that is about to be moot."""
    return case.is_undecided and case.product is None and moot_because(account, case) is not None


def moot_because(account: Account, case: Case) -> MootReason | None:
    """Whose the deal is need not be asked once the challenger is over, or no other partner has the deal."""
    challenger = account.registrations[case.challenger]
    lead = lead_of(account, challenger)
    if lead is None or lead.id != case.holder or lead.partner == challenger.partner:
        return "no_longer_so"
    return "challenger_ended" if is_over(challenger, deal.sale_of(lead.deal_facts)) else None
