"""A whole programme folded from position 1: the rule book, the partners, who is first, what is owed, what was closed.

It is the service's memory rebuilt from nothing but the log. Each event changes it in place; what it holds are the
same immutable states that decisions are made on.
"""

from collections.abc import Mapping
from typing import Final

from domain.account import evolve as accounts
from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent
from domain.account.state import Account, Waiting
from domain.changed import changed
from domain.commission.credit import DealOutcome
from domain.commission.outcomes import changed_outcomes, outcomes
from domain.commission.statement import StatementInputs
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import CommissionPeriodClosed, CommissionPeriodEvent
from domain.crm_deal.events import CrmDealEvent
from domain.deal_registration.events import DealLinked, DealWon
from domain.deal_registration.merge_events import DealsMerged, DealStoodApart
from domain.entered_adjustment.events import AdjustmentEntered
from domain.evaluation.events import EvaluationEvent
from domain.ids import AccountId, LeadId, PartnerId, Position, Product, RegistrationId
from domain.lead import aggregate as leads
from domain.lead.aggregate import Lead
from domain.lead.events import LeadEvent
from domain.partner import aggregate as partners
from domain.partner.aggregate import Partner
from domain.partner.events import PartnerEvent
from domain.programme import aggregate as programmes
from domain.programme.aggregate import Programme
from domain.programme.events import ProgrammeEvent
from domain.recorded import Recorded, at_the_place_of

START: Final = Position(0)


class QueueContradicted(Exception):
    """The fold of a queue says two things: two claims hold it, or its timeline names another holder (rules §3)."""

    def __init__(self, account: AccountId, product: Product, expected: str, found: str) -> None:
        super().__init__(f"{account}, {product}: {expected} expected, {found} found")
        self.expected = expected
        self.found = found


class Ledger:
    """A programme as its log tells it, up to the last event given."""

    def __init__(self) -> None:
        """A log without events."""
        self.programme: Programme | None = None
        self.partners: dict[PartnerId, Partner] = {}
        self.leads: dict[LeadId, Lead] = {}
        self.accounts: dict[AccountId, Account] = {}
        self.periods: dict[PartnerId, dict[str, ClosedPeriod]] = {}
        self.entered: dict[PartnerId, list[Recorded[AdjustmentEntered]]] = {}
        self.evaluated = 0
        """How often partners were compared; what that gave each of them is told by events of their own."""
        self.merged_deals = 0
        """How often the CRM merged deals; what that did to registrations is told by events of their own."""
        self.decided_to = START
        """The position of the last event that is not a closing: what statements may follow from."""
        self._won: set[AccountId] = set()
        self._outcomes: dict[RegistrationId, DealOutcome] = {}
        self._outcomes_now: dict[AccountId, Mapping[RegistrationId, DealOutcome]] = {}
        self._credited: dict[PartnerId, set[RegistrationId]] = {}

    def apply(self, recorded: Recorded[object]) -> None:
        """Let one more event have happened."""
        event = recorded.event
        if isinstance(event, AccountEvent):
            self._apply_to_account(at_the_place_of(recorded, event))
        elif isinstance(event, CommissionPeriodEvent):
            known = self.periods.setdefault(event.partner, {})
            known[event.period] = periods.evolve(known.get(event.period), at_the_place_of(recorded, event))
        elif isinstance(event, EvaluationEvent):
            self.evaluated += 1
        elif isinstance(event, CrmDealEvent):
            self.merged_deals += 1
        elif isinstance(event, AdjustmentEntered):
            self.entered.setdefault(event.partner, []).append(at_the_place_of(recorded, event))
        elif isinstance(event, LeadEvent):
            self.leads[event.lead] = leads.evolve(self.leads.get(event.lead), at_the_place_of(recorded, event))
        elif isinstance(event, PartnerEvent):
            partner = self.partners.get(event.partner)
            self.partners[event.partner] = partners.evolve(partner, at_the_place_of(recorded, event))
        else:
            assert isinstance(event, ProgrammeEvent), f"no programme has a {type(event).__name__}"
            self.programme = programmes.evolve(self.programme, at_the_place_of(recorded, event))
        if not isinstance(event, CommissionPeriodClosed):
            self.decided_to = recorded.position

    def inputs_of(self, partner: PartnerId, read_to: Position) -> StatementInputs:
        """All that a partner's statements follow from, with those of its closings that stand up to a position."""
        assert self.programme is not None
        known = self.periods.get(partner, {}).values()
        return StatementInputs(
            programme=self.programme,
            partner=self.partners[partner],
            outcomes=tuple(self._outcomes[registration] for registration in sorted(self._credited.get(partner, ()))),
            closed=tuple(period.closing for period in known if period.position <= read_to),
            entered=tuple(self.entered.get(partner, ())),
        )

    def _apply_to_account(self, recorded: Recorded[AccountEvent]) -> None:
        event = recorded.event
        before = self.accounts.get(event.account)
        if isinstance(event, AccountsMerged):
            before = self._with_other_joining(before or Account(id=event.account), recorded, event)
        account = accounts.evolve(before, recorded)
        self.accounts[event.account] = account
        require_one_holder(account)
        if isinstance(event, DealWon | DealLinked | DealsMerged | DealStoodApart):
            self._won.add(event.account)
        if event.account in self._won:
            self._note_outcomes(account)

    def _with_other_joining(self, account: Account, recorded: Recorded[AccountEvent], event: AccountsMerged) -> Account:
        """The account with the one that is to be merged into it, which then is nothing but the way there."""
        other = self.accounts[event.absorbed]
        self.accounts[event.absorbed] = accounts.evolve(other, recorded)
        moved = self._outcomes_now.pop(event.absorbed, {})
        self._outcomes_now[account.id] = {**self._outcomes_now.get(account.id, {}), **moved}
        if event.absorbed in self._won:
            self._won.add(account.id)
        return changed(account, joining={other.id: other})

    def _note_outcomes(self, account: Account) -> None:
        """Remember what the account's deals lead to now, and every partner that they ever credited."""
        assert self.programme is not None
        before = self._outcomes_now.get(account.id, {})
        self._outcomes_now[account.id] = now = outcomes(account, self.programme)
        for outcome in changed_outcomes(account, before, now):
            self._outcomes[outcome.registration] = outcome
            for partner in outcome.partners:
                self._credited.setdefault(partner, set()).add(outcome.registration)


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
