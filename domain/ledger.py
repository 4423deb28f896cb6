"""A whole programme folded from position 1: the rule book, the partners, who is first, what is owed, what was closed.

It is the service's memory rebuilt from nothing but the log. Each event changes it in place; what it holds are the
same immutable states that decisions are made on.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from domain.account.evolve import AccountEvent
from domain.account.state import Account
from domain.accounts_ledger import AccountsLedger
from domain.commission.credit import DealOutcome
from domain.commission.statement import StatementInputs
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import CommissionPeriodClosed, CommissionPeriodEvent
from domain.crm_deal.events import CrmDealEvent
from domain.entered_adjustment.events import AdjustmentEntered
from domain.evaluation.events import EvaluationEvent
from domain.ids import AccountId, LeadId, PartnerId, Position, RegistrationId
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


class Ledger:
    """A programme as its log tells it, up to the last event given."""

    def __init__(self) -> None:
        """A log without events."""
        self.programme: Programme | None = None
        self.partners: dict[PartnerId, Partner] = {}
        self.leads: dict[LeadId, Lead] = {}
        self._accounts = AccountsLedger()
        self.periods: dict[PartnerId, dict[str, ClosedPeriod]] = {}
        self.entered: dict[PartnerId, list[Recorded[AdjustmentEntered]]] = {}
        self.evaluated = 0
        """How often partners were compared; what that gave each of them is told by events of their own."""
        self.merged_deals = 0
        """How often the CRM merged deals; what that did to registrations is told by events of their own."""
        self.decided_to = START
        """The position of the last event that is not a closing: what statements may follow from."""
        self._outcomes: dict[RegistrationId, DealOutcome] = {}
        self._credited: dict[PartnerId, set[RegistrationId]] = {}

    @property
    def accounts(self) -> Mapping[AccountId, Account]:
        """Every account."""
        return self._accounts.accounts

    def apply(self, recorded: Recorded[object]) -> None:
        """Let one more event have happened."""
        event = recorded.event
        if isinstance(event, AccountEvent):
            self.told(recorded.position, self._accounts.apply(at_the_place_of(recorded, event), self.programme))
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

    def told(self, position: Position, changed: Iterable[DealOutcome]) -> None:
        """Let an event on an account have happened that was folded elsewhere, and after which deals lead to this."""
        for outcome in changed:
            self._outcomes[outcome.registration] = outcome
            for partner in outcome.partners:
                self._credited.setdefault(partner, set()).add(outcome.registration)
        self.decided_to = position

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
