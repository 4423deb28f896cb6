"""Paying out a period: everything that is due to every partner whose statement of it is closed (rules §7)."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Period, local_date
from domain.commission_period.after_closing import Payout, balance_of
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import StatementPaidOut
from domain.commission_period.payouts import PayOut, PayoutHold, pay_out, payout_holds
from domain.ids import Instant, PartnerId, Position
from domain.money import Money
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from service.attempt import Attempt
from service.closed_statements import closed_statements
from service.commands.on_account import answer, programme_of
from service.event_types import EventTypes
from service.presentation.settling import hold_document
from service.presentation.values import Document, money
from service.states import FORGOTTEN, PROGRAMME_KEY
from service.states_at import LogStates
from service.streams import period_key, period_stream
from service.work import Answer, Cause, RequestKey, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paid:
    """A partner that the batch pays, or has paid already (`event` is None)."""

    partner: PartnerId
    amount: Money
    withheld: Money
    event: StatementPaidOut | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A partner that something is due to, and why it is not paid."""

    partner: PartnerId
    due: Money
    holds: tuple[PayoutHold, ...]


@dataclass(kw_only=True)
class PayOutPeriod(Work):
    """Pay what is due of a period to every partner, under one reference: all of them, or nobody."""

    actor: str
    period: Period
    reference: str
    paid_on: date
    types: EventTypes
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _paid: list[_Paid] = field(default_factory=list, init=False)
    _held: list[_Held] = field(default_factory=list, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Read, under the head lock, where every closed statement of the period stands, some at a time."""
        await attempt.load(connection, PROGRAMME_KEY)
        self._paid, self._held = [], []
        programme, head = programme_of(attempt), Position(attempt.next_position - 1)
        async for some in closed_statements(connection, attempt.programme, self.types, self.period):
            named = [state.closing.partner for state, _ in some]
            partners = await LogStates(self.types).partners_at(connection, attempt.programme, named, head)
            for state, version in some:
                partner = partners[state.closing.partner]
                self._decide_one(programme, partner, state, attempt.now, version=version + 1)

    def _decide_one(
        self, programme: Programme, partner: Partner, state: ClosedPeriod, now: Instant, version: int
    ) -> None:
        currency = state.closing.statement.currency
        balance = balance_of(state.after, state.payable_minor)
        withheld = Money(amount_minor=balance.withheld_minor, currency=currency)
        before = _paid_before(state, self.reference, self.paid_on)
        if before is not None:
            amount = Money(amount_minor=before.amount_minor, currency=currency)
            self._paid.append(_Paid(partner=partner.id, amount=amount, withheld=withheld, event=None, version=version))
        elif balance.due_minor:
            due = Money(amount_minor=balance.due_minor, currency=currency)
            holds = payout_holds(partner, programme.terms_at(now).terms, local_date(now, programme.zone))
            if holds:
                self._held.append(_Held(partner=partner.id, due=due, holds=holds))
                return
            (event,) = pay_out(state, PayOut(reference=self.reference, paid_on=self.paid_on, holds=()))
            self._paid.append(_Paid(partner=partner.id, amount=due, withheld=withheld, event=event, version=version))

    def run(self, attempt: Attempt) -> Answer:
        """Record every payout, and show who gets what and who does not."""
        for paid in self._paid:
            if paid.event is not None:
                stream = period_stream(paid.partner, str(self.period))
                attempt.record(stream, paid.event, version=paid.version)
                attempt.put(period_key(paid.partner, str(self.period)), FORGOTTEN)
        return answer(attempt, self._document())

    def _document(self) -> Document:
        totals: dict[str, int] = {}
        for paid in self._paid:
            totals[paid.amount.currency] = totals.get(paid.amount.currency, 0) + paid.amount.amount_minor
        return {
            "period": str(self.period),
            "reference": self.reference,
            "paid_on": self.paid_on.isoformat(),
            "paid": [
                {"partner": paid.partner, "amount": money(paid.amount), "withheld": money(paid.withheld)}
                for paid in self._paid
            ],
            "held": [
                {"partner": held.partner, "due": money(held.due), "holds": [hold_document(hold) for hold in held.holds]}
                for held in self._held
            ],
            "totals": [
                money(Money(amount_minor=amount, currency=currency)) for currency, amount in sorted(totals.items())
            ],
        }


def _paid_before(state: ClosedPeriod, reference: str, paid_on: date) -> Payout | None:
    """The statement's settled payout of this reference and day, if there is one."""
    return next(
        (one for one in state.after.settled_payouts if (one.reference, one.paid_on) == (reference, paid_on)), None
    )
