"""Deciding whether an account is another one's double (rules §4, `possible_duplicate`)."""

from domain.account.case_deadlines import due_after
from domain.account.draft import Draft
from domain.account.state import Case
from domain.conflict_case.commands import DecideCase
from domain.conflict_case.events import CaseDecided
from domain.refusal import Refusal


def decision_about_double(draft: Draft, case: Case, command: DecideCase) -> CaseDecided:
    """That it is another account (`distinct`), the same one (`uphold`), or that the registration is void.

    Another account is released from review as if nobody had been there; the same one is merged: both are what follows.
    """
    if command.same_as is not None and all(command.same_as != duplicate.account for duplicate in case.duplicates):
        raise Refusal("MALFORMED", f"The case does not name the account {command.same_as}.", field="same_as")
    return CaseDecided(
        case=case.id,
        account=draft.account.id,
        outcome=command.outcome,
        rule=command.rule,
        reason=command.reason,
        overrides_priority=False,
        against=None,
        protected_from=None,
        protected_until=None,
        terms_version=draft.terms.version,
        next_due_at=due_after(draft.terms.terms, draft.now, "decided"),
        same_as=command.same_as,
    )
