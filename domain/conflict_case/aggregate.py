"""The six steps of a conflict case and who goes first after its decision (rules §4).

State and fold are the account's (`domain/account/`): a decision moves claims in the account's queues.
"""

from dataclasses import dataclass, fields

from domain.account.contests import whoever_is_ahead
from domain.account.draft import Draft
from domain.account.state import Case, CaseStatus
from domain.calendar import add_days
from domain.commission.credit import reviews_of
from domain.conflict_case.events import (
    CaseCommunicated,
    CaseDecided,
    CaseInvestigated,
    CaseMediated,
    CasePrevented,
    Finding,
    Message,
    Outcome,
)
from domain.conflict_case.outcomes import refuse_senseless
from domain.deal_registration.aggregate import catch_up
from domain.ids import CaseId, RegistrationId
from domain.refusal import Refusal

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigateCase:
    """Add facts from the parties."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediateCase:
    """Say how the parties' talk went, or why it was skipped: exactly one of both."""

    summary: str | None
    skipped: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideCase:
    """Decide who is right, by which rule and why."""

    outcome: Outcome
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicateCase:
    """Tell every party."""

    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreventCase:
    """Say what was changed, or why nothing was: exactly one of both."""

    change: str | None
    no_change: str | None


CaseCommand = InvestigateCase | MediateCase | DecideCase | CommunicateCase | PreventCase

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
    if isinstance(command, InvestigateCase):
        draft.add(CaseInvestigated(case=case.id, account=draft.account.id, findings=command.findings))
    elif isinstance(command, MediateCase):
        draft.add(
            CaseMediated(case=case.id, account=draft.account.id, summary=command.summary, skipped=command.skipped)
        )
    elif isinstance(command, DecideCase):
        _decide(draft, case, command)
    elif isinstance(command, CommunicateCase):
        draft.add(CaseCommunicated(case=case.id, account=draft.account.id, messages=command.messages))
    else:
        draft.add(
            CasePrevented(case=case.id, account=draft.account.id, change=command.change, no_change=command.no_change)
        )
    catch_up(draft)


def _was_said(case: Case, command: CaseCommand) -> bool:
    """Whether the last step of the case says just what the command says."""
    last = case.steps[-1].event
    said = {field.name: getattr(command, field.name) for field in fields(command)}
    return type(last) in _STEPS[type(command)] and all(getattr(last, name) == value for name, value in said.items())


_STEPS: dict[type, tuple[type, ...]] = {
    MediateCase: (CaseMediated,),
    DecideCase: (CaseDecided,),
    CommunicateCase: (CaseCommunicated,),
    PreventCase: (CasePrevented,),
}


def _decide(draft: Draft, case: Case, command: DecideCase) -> None:
    refuse_senseless(case.kind, command.outcome)
    against = _stands_against(draft, case)
    moves_claim = case.product is not None and command.outcome == "reassign" and not _is_settled(draft, case)
    terms = draft.terms
    until = add_days(draft.now, terms.terms.protection_days, draft.programme.zone)
    draft.add(
        CaseDecided(
            case=case.id,
            account=draft.account.id,
            outcome=command.outcome,
            rule=command.rule,
            reason=command.reason,
            overrides_priority=command.outcome == "reassign",
            against=against,
            protected_from=draft.now if moves_claim else None,
            protected_until=until if moves_claim else None,
            terms_version=terms.version,
        )
    )


def _is_settled(draft: Draft, case: Case) -> bool:
    """Whether a win ended the queue of the clash, so that the decision is about the credit."""
    assert case.product is not None
    return bool(draft.account.registrations[case.challenger].claim_on(case.product).settled_by)


def _stands_against(draft: Draft, case: Case) -> RegistrationId | None:
    """Whom the challenger stands against now: the holder of today, who need not be the one of the beginning."""
    challenger = draft.account.registrations[case.challenger]
    if case.product is not None:
        ahead = whoever_is_ahead(draft.account, challenger, case.product)
        return None if ahead is None else ahead.id
    reviews = reviews_of(draft.account, challenger, draft.programme)
    return next(review.moves_to for review in reviews if review.because == case.because)
