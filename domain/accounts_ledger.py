"""Every account folded from position 1, and what its deals lead to after each event.

Accounts share nothing but the rule book: so they can be folded in a process of their own, which tells the ledger what
deals lead to now.
"""

from collections.abc import Mapping

from domain.account import evolve as accounts
from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent
from domain.account.state import Account, Waiting
from domain.changed import changed
from domain.commission.credit import DealOutcome
from domain.commission.outcomes import changed_outcomes, outcomes
from domain.deal_registration.events import DealLinked, DealWon
from domain.deal_registration.merge_events import DealsMerged, DealStoodApart
from domain.ids import AccountId, Product, RegistrationId
from domain.programme.aggregate import Programme
from domain.recorded import Recorded


class QueueContradicted(Exception):
    """The fold of a queue says two things: two claims hold it, or its timeline names another holder (rules §3)."""

    def __init__(self, account: AccountId, product: Product, expected: str, found: str) -> None:
        super().__init__(f"{account}, {product}: {expected} expected, {found} found")
        self.expected = expected
        self.found = found


class AccountsLedger:
    """The accounts as the log tells them, up to the last event given."""

    def __init__(self) -> None:
        """A log without events."""
        self.accounts: dict[AccountId, Account] = {}
        self._won: set[AccountId] = set()
        self._outcomes: dict[AccountId, Mapping[RegistrationId, DealOutcome]] = {}

    def apply(self, recorded: Recorded[AccountEvent], programme: Programme | None) -> list[DealOutcome]:
        """Let one more event have happened; gives what deals lead to now and did not before."""
        event = recorded.event
        before = self.accounts.get(event.account)
        if isinstance(event, AccountsMerged):
            before = self._with_other_joining(before or Account(id=event.account), recorded, event)
        account = accounts.evolve(before, recorded)
        self.accounts[event.account] = account
        require_one_holder(account)
        if isinstance(event, DealWon | DealLinked | DealsMerged | DealStoodApart):
            self._won.add(event.account)
        return self._changed_outcomes(account, programme) if event.account in self._won else []

    def _with_other_joining(self, account: Account, recorded: Recorded[AccountEvent], event: AccountsMerged) -> Account:
        """The account with the one that is to be merged into it, which then is nothing but the way there."""
        other = self.accounts[event.absorbed]
        self.accounts[event.absorbed] = accounts.evolve(other, recorded)
        moved = self._outcomes.pop(event.absorbed, {})
        self._outcomes[account.id] = {**self._outcomes.get(account.id, {}), **moved}
        if event.absorbed in self._won:
            self._won.add(account.id)
        return changed(account, joining={other.id: other})

    def _changed_outcomes(self, account: Account, programme: Programme | None) -> list[DealOutcome]:
        assert programme is not None
        before = self._outcomes.get(account.id, {})
        self._outcomes[account.id] = now = outcomes(account, programme)
        return changed_outcomes(account, before, now)


def require_one_holder(account: Account) -> None:
    """Each opportunity has at most one holder, and the timeline says the same (rules §3.4); else QueueContradicted."""
    for product, order in account.order.items():
        if len(order) == 1 and len(account.holdings.get(product, ())) == 1:
            continue
        held = [
            (claim.opportunity, registration.id)
            for registration, claim in account.queue(product)
            if not isinstance(claim.stage, Waiting)
        ]
        if len(dict(held)) < len(held):
            raise QueueContradicted(account.id, product, "one holder", _names(held))
        noted = [(h.opportunity, h.registration) for h in account.holdings.get(product, ()) if h.until is None]
        if sorted(noted) != sorted(held):
            raise QueueContradicted(account.id, product, _names(held), _names(noted))


def _names(holders: list[tuple[int, RegistrationId]]) -> str:
    return ", ".join(registration for _, registration in holders) or "nobody"
