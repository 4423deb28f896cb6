"""Accounts that may be one: the case that asks a person, and when nobody needs to be asked any more (rules §3, §4)."""

from collections.abc import Iterable

from domain.account.case_deadlines import due_after
from domain.account.draft import Draft
from domain.account.state import Account, Case, Ended
from domain.conflict_case.events import CaseIdentified, Duplicate, MootReason
from domain.ids import RegistrationId


def ask_about(draft: Draft, challenger: RegistrationId, duplicates: Iterable[Duplicate]) -> None:
    """Open a case that names the other accounts, but for those about which somebody is or was asked already."""
    asked = {one.account for case in _cases(draft.account) for one in case.duplicates}
    new = tuple(duplicate for duplicate in duplicates if duplicate.account not in asked)
    if not new:
        return
    draft.add(
        CaseIdentified(
            case=draft.next_case_id(),
            account=draft.account.id,
            kind="possible_duplicate",
            challenger=challenger,
            holder=None,
            product=None,
            because=None,
            near_simultaneous=False,
            terms_version=draft.terms.version,
            next_due_at=due_after(draft.terms.terms, draft.now, "identified"),
            duplicates=new,
        )
    )


def doubts_the_account(case: Case) -> bool:
    """Whether the account may be another one's double, so that nothing on it is approved until this is decided.

    An account that was found by its keys is in no doubt, only the others that they lead to are; nor is one that was
    known before a deal of its was merged.
    """
    found_by_likeness = any(one.rule not in ("equal_keys", "merged_deals") for one in case.duplicates)
    return case.is_undecided and case.kind == "possible_duplicate" and found_by_likeness


def is_in_doubt(account: Account) -> bool:
    """Whether a person still has to say if it is another account's double (rules §3, matching accounts)."""
    return any(doubts_the_account(case) for case in account.cases.values())


def moot_because(account: Account, case: Case) -> MootReason | None:
    """The question is idle once nothing is claimed on the account, or those it is about are this account."""
    here = {account.id, *account.absorbed}
    if all(duplicate.account in here for duplicate in case.duplicates):
        return "no_longer_so"
    claims = (claim for registration in account.registrations.values() for claim in registration.claims)
    return "challenger_ended" if all(isinstance(claim.stage, Ended) for claim in claims) else None


def _cases(account: Account) -> Iterable[Case]:
    return (case for case in account.cases.values() if case.kind == "possible_duplicate" and case.status != "moot")
