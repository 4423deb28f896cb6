"""Deals of several registrations that the CRM made one: to which of these it leads, and who may contest that.

One deal leads to one registration, with all that was said of it: to the one that was accepted first, among those that
are not over; when that one is over, to the next (rules §3.1, §4). So no deal is ever credited twice, and it moves
nobody at what time the deals were merged.
"""

from collections.abc import Iterator, Sequence

from domain.account.draft import Draft
from domain.account.priority import whoever_is_ahead
from domain.account.state import Account, Case, Ended, Registration, Waiting
from domain.changed import changed
from domain.conflict_case.events import MootReason
from domain.deal_registration import deal
from domain.deal_registration.deal import DealFact
from domain.deal_registration.merge_events import DealLedElsewhere, DealsMerged
from domain.ids import AccountId, Product, RegistrationId
from domain.refusal import Refusal


def lead_of(account: Account, registration: Registration) -> Registration | None:
    """To which registration of the account the deal of this one leads, with which it is one; None: to none here."""
    if not registration.led_elsewhere:
        return None
    return next((one for one in account.registrations.values() if registration.deal in one.merged_deals), None)


def is_over(registration: Registration) -> bool:
    """Whether nothing of it can win the deal any more. A loss is the deal's own, and may be undone."""
    return all(isinstance(claim.stage, Ended) and claim.stage.by != "lost" for claim in registration.claims)


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
    """Where the registration that a merged deal leads to is over, let it lead to the next that is not."""
    for lead in list(draft.account.registrations.values()):
        if lead.merged_deals and is_over(lead):
            heir = _heir(draft.account, lead)
            if heir is not None:
                account, deals = draft.account.id, lead.merged_deals
                facts = hand_over(draft, lead.id, heir.id, account)
                draft.add(DealsMerged(registration=heir.id, account=account, deals=deals, facts=facts))


def _heir(account: Account, lead: Registration) -> Registration | None:
    facts = taken_along(lead)
    followers = (one for one in account.registrations.values() if lead_of(account, one) is lead)
    heirs = [one for one in followers if not is_over(one) and _fits(one, facts)]
    return min(heirs, key=lambda one: one.place, default=None)


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
        if lead is None or lead.partner == challenger.partner or is_over(challenger):
            continue
        if deal.state_of(lead.deal_facts) == "lost" or _is_asked(account, challenger, lead):
            continue
        waiting = [product for product in challenger.products if _waits_for(account, challenger, lead, product)]
        yield from ((challenger, lead, product) for product in waiting)
        if not waiting and not _is_decided(account, challenger, lead):
            yield challenger, lead, None


def _waits_for(account: Account, challenger: Registration, lead: Registration, product: Product) -> bool:
    stage = challenger.claim_on(product).stage
    if not isinstance(stage, Waiting) or stage.beside is not None:
        return False
    if stage.case is not None and not account.cases[stage.case].is_undecided:
        return False
    return whoever_is_ahead(account, challenger, product) is lead


def _is_asked(account: Account, challenger: Registration, lead: Registration) -> bool:
    """Whether people were asked about the two since the CRM last made their deals one."""
    return any(
        case.kind == "merged_deals"
        and {case.challenger, case.holder} == {challenger.id, lead.id}
        and case.status != "moot"
        and (case.decision is None or case.decision.outcome != "distinct")
        for case in account.cases.values()
    )


def _is_decided(account: Account, challenger: Registration, lead: Registration) -> bool:
    """Whether people have decided between the two already who goes first, or that they share."""
    return any(
        case.decision is not None
        and case.decision.outcome in ("reassign", "split")
        and {challenger.id, lead.id} <= set(case.registrations)
        for case in account.cases.values()
    )


def moot_because(account: Account, case: Case) -> MootReason | None:
    """Whose the deal is need not be asked once the challenger is over, or the deal leads to another, or to itself."""
    challenger = account.registrations[case.challenger]
    if is_over(challenger):
        return "challenger_ended"
    lead = lead_of(account, challenger)
    return None if lead is not None and lead.id == case.holder else "no_longer_so"
