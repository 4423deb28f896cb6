"""What people say of accounts: that two of them are one customer, or that one has another name (rules §3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from domain.account.draft import Draft
from domain.account.events import MergedBecause
from domain.account.joining import add_alias, merge
from domain.account.state import Account, Case
from domain.deal_registration.aggregate import catch_up
from domain.ids import AccountId, CaseId
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.account_matching import NOWHERE, Sought, account_meant, matching_needs, places_of
from service.commands.on_account import ON_AN_ACCOUNT, account_of, answer, draft_of, store
from service.presentation.accounts import account_document
from service.states import account_key
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work

MERGES_IN_A_ROW_AT_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAccounts(Work):
    """Staff says that another account is this one."""

    actor: str
    account: AccountId
    absorbed: AccountId
    reason: str
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """Both accounts."""
        yield from ON_AN_ACCOUNT
        yield from survivor_needs(self.account, known)
        yield from survivor_needs(self.absorbed, known)

    def run(self, attempt: Attempt) -> Answer:
        """Merge them, and show the one that stays; nothing happens when they are one already."""
        survivor, other = survivor_of(attempt, self.account), survivor_of(attempt, self.absorbed)
        if survivor.id == other.id:
            if self.account == self.absorbed:
                raise Refusal("MALFORMED", "An account is not merged into itself.", field="account")
            return answer(attempt, account_document(survivor))
        draft = merge_accounts(attempt, survivor.id, other.id, because="staff", reason=self.reason, token=self.token)
        return answer(attempt, account_document(draft.account))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAlias(Work):
    """Staff says what an account is called too."""

    actor: str
    account: AccountId
    alias: Sought
    reason: str
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The account, and what the alias leads to."""
        yield from ON_AN_ACCOUNT
        yield from survivor_needs(self.account, known)
        yield from matching_needs(self.alias, known)

    def run(self, attempt: Attempt) -> Answer:
        """Add it, and show the account; refused when it leads to another account, which would have to be merged."""
        account = survivor_of(attempt, self.account)
        meant = account_meant(attempt, self.alias)
        others = {meant.account, *(one.account for one in meant.duplicates if one.rule == "equal_keys")}
        others -= {None, account.id}
        if others:
            raise Refusal(
                "KNOWN_ACCOUNT",
                "This leads to another account; merge the two if they are one customer.",
                accounts=sorted(name for name in others if name is not None),
            )
        draft = draft_of(attempt, account.id, self.token)
        alias = self.alias
        add_alias(draft, alias.facts, keys=alias.keys, name_keys=alias.name_keys, reason=self.reason)
        store(attempt, draft)
        return answer(attempt, account_document(draft.account))


def survivor_needs(account: AccountId, known: Known) -> Iterator[StateKey]:
    """An account, and where it was merged into."""
    for _ in range(MERGES_IN_A_ROW_AT_MOST):
        yield account_key(account)
        found = cast("Account | None", known(account_key(account)))
        if found is None or found.merged_into is None:
            return
        account = found.merged_into


def survivor_of(attempt: Attempt, account: AccountId) -> Account:
    """The account that a request names, or the one that it was merged into."""
    found = account_of(attempt, account)
    for _ in range(MERGES_IN_A_ROW_AT_MOST):
        if found is None:
            raise Refusal("NOT_FOUND", f"There is no account {account}.")
        if found.merged_into is None:
            return found
        found = account_of(attempt, found.merged_into)
    raise AssertionError(f"{account} was merged without end")


def merge_accounts(
    attempt: Attempt,
    survivor: AccountId,
    absorbed: AccountId,
    *,
    because: MergedBecause,
    reason: str,
    token: str,
    case: CaseId | None = None,
) -> Draft:
    """Merge two accounts, on which all that is due is written first."""
    leaving = draft_of(attempt, absorbed, f"{token}c")
    catch_up(leaving)
    store(attempt, leaving)
    draft = draft_of(attempt, survivor, f"{token}d")
    merge(draft, leaving.account, because=because, reason=reason, case=case)
    store(attempt, draft)
    return draft


def merge_as_decided(attempt: Attempt, account: Account, case: Case, token: str) -> Account:
    """The account after an upheld `possible_duplicate` case said that it is another one: the older one stays."""
    assert case.decision is not None
    named = case.decision.same_as or case.duplicates[0].account
    other = survivor_of(attempt, named)
    if other.id == account.id:
        return account
    survivor, absorbed = sorted((account, other), key=_age)
    draft = merge_accounts(
        attempt,
        survivor.id,
        absorbed.id,
        because="case",
        reason=case.decision.reason,
        token=token,
        case=case.id,
    )
    return draft.account


def _age(account: Account) -> int:
    return min(places_of(account), default=NOWHERE)
