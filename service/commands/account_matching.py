"""Which account a request is about: a known one, or a fresh one (rules §3, matching accounts)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from domain.account.priority import is_live_registration
from domain.account.state import Account
from domain.ids import AccountId, AccountKey
from domain.matching import AccountFacts, keys_of, same_account
from service.attempt import Attempt
from service.commands.on_account import account_of
from service.states import account_key
from service.work import Known, StateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """An account as a request describes it, with the keys by which it is looked for."""

    facts: AccountFacts
    keys: tuple[AccountKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The known account that is meant (None: a fresh one)."""

    account: AccountId | None


def sought(facts: AccountFacts) -> Sought:
    """What to look for."""
    return Sought(facts=facts, keys=keys_of(facts))


def matching_needs(wanted: Sought, known: Known) -> Iterator[StateKey]:
    """The states that finding the account will read: in two rounds, what the keys lead to and the accounts there."""
    keys: list[StateKey] = [("account_key", key) for key in wanted.keys]
    yield from keys
    for key in keys:
        yield from (account_key(account) for account in cast("tuple[AccountId, ...]", known(key) or ()))


def account_meant(attempt: Attempt, wanted: Sought) -> Meant:
    """The account that the facts are about.

    When they are about several, it is the one whose first live claim has the lowest position; accounts without a live
    claim come after those, in the order in which they became known.
    """
    found: dict[AccountId, Account] = {}
    for key in wanted.keys:
        for account_id in cast("tuple[AccountId, ...]", attempt.state(("account_key", key)) or ()):
            account = account_of(attempt, account_id)
            assert account is not None
            if same_account(list(account.facts), wanted.facts):
                found[account_id] = account
    if not found:
        return Meant(account=None)
    return Meant(account=min(found, key=lambda account_id: first_claim(found[account_id])))


def first_claim(account: Account) -> tuple[bool, int]:
    """Accounts are in the order of their first live claims; those without one come after, as they became known."""
    live = [r.place for r in account.registrations.values() if is_live_registration(r)]
    every = [r.place for r in account.registrations.values()] + [customer.place for customer in account.customers]
    return not live, min(live or every)
