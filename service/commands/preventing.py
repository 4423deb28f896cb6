"""A conflict case's last step that changes the rules: new terms, published in the same transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.conflict_case.aggregate import PreventCase, decide
from domain.ids import AccountId, CaseId, Instant
from domain.programme.terms import Terms
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.conflicts import case_answer
from service.commands.on_account import ON_AN_ACCOUNT, draft_of, programme_of, store
from service.commands.programme import closed_until, decided, terms_to_publish
from service.states import account_key
from service.work import Answer, Cause, RequestKey, Work


@dataclass(kw_only=True)
class PreventByTerms(Work):
    """Close a case by publishing terms. Either both happen or neither; each names the other.

    `merge` gives the terms from the last ones.
    """

    actor: str
    case: CaseId
    change: str
    effective_from: date
    merge: Callable[[Terms, str], Terms]
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _closed_until: Instant | None = field(default=None, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads the case's account, and up to when some partner's periods are closed."""
        self._closed_until = await closed_until(connection, attempt)
        await attempt.load(connection, *ON_AN_ACCOUNT, ("case", self.case))
        account = cast("AccountId | None", attempt.state(("case", self.case)))
        if account is not None:
            await attempt.load(connection, account_key(account))

    def run(self, attempt: Attempt) -> Answer:
        """Publish, take the step, and show the case as it stands then."""
        account = cast("AccountId | None", attempt.state(("case", self.case)))
        if account is None:
            raise Refusal("NOT_FOUND", f"There is no conflict case {self.case}.")
        programme = programme_of(attempt)
        command = terms_to_publish(programme, self.effective_from, self.merge, self._closed_until, case=self.case)
        version = decided(attempt, command).terms[-1]
        if version.case != self.case:
            raise Refusal("WRONG_STATE", "These terms are published already: there is nothing to change by them.")
        draft = draft_of(attempt, account, self.token)
        decide(draft, self.case, PreventCase(change=self.change, no_change=None, terms_version=version.version))
        store(attempt, draft)
        return case_answer(attempt, draft.account, self.case)
