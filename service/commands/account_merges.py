"""What the CRM says of accounts that it merged: they are one account here, and nobody's place moves (rules §3).

An id of the CRM that nobody has used here yet leads to the account from then on, so that it makes no difference
whether a merge or a registration arrives first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from domain.account.joining import add_alias
from domain.account.state import Account
from domain.deal_registration.deal_facts import parked_by_date
from domain.ids import AccountId, Instant, Position
from domain.matching import AccountFacts, keys_of
from service.attempt import Attempt
from service.commands.account_matching import first_claim
from service.commands.accounts import merge_accounts
from service.commands.on_account import account_of, draft_of, programme_of, store
from service.commands.registering import fresh_token
from service.commands.verdict import Verdict, held_back
from service.crm.reports import AccountsMergeReported
from service.states import account_key
from service.work import DeliveryRow, Known, StateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsSaid:
    """A delivery's word that accounts are one. `fresh_account` is an id for a customer that nobody knows yet."""

    crm_ids: tuple[str, ...]
    """All of them, the one that stays as well, each qualified by its source."""
    reason: str
    occurred_at: Instant
    fresh_account: AccountId
    token: str


def accounts_said(said: AccountsMergeReported, row: DeliveryRow, token: str) -> AccountsSaid:
    """What a delivery asks for."""
    data = said.said
    return AccountsSaid(
        crm_ids=tuple(dict.fromkeys(f"{row.source}/{crm_id}" for crm_id in (*data.crm_ids, data.into))),
        reason=f"{row.source} merged its accounts {', '.join(data.crm_ids)} into {data.into}.",
        occurred_at=said.occurred_at,
        fresh_account=AccountId(f"acc_{fresh_token()}"),
        token=token,
    )


def needs_of_account_merge(said: AccountsSaid, known: Known) -> Iterable[StateKey]:
    """The accounts that the CRM's ids lead to."""
    keys = [_key(crm_id) for crm_id in said.crm_ids]
    yield from keys
    for key in keys:
        yield from (account_key(account) for account in cast("tuple[AccountId, ...]", known(key) or ()))


def apply_account_merge(attempt: Attempt, said: AccountsSaid, *, wanted_by_a_person: bool) -> Verdict:
    """Merge them, park it until its time, or ignore what is no news."""
    programme = programme_of(attempt)
    too_early_or_late = parked_by_date(
        programme, said.occurred_at, attempt.now, won_on=None, wanted_by_a_person=wanted_by_a_person
    )
    if too_early_or_late is not None:
        return held_back(too_early_or_late)
    named = {account.id: account for crm_id in said.crm_ids if (account := _account(attempt, crm_id)) is not None}
    first, *others = [account.id for account in sorted(named.values(), key=first_claim)] or [said.fresh_account]
    if not named:
        attempt.begin(account_key(first))
    for number, other in enumerate(others):
        token = f"{said.token}{number:02x}"
        merge_accounts(attempt, first, other, because="crm", reason=said.reason, token=token)
    _let_all_lead_to(attempt, first, said)
    if not attempt.events:
        return Verdict(outcome="ignored")
    return Verdict(outcome="applied", position=Position(attempt.events[-1].position))


def _key(crm_id: str) -> StateKey:
    return ("account_key", f"crm:{crm_id}")


def _account(attempt: Attempt, crm_id: str) -> Account | None:
    """The account of a CRM id; of several, whose sites were told apart, the one that was first."""
    named = cast("tuple[AccountId, ...]", attempt.state(_key(crm_id)) or ())
    accounts = [account for name in named if (account := account_of(attempt, name)) is not None]
    standing = [account for account in accounts if account.merged_into is None]
    return min(standing, key=first_claim, default=None)


def _let_all_lead_to(attempt: Attempt, survivor: AccountId, said: AccountsSaid) -> None:
    """Each id that does not lead to the account yet is an alias of it."""
    draft = draft_of(attempt, survivor, f"{said.token}e")
    for crm_id in said.crm_ids:
        facts = AccountFacts(name="", country=None, domain=None, crm_id=crm_id, site=None)
        if any(key not in draft.account.keys for key in keys_of(facts)):
            add_alias(draft, facts, keys=keys_of(facts), name_keys=(), reason=said.reason)
    store(attempt, draft)
