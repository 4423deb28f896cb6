"""What a conflict case's steps do to the account (rules §4)."""

from typing import assert_never

from domain.account import queueing
from domain.account.decisions import after_decision
from domain.account.state import Account, Case, CaseStatus, Decision, Waiting
from domain.changed import changed
from domain.conflict_case.events import (
    CaseBecameMoot,
    CaseCommunicated,
    CaseDecided,
    CaseEscalated,
    CaseIdentified,
    CaseInvestigated,
    CaseMediated,
    CasePrevented,
    ConflictCaseEvent,
)
from domain.recorded import Recorded, at_the_place_of


def after_case_event(account: Account, recorded: Recorded[ConflictCaseEvent]) -> Account:
    """The account after a step of one of its cases."""
    event = recorded.event
    if isinstance(event, CaseIdentified):
        return _identified(account, recorded, event)
    case = account.cases[event.case]
    if isinstance(event, CaseEscalated):
        escalated = changed(case, escalations=(*case.escalations, at_the_place_of(recorded, event)))
        return changed(account, cases=queueing.with_entry(account.cases, case.id, escalated))
    if isinstance(event, CaseDecided):
        account = after_decision(account, case, recorded, event)
        decision = Decision(
            outcome=event.outcome,
            rule=event.rule,
            reason=event.reason,
            overrides_priority=event.overrides_priority,
            against=event.against,
            same_as=event.same_as,
            decided_at=recorded.recorded_at,
            position=recorded.position,
            shares=event.shares,
            sharing=event.sharing,
        )
        case = changed(case, decision=decision)
    if isinstance(event, CaseBecameMoot) and event.because == "same_partner":
        account = _without_a_case(account, case)
    due_at = None if isinstance(event, CasePrevented | CaseBecameMoot) else event.next_due_at
    case = changed(case, status=_status_after(event), steps=(*case.steps, recorded), due_at=due_at)
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
        return "decided" if event.still_to_tell else "communicated"
    if isinstance(event, CasePrevented):
        return "closed"
    if isinstance(event, CaseBecameMoot):
        return "moot"
    assert_never(event)


def _without_a_case(account: Account, case: Case) -> Account:
    """The account where the challenger waits behind its own partner: no case is about that, until another holds."""
    assert case.product is not None
    claim = account.registrations[case.challenger].claim_on(case.product)
    return queueing.with_claim(account, case.challenger, changed(claim, stage=Waiting(case=None)))


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
        due_at=event.next_due_at,
        duplicates=event.duplicates,
    )
    account = changed(account, cases=queueing.with_entry(account.cases, case.id, case))
    if event.product is None:
        return account
    claim = account.registrations[event.challenger].claim_on(event.product)
    return queueing.with_claim(account, event.challenger, changed(claim, stage=Waiting(case=case.id)))
