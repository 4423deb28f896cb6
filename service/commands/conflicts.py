"""The steps of a conflict case."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from domain.account.draft import Draft
from domain.account.state import Account, Case
from domain.conflict_case.aggregate import decide
from domain.conflict_case.commands import CaseCommand, DecideCase, InvestigateCase
from domain.conflict_case.events import CaseDecided, Outcome
from domain.ids import VENDOR, AccountId, CaseId, PartnerId, Position
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.accounts import merge_as_decided, survivor_needs, survivor_of
from service.commands.deal_parting import part_as_decided, parting_needs
from service.commands.on_account import ON_AN_ACCOUNT, answer, draft_of, partner_of, store
from service.presentation.conflicts import case_document
from service.states import account_key, partner_key
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep(Work):
    """The next step of a case, by staff."""

    actor: str
    case: CaseId
    command: CaseCommand
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The case's account."""
        yield from ON_AN_ACCOUNT
        yield ("case", self.case)
        account = known(("case", self.case))
        if account is not None:
            yield account_key(cast("AccountId", account))
        may_part = False
        if isinstance(self.command, DecideCase):
            yield from (partner_key(share.partner) for share in self.command.shares)
            may_part = self.command.outcome in ("uphold", "distinct")
        if account is not None and (may_part or isinstance(self.command, InvestigateCase)):
            found = cast("Account", known(account_key(cast("AccountId", account))))
            for duplicate in found.cases[self.case].duplicates:
                yield from survivor_needs(duplicate.account, known)
            if may_part:
                yield from parting_needs(found, found.cases[self.case], known)

    def run(self, attempt: Attempt) -> Answer:
        """Take the step, and show the case as it stands then.

        An account that it said is another one is merged; of two that are not one, deals that were merged are parted.
        """
        account = cast("AccountId | None", attempt.state(("case", self.case)))
        if account is None:
            raise Refusal("NOT_FOUND", f"There is no conflict case {self.case}.")
        draft = draft_of(attempt, account, self.token)
        decide(draft, self.case, self._named(attempt, draft.account.cases[self.case]))
        store(attempt, draft)
        found = draft.account
        case = found.cases[self.case]
        if case.kind == "possible_duplicate" and _is_decided(draft, "uphold"):
            found = merge_as_decided(attempt, found, case, self.token)
        if case.kind == "possible_duplicate" and _is_decided(draft, "distinct"):
            found = part_as_decided(attempt, found, case, self.token)
        return case_answer(attempt, found, self.case)

    def _named(self, attempt: Attempt, case: Case) -> CaseCommand:
        """The command with the partners that its shares name, or whom the case's other accounts were found by."""
        if isinstance(self.command, InvestigateCase):
            return replace(self.command, doubles_partners=tuple(_doubles_partners(attempt, case)))
        if not isinstance(self.command, DecideCase):
            return self.command
        sharing = tuple(partner_of(attempt, share.partner) for share in self.command.shares)
        return replace(self.command, sharing=sharing)


def _doubles_partners(attempt: Attempt, case: Case) -> Iterator[PartnerId]:
    for duplicate in case.duplicates:
        if duplicate.registration is not None:
            found = survivor_of(attempt, duplicate.account).registrations[duplicate.registration]
            if found.partner != VENDOR:
                yield found.partner


def case_answer(attempt: Attempt, account: Account, case: CaseId) -> Answer:
    """The case as staff sees it once the step is taken."""
    last = Position(attempt.next_position - 1)
    return answer(attempt, case_document(account, case, None, now=attempt.now, position=last))


def _is_decided(draft: Draft, outcome: Outcome) -> bool:
    """Whether the step that was just taken decides its case so."""
    return any(isinstance(r.event, CaseDecided) and r.event.outcome == outcome for r in draft.events)
