"""Registrations outside their partner's territory, which the terms let a person look at (rules §3, §4).

Such a registration takes its place as any other does, and nothing of it is approved while its case is undecided.
"""

from domain.account.case_deadlines import due_after
from domain.account.draft import Draft
from domain.account.state import Account, Case, Ended
from domain.conflict_case.events import CaseIdentified, MootReason
from domain.ids import CaseId, RegistrationId


def question_about(account: Account, registration: RegistrationId) -> CaseId | None:
    """The case in which a person still has to say if the registration may stand; None: nothing is in question."""
    for case in account.cases.values():
        if case.kind == "territory" and case.challenger == registration and case.is_undecided:
            return case.id
    return None


def ask_about(draft: Draft, registration: RegistrationId) -> None:
    """Open the case about a registration that was just accepted."""
    terms = draft.terms
    draft.add(
        CaseIdentified(
            case=draft.next_case_id(),
            account=draft.account.id,
            kind="territory",
            challenger=registration,
            holder=None,
            product=None,
            because=None,
            near_simultaneous=False,
            terms_version=terms.version,
            next_due_at=due_after(terms.terms, draft.now, "identified"),
        )
    )


def moot_because(account: Account, case: Case) -> MootReason | None:
    """Nothing is left to be approved once the registration is over."""
    claims = account.registrations[case.challenger].claims
    return "challenger_ended" if all(isinstance(claim.stage, Ended) for claim in claims) else None
