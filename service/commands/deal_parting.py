"""A merge of deals that joined two customers, undone: a person found that their accounts are two (rules §4)."""

from collections.abc import Iterable

from domain.account.merged_deals import refuse_two_currencies
from domain.account.state import Account, Case
from domain.deal_registration.aggregate import catch_up
from domain.deal_registration.merging import part_from, said_under, stand_apart
from domain.ids import DealRef
from service.attempt import Attempt
from service.commands.known_deals import known_deal
from service.commands.on_account import draft_of, store
from service.state_look_ups import KnownDeal
from service.states import account_key
from service.work import Known, StateKey


def parting_needs(account: Account, case: Case, known: Known) -> Iterable[StateKey]:
    """The deal that the case is about, and the account where it leads."""
    deal = _merged_deal(account, case)
    if deal is not None:
        key = ("deal", deal.source, deal.id)
        yield key
        found = known(key)
        if isinstance(found, KnownDeal) and found.account is not None:
            yield account_key(found.account)


def part_as_decided(attempt: Attempt, account: Account, case: Case, token: str) -> Account:
    """The account of the challenger, to which its deal leads again with what was said under its id."""
    deal = _merged_deal(account, case)
    known = None if deal is None else known_deal(attempt, deal)
    if deal is None or known is None or known.registration is None or known.account is None:
        return account
    leaving = draft_of(attempt, known.account, f"{token}e")
    catch_up(leaving)
    lead = leaving.account.registrations[known.registration]
    facts = said_under(lead, deal)
    refuse_two_currencies(account.registrations[case.challenger], facts)
    refuse_two_currencies(lead, tuple(fact for fact in lead.deal_facts if fact not in facts))
    part_from(leaving, lead.id, deal)
    catch_up(leaving)
    store(attempt, leaving)
    draft = draft_of(attempt, account.id, f"{token}f")
    stand_apart(draft, case.challenger, facts)
    catch_up(draft)
    store(attempt, draft)
    return draft.account


def _merged_deal(account: Account, case: Case) -> DealRef | None:
    """The challenger's deal, where a merge of it made two accounts look like one and it still leads elsewhere."""
    challenger = account.registrations[case.challenger]
    by_merge = any(duplicate.rule == "merged_deals" for duplicate in case.duplicates)
    return challenger.deal if by_merge and challenger.led_elsewhere else None
