"""What a conflict case's steps do to the account (rules §4)."""

from typing import assert_never

from domain.account import queueing
from domain.account.state import Account, Case, CaseStatus, Decision, EndReason, Protected, Waiting
from domain.changed import changed
from domain.conflict_case.events import (
    CaseBecameMoot,
    CaseCommunicated,
    CaseDecided,
    CaseIdentified,
    CaseInvestigated,
    CaseMediated,
    CasePrevented,
    ConflictCaseEvent,
)
from domain.ids import Product, RegistrationId
from domain.recorded import Recorded


def after_case_event(account: Account, recorded: Recorded[ConflictCaseEvent]) -> Account:
    """The account after a step of one of its cases."""
    event = recorded.event
    if isinstance(event, CaseIdentified):
        return _identified(account, recorded, event)
    case = account.cases[event.case]
    if isinstance(event, CaseDecided):
        account = _effect(account, case, recorded, event)
        decision = Decision(
            outcome=event.outcome,
            rule=event.rule,
            reason=event.reason,
            overrides_priority=event.overrides_priority,
            against=event.against,
            decided_at=recorded.recorded_at,
            position=recorded.position,
        )
        case = changed(case, decision=decision)
    case = changed(case, status=_status_after(event), steps=(*case.steps, recorded))
    return changed(account, cases=queueing.with_entry(account.cases, case.id, case))


def _status_after(
    event: CaseInvestigated | CaseMediated | CaseDecided | CaseCommunicated | CasePrevented | CaseBecameMoot,
) -> CaseStatus:
    if isinstance(event, CaseInvestigated):
        return "investigating"
    if isinstance(event, CaseMediated):
        return "mediating"
    if isinstance(event, CaseDecided):
        return "decided"
    if isinstance(event, CaseCommunicated):
        return "communicated"
    if isinstance(event, CasePrevented):
        return "closed"
    if isinstance(event, CaseBecameMoot):
        return "moot"
    assert_never(event)


def _identified(account: Account, recorded: Recorded[ConflictCaseEvent], event: CaseIdentified) -> Account:
    case = Case(
        id=event.case,
        kind=event.kind,
        status="identified",
        challenger=event.challenger,
        holder=event.holder,
        product=event.product,
        because=event.because,
        near_simultaneous=event.near_simultaneous,
        decision=None,
        steps=(recorded,),
    )
    account = changed(account, cases=queueing.with_entry(account.cases, case.id, case))
    if event.product is None:
        return account
    claim = account.registrations[event.challenger].claim_on(event.product)
    return queueing.with_claim(account, event.challenger, changed(claim, stage=Waiting(case=case.id)))


def _effect(account: Account, case: Case, recorded: Recorded[ConflictCaseEvent], event: CaseDecided) -> Account:
    if case.product is None:
        return _after_review(account, case, event)
    claim = account.registrations[case.challenger].claim_on(case.product)
    if not claim.settled_by:
        return _with_order_settled(account, case, case.product, recorded, event)
    if event.outcome == "uphold":
        return _ended(account, case.challenger, case.product, recorded, "case_upheld")
    if event.outcome == "void":
        assert event.against is not None
        return changed(account, credit_void=account.credit_void | {case.challenger, event.against})
    about_the_sale = {
        registration_id
        for registration_id in account.order[case.product]
        if account.registrations[registration_id].claim_on(case.product).opportunity == claim.opportunity
    }
    return _with_credit_moved(account, about_the_sale, case.challenger)


def _after_review(account: Account, case: Case, event: CaseDecided) -> Account:
    """A win that had to be looked at is credited as it stands (`uphold`), to the other partner, or to nobody."""
    if event.outcome == "void":
        return changed(account, credit_void=account.credit_void | {case.challenger})
    if event.outcome == "reassign":
        assert event.against is not None
        return _with_credit_moved(account, {case.challenger}, event.against)
    return account


def _with_credit_moved(account: Account, deals_of: set[RegistrationId], to: RegistrationId) -> Account:
    return changed(account, credit_moved={**account.credit_moved, **dict.fromkeys(deals_of, to)})


def _with_order_settled(
    account: Account, case: Case, product: Product, recorded: Recorded[ConflictCaseEvent], event: CaseDecided
) -> Account:
    if event.outcome == "uphold":
        return _ended(account, case.challenger, product, recorded, "case_upheld")
    if event.outcome == "reassign":
        return _reassigned(account, case, product, recorded, event)
    account = _ended(account, case.challenger, product, recorded, "case_void")
    return account if event.against is None else _ended(account, event.against, product, recorded, "case_void")


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
    challenger = account.registrations[case.challenger]
    others = [r for r in account.order[product] if r != challenger.id]
    first_live = next(registration.id for registration, _ in account.queue(product))
    if first_live == challenger.id:
        order = account.order[product]
    else:
        place = others.index(first_live)
        order = (*others[:place], challenger.id, *others[place:])
    account = changed(account, order=queueing.with_entry(account.order, product, order))
    assert event.protected_from is not None and event.protected_until is not None
    stage = Protected(since=event.protected_from, until=event.protected_until)
    account = queueing.with_claim(account, challenger.id, changed(challenger.claim_on(product), stage=stage))
    account = queueing.with_holder_noted(account, product, recorded.recorded_at, "reassigned")
    if event.against is not None:
        displaced = account.registrations[event.against].claim_on(product)
        account = queueing.with_claim(account, event.against, changed(displaced, stage=Waiting(case=case.id)))
    return account
