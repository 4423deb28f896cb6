"""The six steps of a conflict case (rules §4).

State and fold are the account's (`domain/account/`): a decision moves claims in the account's queues.
"""

from dataclasses import fields

from domain.account.case_deadlines import due_after
from domain.account.draft import Draft
from domain.account.state import Case, CaseStatus
from domain.conflict_case.commands import (
    CaseCommand,
    CommunicateCase,
    DecideCase,
    InvestigateCase,
    MediateCase,
    PreventCase,
)
from domain.conflict_case.decision import decision_of
from domain.conflict_case.events import (
    CaseCommunicated,
    CaseDecided,
    CaseInvestigated,
    CaseMediated,
    CasePrevented,
)
from domain.conflict_case.merged_deals import carry_out
from domain.conflict_case.parties import (
    refuse_facts_of_strangers,
    refuse_messages_to_strangers,
    still_to_tell,
)
from domain.deal_registration.aggregate import catch_up, note_leavers
from domain.deal_registration.review import release
from domain.ids import CaseId
from domain.refusal import Refusal

__all__ = [
    "CaseCommand",
    "CommunicateCase",
    "DecideCase",
    "InvestigateCase",
    "MediateCase",
    "PreventCase",
    "decide",
]

# decide

_FROM: dict[type, tuple[CaseStatus, ...]] = {
    InvestigateCase: ("identified", "investigating"),
    MediateCase: ("investigating",),
    DecideCase: ("mediating",),
    CommunicateCase: ("decided",),
    PreventCase: ("communicated",),
}


def decide(draft: Draft, case_id: CaseId, command: CaseCommand) -> None:
    """Take the next step of a case; out of order is refused, the same step said again changes nothing."""
    catch_up(draft)
    case = draft.account.cases[case_id]
    if not isinstance(command, InvestigateCase) and _was_said(case, command):
        return
    if case.status not in _FROM[type(command)]:
        raise Refusal("STEP_OUT_OF_ORDER", f"The case is {case.status}; this step does not follow.")
    if isinstance(command, DecideCase):
        before = draft.account
        draft.add(decision_of(draft, case, command))
        note_leavers(draft, before)
        if case.kind == "territory" or (case.kind == "possible_duplicate" and command.outcome != "uphold"):
            release(draft)
        if case.kind == "merged_deals":
            carry_out(draft, case, command.outcome)
            note_leavers(draft, before)
    else:
        draft.add(_step(draft, case, command))
    catch_up(draft)


def _step(
    draft: Draft, case: Case, command: InvestigateCase | MediateCase | CommunicateCase | PreventCase
) -> CaseInvestigated | CaseMediated | CaseCommunicated | CasePrevented:
    account, terms = draft.account.id, draft.terms.terms
    if isinstance(command, InvestigateCase):
        is_first = case.status == "identified"
        named = [finding.party for finding in command.findings]
        refuse_facts_of_strangers(draft.account, case, named, command.doubles_partners)
        next_due_at = due_after(terms, draft.now, "investigating") if is_first else case.due_at
        return CaseInvestigated(case=case.id, account=account, findings=command.findings, next_due_at=next_due_at)
    if isinstance(command, MediateCase):
        return CaseMediated(
            case=case.id,
            account=account,
            summary=command.summary,
            skipped=command.skipped,
            next_due_at=due_after(terms, draft.now, "mediating"),
        )
    if isinstance(command, CommunicateCase):
        refuse_messages_to_strangers(draft.account, case, [message.party for message in command.messages])
        untold = still_to_tell(draft.account, case, command.messages)
        return CaseCommunicated(
            case=case.id,
            account=account,
            messages=command.messages,
            next_due_at=case.due_at if untold else due_after(terms, draft.now, "communicated"),
            still_to_tell=untold,
        )
    return CasePrevented(
        case=case.id,
        account=account,
        change=command.change,
        no_change=command.no_change,
        terms_version=command.terms_version,
    )


def _was_said(case: Case, command: CaseCommand) -> bool:
    """Whether the last step of the case says just what the command says."""
    last = case.steps[-1].event
    said = {field.name: getattr(command, field.name) for field in fields(command) if field.name != "sharing"}
    return type(last) in _STEPS[type(command)] and all(getattr(last, name) == value for name, value in said.items())


_STEPS: dict[type, tuple[type, ...]] = {
    MediateCase: (CaseMediated,),
    DecideCase: (CaseDecided,),
    CommunicateCase: (CaseCommunicated,),
    PreventCase: (CasePrevented,),
}
