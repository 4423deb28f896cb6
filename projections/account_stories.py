"""What a part of the log tells of each account: its state before, and the events that change it.

The events of an account that is absorbed belong to its survivor's story too, so that whoever folds that story finds the
absorbed account as it was at the merge.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.account.events import AccountOwnEvent, AccountsMerged
from domain.account.evolve import AccountEvent, fold
from domain.account.state import Account
from domain.changed import changed
from domain.conflict_case.events import CaseEvent
from domain.deal_registration.events import RegistrationEvent
from domain.direct_deal.events import DirectEvent
from domain.ids import AccountId
from domain.recorded import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An account before some events, and those events in their order."""

    before: Account
    events: Sequence[Recorded[AccountEvent]]

    @property
    def after(self) -> Account:
        """The account after the events."""
        account = fold(self.events, self.before)
        assert account is not None
        return account


_ON_AN_ACCOUNT: Final = (RegistrationEvent, CaseEvent, DirectEvent, AccountOwnEvent)


def account_of(event: object) -> AccountId | None:
    """The account that an event belongs to; None where it belongs to none."""
    return event.account if isinstance(event, _ON_AN_ACCOUNT) else None


def accounts_of(event: object) -> tuple[AccountId, ...]:
    """The accounts that an event changes: a merge changes both."""
    account = account_of(event)
    if account is None:
        return ()
    return (account, event.absorbed) if isinstance(event, AccountsMerged) else (account,)


def events_by_account(events: Iterable[Recorded[object]]) -> dict[AccountId, list[Recorded[AccountEvent]]]:
    """The events that belong to accounts, account by account, in their order; a merge belongs to both."""
    found: dict[AccountId, list[Recorded[AccountEvent]]] = {}
    for recorded in events:
        for account in accounts_of(recorded.event):
            found.setdefault(account, []).append(recorded)  # type: ignore[arg-type]
    return found


def stories(
    by_account: Mapping[AccountId, Sequence[Recorded[AccountEvent]]], known: Mapping[AccountId, Account]
) -> dict[AccountId, Story]:
    """The story of each account, given those that are known before all these events."""
    found = {
        account: Story(before=known.get(account) or Account(id=account), events=events)
        for account, events in by_account.items()
    }
    for merge in _merges(by_account):
        survivor, absorbed = found[merge.account], found[merge.absorbed]
        other = absorbed.before
        joining = {**survivor.before.joining, **other.joining, other.id: changed(other, joining={})}
        events = {recorded.position: recorded for recorded in (*survivor.events, *absorbed.events)}
        found[merge.account] = Story(
            before=changed(survivor.before, joining=joining), events=[events[position] for position in sorted(events)]
        )
    return found


def _merges(by_account: Mapping[AccountId, Sequence[Recorded[AccountEvent]]]) -> list[AccountsMerged]:
    """The merges, in the order of the log."""
    found = {
        recorded.position: recorded.event
        for events in by_account.values()
        for recorded in events
        if isinstance(recorded.event, AccountsMerged)
    }
    return [found[position] for position in sorted(found)]
