"""Which account a request is about: a known one, a fresh one, and which others may be the same (rules §3).

Candidates are found by keys alone, so that it costs as much among a million accounts as among a thousand. An account
whose name shares a name key is loaded only when its name, which stands beside the key, is alike enough.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, cast

from domain.account.priority import is_live_registration
from domain.account.state import Account
from domain.changed import quickly_made
from domain.conflict_case.events import Duplicate, MatchRule
from domain.ids import AccountId, AccountKey, NameKey, Position, RegistrationId
from domain.matching import AccountFacts, keys_of, same_account, same_site, shares_domain
from domain.name_likeness import name_keys, name_keys_near
from domain.programme.aggregate import Programme
from service.attempt import Attempt
from service.commands.on_account import account_of, programme_of
from service.name_similarity import similarity
from service.state_look_ups import NamedAccount
from service.states import PROGRAMME_KEY, account_key
from service.work import SO_FAR, Known, StateKey

DUPLICATES_AT_MOST: Final = 5
"""So many other accounts does a case name, the likeliest first."""

NOWHERE: Final = 2**63 - 1
"""After every position: the place of an account of which a CRM told nothing but its ids."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """An account as a request describes it, with the keys by which it is looked for."""

    facts: AccountFacts
    keys: tuple[AccountKey, ...]
    name_keys: tuple[NameKey, ...]
    by_key: tuple[StateKey, ...]
    by_name: tuple[StateKey, ...]
    """The states that say which accounts have its keys, and which have names of about the same letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The known account that is meant (None: a fresh one), and others that may be the same."""

    account: AccountId | None
    duplicates: tuple[Duplicate, ...]


NOBODY: Final = Meant(account=None, duplicates=())
"""A fresh account that is like no other."""


def sought(facts: AccountFacts) -> Sought:
    """What to look for."""
    keys = keys_of(facts)
    return Sought(
        facts=facts,
        keys=keys,
        name_keys=name_keys(facts.name),
        by_key=tuple([("account_key", key) for key in keys]),
        by_name=tuple([("name_key", key) for key in name_keys_near(facts.name)]),
    )


def matching_needs(wanted: Sought, known: Known) -> Iterator[StateKey]:
    """The states that finding the account will read: in two rounds, what the keys lead to and the accounts there."""
    yield from wanted.by_key
    yield from wanted.by_name
    yield SO_FAR
    for key in wanted.by_key:
        for account in cast("tuple[AccountId, ...]", known(key) or ()):
            yield account_key(account)
    programme = cast("Programme", known(PROGRAMME_KEY))
    least = min((s for v in programme.terms if (s := v.terms.similar_name_score)), default=0)
    yield from (account_key(account) for account in _named_alike(wanted, known, least))


def account_meant(attempt: Attempt, wanted: Sought) -> Meant:
    """The account that the facts are about, and those that may be the same.

    When they are about several, it is the one whose first live claim has the lowest position; accounts without a live
    claim come after those, in the order of their first registrations. The others are its possible duplicates.
    """
    by_key = dict(_found_by_key(attempt, wanted))
    same = {account.id: account for account in by_key.values() if same_account(list(account.facts), wanted.facts)}
    if same:
        meant = min(same.values(), key=first_claim)
        others = [_equal(account, wanted.facts) for account in same.values() if account is not meant]
        return Meant(account=meant.id, duplicates=_likeliest(others))
    least = programme_of(attempt).terms_at(attempt.now).terms.similar_name_score
    alike = [account_of(attempt, account) for account in _named_alike(wanted, attempt.state, least)]
    candidates = {account.id: account for account in alike if account is not None} | by_key
    if not candidates:
        return NOBODY
    possible = (_possible(account, wanted.facts, least) for account in candidates.values())
    return Meant(account=None, duplicates=_likeliest(found for found in possible if found is not None))


def _found_by_key(attempt: Attempt, wanted: Sought) -> Iterator[tuple[AccountId, Account]]:
    for key in wanted.by_key:
        for account_id in cast("tuple[AccountId, ...]", attempt.state(key) or ()):
            account = account_of(attempt, account_id)
            assert account is not None
            yield account_id, account


def _named_alike(wanted: Sought, known: Known, least: int) -> list[AccountId]:
    """The accounts with the names that are most alike, and alike enough; none where names are not compared."""
    if not least:
        return []
    scores: dict[AccountId, int] = {}
    for key in wanted.by_name:
        for account, name in cast("tuple[NamedAccount, ...]", known(key) or ()):
            score = similarity(name, wanted.facts.name)
            if score >= least:
                scores[account] = max(score, scores.get(account, 0))
    return sorted(scores, key=lambda account: (-scores[account], account))[:DUPLICATES_AT_MOST]


def _equal(account: Account, facts: AccountFacts) -> Duplicate:
    found = next(((name, known) for name, known in _described(account) if same_account([known], facts)), None)
    score = 0 if found is None else similarity(found[1].name, facts.name)
    registration = None if found is None else found[0]
    return Duplicate(account=account.id, registration=registration, rule="equal_keys", score=score)


def _possible(account: Account, facts: AccountFacts, least: int) -> Duplicate | None:
    """How an account may be the same: by a domain in another country, or by a name under another domain."""
    found: list[Duplicate] = []
    for registration, known in _described(account):
        if not same_site(known, facts):
            continue
        score = similarity(known.name, facts.name)
        rule: MatchRule = "shared_domain" if shares_domain(known, facts) else "similar_name"
        if rule == "shared_domain" or (least and score >= least):
            found.append(Duplicate(account=account.id, registration=registration, rule=rule, score=score))
    return min(found, key=_by_likelihood, default=None)


def _described(account: Account) -> Iterator[tuple[RegistrationId | None, AccountFacts]]:
    """All that is known of an account, each with the registration that said it (None: the CRM, or staff)."""
    yield from ((registration.id, registration.facts) for registration in account.registrations.values())
    yield from ((None, customer.facts) for customer in account.customers)
    yield from ((None, alias) for alias in account.aliases)


def _likeliest(duplicates: Iterable[Duplicate]) -> tuple[Duplicate, ...]:
    return tuple(sorted(duplicates, key=_by_likelihood)[:DUPLICATES_AT_MOST])


def _by_likelihood(duplicate: Duplicate) -> tuple[bool, int, str]:
    return duplicate.rule != "shared_domain", -duplicate.score, duplicate.registration or ""


def first_claim(account: Account) -> tuple[bool, int]:
    """Accounts are in the order of their first live claims; those without one come after, as they became known."""
    live = [r.place for r in account.registrations.values() if is_live_registration(r)]
    return not live, min(live or places_of(account), default=NOWHERE)


def places_of(account: Account) -> list[Position]:
    """Where it was spoken of."""
    return [r.place for r in account.registrations.values()] + [customer.place for customer in account.customers]
