"""What a bank is told to pay for a period: what was recorded under a reference, or what is due now (rules §7)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date

from domain.calendar import Period, local_date
from domain.commission_period.after_closing import balance_of
from domain.commission_period.payouts import payout_holds
from domain.ids import PartnerId
from domain.money import Money
from service.bank_accounts import VENDOR, BankAccount, find_bank_accounts
from service.closed_statements import closed_statements
from service.reading import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One partner's payment; `account` is None until finance has stated one."""

    partner: PartnerId
    name: str
    amount: Money
    period: str
    reference: str | None
    pay_on: date
    account: BankAccount | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """All payments of a file, by partner, and the account that they are made from (None: not stated)."""

    payments: tuple[Payment, ...]
    vendor: BankAccount | None


async def payment_order(
    moment: Moment, period: Period, *, reference: str | None, currency: str | None, pay_on: date | None
) -> PaymentOrder:
    """The payments of a reference that did not fail; without one what is due to whoever may be paid today."""
    if reference is None:
        today = local_date(moment.now, moment.programme.zone)
        found = [payment async for payment in _due(moment, period, today, pay_on or today)]
    else:
        found = [payment async for payment in _recorded(moment, period, reference)]
    wanted = [payment for payment in found if currency in (None, payment.amount.currency)]
    partners = await moment.partners({payment.partner for payment in wanted})
    owners = [VENDOR, *(payment.partner for payment in wanted)]
    accounts = await find_bank_accounts(moment.connection, moment.programme.id, owners)
    payments = (
        replace(payment, name=partners[payment.partner].name, account=accounts.get(payment.partner))
        for payment in wanted
    )
    return PaymentOrder(payments=tuple(payments), vendor=accounts.get(VENDOR))


async def _recorded(moment: Moment, period: Period, reference: str) -> AsyncIterator[Payment]:
    async for some in closed_statements(moment.connection, moment.programme.id, moment.types, period):
        for state, _ in some:
            stated = state.closing.statement
            for payout in state.after.settled_payouts:
                if payout.reference == reference:
                    amount = Money(amount_minor=payout.amount_minor, currency=stated.currency)
                    yield _payment(stated.partner, amount, period, reference, payout.paid_on)


async def _due(moment: Moment, period: Period, today: date, pay_on: date) -> AsyncIterator[Payment]:
    terms = moment.programme.terms_at(moment.now).terms
    async for some in closed_statements(moment.connection, moment.programme.id, moment.types, period):
        partners = await moment.partners({state.closing.partner for state, _ in some})
        for state, _ in some:
            stated = state.closing.statement
            due = balance_of(state.after, state.payable_minor).due_minor
            if due and not payout_holds(partners[stated.partner], terms, today):
                amount = Money(amount_minor=due, currency=stated.currency)
                yield _payment(stated.partner, amount, period, None, pay_on)


def _payment(partner: PartnerId, amount: Money, period: Period, reference: str | None, pay_on: date) -> Payment:
    return Payment(
        partner=partner,
        name="",
        amount=amount,
        period=str(period),
        reference=reference,
        pay_on=pay_on,
        account=None,
    )
