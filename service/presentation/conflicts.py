"""Conflict cases as the HTTP contract shows them: all of it to staff, its own side to a partner."""

from domain.account.case_deadlines import is_overdue
from domain.account.priority import standing, status
from domain.account.state import Account, Case, Registration
from domain.calendar import instant_text
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
    Duplicate,
)
from domain.conflict_case.parties import registrations_in
from domain.ids import CaseId, Instant, PartnerId, Position
from domain.recorded import Recorded
from service.presentation.registrations import whose_claim
from service.presentation.values import Document, instant_or_none, interval

_STEP_NAMES: dict[type, str] = {
    CaseIdentified: "identified",
    CaseInvestigated: "investigated",
    CaseMediated: "mediated",
    CaseDecided: "decided",
    CaseCommunicated: "communicated",
    CasePrevented: "prevented",
    CaseBecameMoot: "moot",
    CaseEscalated: "escalated",
}


def case_document(
    account: Account, case_id: CaseId, viewer: PartnerId | None, *, now: Instant, position: Position
) -> Document:
    """A case as staff sees it now (`viewer` None), or its own side of it as one of its partners does.

    What fell due and is not written in the log up to `position` is no step yet.
    """
    case = account.cases[case_id]
    decision = case.decision
    due_at = case.due_at if viewer is None else None
    concerned = registrations_in(account, case) if viewer is None else case.registrations
    registrations = [account.registrations[r] for r in concerned]
    return {
        "id": case.id,
        "kind": case.kind,
        "account": account.id if viewer is None else None,
        "status": case.status,
        "product": case.product,
        "because": case.because,
        "near_simultaneous": case.near_simultaneous if viewer is None else None,
        "registrations": [
            _side(account, case, registration)
            for registration in sorted(registrations, key=lambda r: _order(account, case, r))
            if viewer in (None, registration.partner)
        ],
        "duplicates": [duplicate_document(duplicate) for duplicate in case.duplicates] if viewer is None else None,
        "due_at": instant_or_none(due_at),
        "overdue": is_overdue(case, now) if viewer is None else None,
        "steps": [_step(step, viewer) for step in _steps(case, viewer) if step.position <= position],
        "decision": None
        if decision is None
        else {
            "outcome": decision.outcome,
            "rule": decision.rule,
            "reason": decision.reason if viewer is None else None,
            "overrides_priority": decision.overrides_priority,
            "shares": [
                {"partner": share.partner, "basis_points": share.basis_points}
                for share in decision.shares
                if viewer in (None, share.partner)
            ],
        },
    }


def _steps(case: Case, viewer: PartnerId | None) -> list[Recorded[ConflictCaseEvent]]:
    """What was done, oldest first.

    A partner learns that facts are gathered, and of facts its own, not how many; and what it was told itself, whatever
    the others are told before everybody is.
    """
    if viewer is None:
        return sorted((*case.steps, *case.escalations), key=lambda step: step.position)
    shown: list[Recorded[ConflictCaseEvent]] = []
    for step in case.steps:
        event = step.event
        if isinstance(event, CaseInvestigated):
            is_first = not any(isinstance(known.event, CaseInvestigated) for known in shown)
            is_shown = is_first or any(finding.party == viewer for finding in event.findings)
        elif isinstance(event, CaseCommunicated):
            is_shown = not event.still_to_tell or any(message.party == viewer for message in event.messages)
        else:
            is_shown = True
        if is_shown:
            shown.append(step)
    return shown


def duplicate_document(duplicate: Duplicate) -> Document:
    """Another account that may be the same one."""
    return {
        "account": duplicate.account,
        "registration": duplicate.registration,
        "rule": duplicate.rule,
        "score": duplicate.score,
    }


def _order(account: Account, case: Case, registration: Registration) -> tuple[int, int]:
    ranks = [s.rank for s in standing(account, registration.id) if s.product == case.product and s.rank is not None]
    return (ranks[0] if ranks else len(account.registrations) + 1, registration.place)


def _side(account: Account, case: Case, registration: Registration) -> Document:
    about = [s for s in standing(account, registration.id) if case.product in (None, s.product)]
    whose = whose_claim(registration)
    return {
        "id": whose["registration"],
        "partner": whose["partner"],
        "direct_deal": whose["direct_deal"],
        "rank": about[0].rank if about else None,
        "status": status(registration),
        "protection": interval(about[0].protection) if about else None,
    }


def _step(step: Recorded[ConflictCaseEvent], viewer: PartnerId | None) -> Document:
    event = step.event
    shown: Document = {
        "step": _STEP_NAMES[type(event)],
        "at": instant_text(step.recorded_at),
        "by": step.actor if viewer is None else None,
        "position": step.position,
    }
    if isinstance(event, CaseInvestigated):
        shown["findings"] = [
            {"party": f.party, "fact": f.fact, "evidence": f.evidence}
            for f in event.findings
            if viewer in (None, f.party)
        ]
    elif isinstance(event, CaseMediated) and viewer is None:
        shown |= {"summary": event.summary, "skipped": event.skipped}
    elif isinstance(event, CaseDecided):
        shown["outcome"] = event.outcome
    elif isinstance(event, CaseCommunicated):
        shown["messages"] = [{"party": m.party, "text": m.text} for m in event.messages if viewer in (None, m.party)]
        if viewer is None:
            shown["still_to_tell"] = list(event.still_to_tell)
    elif isinstance(event, CasePrevented) and viewer is None:
        shown |= {"change": event.change, "no_change": event.no_change, "terms_version": event.terms_version}
    elif isinstance(event, CaseEscalated):
        shown |= {"awaited": event.awaited, "due_at": instant_text(event.due_at)}
    elif isinstance(event, CaseBecameMoot):
        shown["because"] = event.because
    return shown
