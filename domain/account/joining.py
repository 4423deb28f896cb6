"""Saying that two accounts are one, and that an account has another name (rules §3, matching accounts)."""

from domain.account.draft import Draft
from domain.account.events import AccountAliasAdded, AccountsMerged, KnownName, LinkedDeal, MergedBecause
from domain.account.passing_of_time import let_time_pass
from domain.account.state import Account
from domain.changed import changed
from domain.deal_registration.aggregate import catch_up
from domain.deal_registration.review import release
from domain.ids import AccountKey, CaseId, NameKey
from domain.matching import AccountFacts


def merge(draft: Draft, other: Account, *, because: MergedBecause, reason: str, case: CaseId | None = None) -> None:
    """Let all that stands on the other account, on which nothing is due, stand on this one.

    Whoever held behind another claim waits from now on, with a case where that is another partner's.
    """
    assert other.id != draft.account.id and other.merged_into is None
    let_time_pass(draft)
    draft.account = changed(draft.account, joining={other.id: other})
    draft.add(
        AccountsMerged(
            account=draft.account.id,
            absorbed=other.id,
            because=because,
            reason=reason,
            case=case,
            registrations=tuple(other.registrations),
            cases=tuple(other.cases),
            deals=tuple(
                LinkedDeal(
                    deal=deal, registration=registration.id, one_with=tuple(one.id for one in registration.merged_deals)
                )
                for registration in other.registrations.values()
                if not registration.is_direct
                for deal in registration.leading_deals
            ),
            keys=other.keys,
            share_proposals=tuple(other.share_proposals),
            names=tuple(KnownName(name=name, keys=keys) for name, keys in other.names.items()),
        )
    )
    catch_up(draft)
    release(draft)


def add_alias(
    draft: Draft, facts: AccountFacts, *, keys: tuple[AccountKey, ...], name_keys: tuple[NameKey, ...], reason: str
) -> None:
    """Let the account be found under more facts; nothing when they are known."""
    catch_up(draft)
    if facts not in draft.account.facts:
        draft.add(
            AccountAliasAdded(account=draft.account.id, facts=facts, keys=keys, name_keys=name_keys, reason=reason)
        )
