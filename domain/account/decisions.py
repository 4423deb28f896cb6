"""What the decision of a conflict case does to the queues and the credits of its account (rules §4)."""

from collections.abc import Iterable

from domain.account import queueing, sales
from domain.account.share_evolution import with_open_proposal_replaced
from domain.account.state import Account, Case, Claim, Direct, EndReason, Holding, Protected, Registration, Waiting
from domain.changed import changed
from domain.conflict_case.events import CaseDecided, ConflictCaseEvent
from domain.ids import Product, RegistrationId, Share
from domain.recorded import Recorded


def after_decision(account: Account, case: Case, recorded: Recorded[ConflictCaseEvent], event: CaseDecided) -> Account:
    """The account after one of its cases was decided: about a place in a queue, or about the credit of a win."""
    if case.kind == "territory":
        return _after_territory(account, case, recorded, event)
    if case.kind == "possible_duplicate":
        return _after_doubt(account, case, recorded, event)
    if case.product is None and case.kind == "merged_deals":
        return _after_merged_deals(account, case, recorded, event)
    if case.product is None:
        return _after_review(account, case, event)
    if event.outcome == "distinct":
        return _set_apart(account, case, case.product, recorded, event)
    claim = account.registrations[case.challenger].claim_on(case.product)
    if claim.settled_by:
        return _after_a_win(account, case, claim, recorded, event)
    if event.outcome == "uphold":
        return _ended(account, case.challenger, case.product, recorded, "case_upheld")
    if event.outcome == "reassign":
        return _reassigned(account, case, case.product, recorded, event)
    if event.outcome == "split":
        return _joined(account, case, case.product, recorded, event)
    account = _ended(account, case.challenger, case.product, recorded, "case_void")
    return account if event.against is None else _ended(account, event.against, case.product, recorded, "case_void")


def _after_doubt(account: Account, case: Case, recorded: Recorded[ConflictCaseEvent], event: CaseDecided) -> Account:
    """The registration ends when it is void. Releasing it and merging accounts are events of their own."""
    if event.outcome != "void":
        return account
    at, position = recorded.recorded_at, recorded.position
    return queueing.end_claims(account, case.challenger, at=at, by="case_void", position=position)


def _after_review(account: Account, case: Case, event: CaseDecided) -> Account:
    """A win that had to be looked at is credited as it stands (`uphold`), to the other, to both, or to nobody."""
    if event.outcome == "void":
        return changed(account, credit_void=account.credit_void | {case.challenger})
    if event.outcome == "reassign":
        assert event.against is not None
        return _with_credit_moved(account, [case.challenger], event.against)
    if event.outcome == "split":
        return _with_credit_shared(account, [case.challenger], event.shares)
    return account


def _after_merged_deals(
    account: Account, case: Case, recorded: Recorded[ConflictCaseEvent], event: CaseDecided
) -> Account:
    """Two registrations beside each other point at one deal: the challenger is over, both are, or they share it.

    That the deal leads to the challenger (`reassign`), or is two (`distinct`), are events of their own.
    """
    assert event.against is not None
    at, position = recorded.recorded_at, recorded.position
    if event.outcome == "split":
        return _with_credit_shared(account, [event.against, case.challenger], event.shares)
    if event.outcome in ("uphold", "void"):
        by: EndReason = "case_upheld" if event.outcome == "uphold" else "case_void"
        account = queueing.end_claims(account, case.challenger, at=at, by=by, position=position)
    if event.outcome != "void":
        return account
    account = changed(account, credit_void=account.credit_void | {case.challenger, event.against})
    if sales.has_settled(account.registrations[event.against]):
        return account
    return queueing.end_claims(account, event.against, at=at, by="case_void", position=position)


def _after_territory(
    account: Account, case: Case, recorded: Recorded[ConflictCaseEvent], event: CaseDecided
) -> Account:
    """The registration stands though it is outside the territory (`uphold`), or it is over (`void`)."""
    if event.outcome == "uphold":
        return account
    at, position = recorded.recorded_at, recorded.position
    return queueing.end_claims(account, case.challenger, at=at, by="case_void", position=position)


def _after_a_win(
    account: Account, case: Case, claim: Claim, recorded: Recorded[ConflictCaseEvent], event: CaseDecided
) -> Account:
    """The queue of the clash is ended: the decision is about the credit of every deal that is about the sale."""
    if event.outcome == "uphold":
        return _ended(account, case.challenger, claim.product, recorded, "case_upheld")
    if event.outcome == "void":
        assert event.against is not None
        return changed(account, credit_void=account.credit_void | {case.challenger, event.against})
    about_the_sale = [
        registration_id
        for registration_id in account.order[claim.product]
        if account.registrations[registration_id].claim_on(claim.product).opportunity == claim.opportunity
    ]
    if event.outcome == "split":
        return _with_credit_shared(account, about_the_sale, event.shares)
    return _with_credit_moved(account, about_the_sale, case.challenger)


def _with_credit_moved(account: Account, deals_of: Iterable[RegistrationId], to: RegistrationId) -> Account:
    """The credit of these deals goes to one partner; what was decided about them before counts no longer."""
    shared = {deal: shares for deal, shares in account.credit_shared.items() if deal not in deals_of}
    moved = {**account.credit_moved, **dict.fromkeys(deals_of, to)}
    return changed(account, credit_moved=moved, credit_shared=shared)


def _with_credit_shared(account: Account, deals_of: Iterable[RegistrationId], shares: tuple[Share, ...]) -> Account:
    """The credit of these deals is shared; what was decided about them before counts no longer."""
    moved = {deal: to for deal, to in account.credit_moved.items() if deal not in deals_of}
    shared = {**account.credit_shared, **dict.fromkeys(deals_of, shares)}
    return changed(account, credit_moved=moved, credit_shared=shared)


def _ended(
    account: Account,
    registration: RegistrationId,
    product: Product,
    recorded: Recorded[ConflictCaseEvent],
    by: EndReason,
) -> Account:
    at, position = recorded.recorded_at, recorded.position
    return queueing.end_claim(account, registration, product, at=at, by=by, position=position)


def _reassigned(
    account: Account, case: Case, product: Product, recorded: Recorded[ConflictCaseEvent], event: CaseDecided
) -> Account:
    """The challenger goes first; the one it stood against waits under the decided case, the others keep their order."""
    challenger = account.registrations[case.challenger]
    claim = challenger.claim_on(product)
    first_live = next(registration.id for registration, _ in account.queue(product, claim.opportunity))
    if first_live != case.challenger:
        others = [r for r in account.order[product] if r != case.challenger]
        place = others.index(first_live)
        order = (*others[:place], case.challenger, *others[place:])
        account = changed(account, order=queueing.with_entry(account.order, product, order))
    account = queueing.with_claim(account, case.challenger, changed(claim, stage=_first(challenger, event)))
    account = queueing.with_approval(account, case.challenger, recorded.recorded_at)
    account = queueing.with_holder_noted(account, product, recorded.recorded_at, "reassigned")
    if event.against is not None:
        displaced = account.registrations[event.against].claim_on(product)
        account = queueing.with_claim(account, event.against, changed(displaced, stage=Waiting(case=case.id)))
    return account


def _joined(
    account: Account, case: Case, product: Product, recorded: Recorded[ConflictCaseEvent], event: CaseDecided
) -> Account:
    """Both go on as one co-sell opportunity: one place, one protection, one list of shares.

    The challenger stands right behind the holder and whoever co-sells with it already; the others keep their order and
    their cases. Whichever of their deals is won, the credit is shared.
    """
    holder, challenger = event.sharing[0], event.sharing[-1]
    order = account.order[product]
    behind = max(order.index(registration) for registration in event.sharing[:-1])
    if order.index(challenger) > behind:
        order = (*order[: behind + 1], challenger, *(r for r in order[behind + 1 :] if r != challenger))
        account = changed(account, order=queueing.with_entry(account.order, product, order))
    for registration_id in event.sharing:
        account = _with_shares(account, account.registrations[registration_id], recorded, event)
    if event.protected_from is not None:
        claim = account.registrations[holder].claim_on(product)
        account = queueing.with_claim(account, holder, changed(claim, stage=_protection(event)))
        account = queueing.with_approval(account, holder, recorded.recorded_at)
    claim = account.registrations[challenger].claim_on(product)
    return queueing.with_claim(account, challenger, changed(claim, stage=Waiting(case=case.id, beside=holder)))


def _with_shares(
    account: Account, registration: Registration, recorded: Recorded[ConflictCaseEvent], event: CaseDecided
) -> Account:
    evidence = (*registration.evidence, recorded.position)
    account = with_open_proposal_replaced(account, registration.id)
    return queueing.with_registration(account, changed(registration, shares=event.shares, evidence=evidence))


def _set_apart(
    account: Account, case: Case, product: Product, recorded: Recorded[ConflictCaseEvent], event: CaseDecided
) -> Account:
    """The challenger's is an opportunity of its own, which it has held since it registered.

    Its own win has ended no other queue than its own, and nobody else's win has ended that.
    """
    challenger, at = account.registrations[case.challenger], recorded.recorded_at
    claim = challenger.claim_on(product)
    number = 1 + max(account.registrations[r].claim_on(product).opportunity for r in account.order[product])
    own_win = claim.settled_by & {challenger.id}
    apart = changed(claim, stage=_first(challenger, event), opportunity=number, live_since=at, settled_by=own_win)
    account = queueing.with_claim(account, challenger.id, apart)
    account = queueing.with_approval(account, challenger.id, at)
    account = changed(account, apart=account.apart | {(product, number)})
    for registration_id in account.order[product]:
        if registration_id != challenger.id:
            account = sales.with_win_undone(account, registration_id, product, challenger.id, at)
    account = sales.with_one_opportunity(account, product, claim.opportunity)
    held = Holding(
        registration=challenger.id,
        partner=challenger.partner,
        opportunity=number,
        since=challenger.registered_at,
        until=None,
        ended_by=None,
    )
    account = changed(
        account,
        holdings=queueing.with_entry(account.holdings, product, (*account.holdings[product], held)),
        credit_moved={deal: to for deal, to in account.credit_moved.items() if deal != challenger.id},
        credit_shared={deal: shares for deal, shares in account.credit_shared.items() if deal != challenger.id},
    )
    return queueing.with_holder_noted(account, product, at, "won" if own_win else "distinct")


def _first(registration: Registration, event: CaseDecided) -> Direct | Protected:
    """How whoever goes first by the decision stands: the vendor's own until its deal is closed."""
    protection = _protection(event)
    return Direct(since=protection.since) if registration.is_direct else protection


def _protection(event: CaseDecided) -> Protected:
    assert event.protected_from is not None and event.protected_until is not None
    return Protected(since=event.protected_from, until=event.protected_until)
