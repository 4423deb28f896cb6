"""What the CRM says of the vendor's own sales, on its way into the log: direct deals and customers (rules §3)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import cast

from domain.calendar import local_date
from domain.deal_registration.deal_facts import Parked, ReportFact, parked, report
from domain.direct_deal.reporting import (
    OpenDirectDeal,
    RecordCustomer,
    open_direct_deal,
    parked_until_created,
    record_customer,
)
from domain.ids import AccountId, DealRef, Instant, Position, Product, RegistrationId
from service.attempt import Attempt
from service.commands.account_matching import Sought, account_meant, matching_needs, sought
from service.commands.found_by import waits_for_direct_deal
from service.commands.on_account import draft_of, programme_of, store
from service.commands.registering import facts_of, fresh_token
from service.commands.registrations import registration_needs
from service.commands.verdict import Verdict, held_back
from service.crm.reports import SalesReported
from service.payloads.direct_deals import DirectClosed, DirectOpened
from service.states import account_key
from service.work import DeliveryRow, Known, StateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A direct deal is won or lost. A win without a day is of the day on which it happened."""

    fact: ReportFact


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfSales:
    """A delivery's word on the vendor's own sales. `fresh_account` is an id for a customer that nobody knows yet."""

    command: OpenDirectDeal | RecordCustomer | Closing
    registration: RegistrationId | None
    deal: DealRef | None
    account: Sought | None
    fresh_account: AccountId
    token: str


def direct_registration(deal: DealRef) -> RegistrationId:
    """The id under which an opportunity of the vendor's own sales stands in the queues: one for each, for ever."""
    return RegistrationId(f"dir_{hashlib.sha256(f'{deal.source}/{deal.id}'.encode()).hexdigest()[:24]}")


def said_of_sales(said: SalesReported, row: DeliveryRow, token: str) -> SaidOfSales:
    """What a delivery asks for."""
    data = said.said
    deal = None if data.opportunity_id is None else DealRef(source=row.source, id=data.opportunity_id)
    account = None
    if not isinstance(data, DirectClosed):
        account = sought(facts_of(data.account, source=row.source, crm_id_counts=True))
    return SaidOfSales(
        command=_command(said, row, deal, account),
        registration=None if deal is None else direct_registration(deal),
        deal=deal,
        account=account,
        fresh_account=AccountId(f"acc_{fresh_token()}"),
        token=token,
    )


def _command(
    reported: SalesReported, row: DeliveryRow, deal: DealRef | None, account: Sought | None
) -> OpenDirectDeal | RecordCustomer | Closing:
    at, data = reported.occurred_at, reported.said
    fact = ReportFact(kind="reopened", occurred_at=at, delivery=row.delivery_id)
    if isinstance(data, DirectClosed):
        value = None if data.value is None else data.value.money
        return Closing(fact=replace(fact, kind=data.outcome, value=value, on=data.won_on, reason=data.reason))
    assert account is not None
    products = tuple(Product(product) for product in data.products or ())
    if isinstance(data, DirectOpened):
        assert deal is not None
        return OpenDirectDeal(
            registration=direct_registration(deal),
            facts=account.facts,
            keys=account.keys,
            products=products,
            value=None if data.value is None else data.value.money,
            deal=deal,
            created_at=at if data.created_at is None else Instant(data.created_at),
            fact=fact,
        )
    return RecordCustomer(
        facts=account.facts,
        keys=account.keys,
        products=products,
        since_on=data.since_on,
        deal=deal,
        fact=fact,
    )


def needs_of_sales(said: SaidOfSales, known: Known) -> Iterable[StateKey]:
    """The account of the direct deal, or those that the facts may be about."""
    if said.registration is not None:
        yield from registration_needs(said.registration, known)
    if said.account is not None:
        yield from matching_needs(said.account, known)


def apply_said_of_sales(attempt: Attempt, said: SaidOfSales, *, wanted_by_a_person: bool) -> Verdict:
    """Apply it, park it until its time or until its deal is known, or ignore what is no news."""
    command = _now(attempt, said.command, wanted_by_a_person)
    too_early_or_late = _parked(attempt, command)
    if too_early_or_late is not None:
        return held_back(too_early_or_late)
    account = _account(attempt, said)
    if account is None:
        assert said.deal is not None
        return Verdict(outcome="parked", reason="UNKNOWN_DEAL", waits_for=waits_for_direct_deal(said.deal))
    draft = draft_of(attempt, account, said.token)
    if isinstance(command, OpenDirectDeal):
        is_news = open_direct_deal(draft, command)
    elif isinstance(command, RecordCustomer):
        is_news = record_customer(draft, command)
    else:
        assert said.registration is not None
        is_news = report(draft, said.registration, command.fact)
    if not is_news:
        return Verdict(outcome="ignored")
    store(attempt, draft)
    return Verdict(outcome="applied", position=Position(attempt.events[-1].position))


def _now(
    attempt: Attempt, command: OpenDirectDeal | RecordCustomer | Closing, wanted_by_a_person: bool
) -> OpenDirectDeal | RecordCustomer | Closing:
    """The command with what only the programme knows: the day of a win that the CRM does not state."""
    fact = replace(command.fact, wanted_by_a_person=wanted_by_a_person)
    if fact.kind == "won" and fact.on is None:
        fact = replace(fact, on=local_date(fact.occurred_at, programme_of(attempt).zone))
    return replace(command, fact=fact)


def _parked(attempt: Attempt, command: OpenDirectDeal | RecordCustomer | Closing) -> Parked | None:
    programme, now = programme_of(attempt), attempt.now
    if isinstance(command, OpenDirectDeal):
        return parked_until_created(programme, command, now)
    return parked(programme, command.fact, now)


def _account(attempt: Attempt, said: SaidOfSales) -> AccountId | None:
    """Where the direct deal stands already, else the account that the facts are about, else a fresh one."""
    if said.registration is not None:
        known = cast("AccountId | None", attempt.state(("registration", said.registration)))
        if known is not None or said.account is None:
            return known
    assert said.account is not None
    meant = account_meant(attempt, said.account).account
    if meant is None:
        attempt.begin(account_key(said.fresh_account))
    return meant or said.fresh_account
