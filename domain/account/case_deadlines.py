"""By when the next step of a conflict case should be taken, and what happens when it is not (rules §4)."""

from collections.abc import Mapping
from typing import Final

from domain.account.state import Account, Case, CaseStatus, Waiting
from domain.conflict_case.events import AwaitedStep
from domain.ids import Instant
from domain.programme.terms import Terms

AWAITED: Final[Mapping[CaseStatus, AwaitedStep]] = {
    "identified": "investigated",
    "investigating": "mediated",
    "mediating": "decided",
    "decided": "communicated",
    "communicated": "prevented",
}
"""The step that a case in this status waits for; one that is closed or moot waits for none."""

_HOUR: Final = 3_600_000_000


def due_after(terms: Terms, now: Instant, status: CaseStatus) -> Instant | None:
    """By when a case that comes into a status now should leave it, in calendar hours; None without a deadline."""
    hours = {
        "investigated": terms.case_investigation_hours,
        "mediated": terms.case_mediation_hours,
        "decided": terms.case_decision_hours,
        "communicated": terms.case_communication_hours,
        "prevented": terms.case_prevention_hours,
    }[AWAITED[status]]
    return Instant(now + hours * _HOUR) if hours else None


def is_overdue(case: Case, now: Instant) -> bool:
    """Whether the step that the case waits for should have been taken before now: at its instant it is late."""
    return case.due_at is not None and case.due_at <= now


def escalates_at(account: Account, case: Case) -> Instant | None:
    """When the case is escalated if nobody takes its next step; None where it has no deadline, or has been already."""
    if case.due_at is None or any(step.event.awaited == AWAITED[case.status] for step in case.escalations):
        return None
    if case.product is not None and case.is_undecided:
        stage = account.registrations[case.challenger].claim_on(case.product).stage
        if stage != Waiting(case=case.id):
            return None
    return case.due_at
