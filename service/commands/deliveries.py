"""Webhooks' deliveries: what each says is applied, ignored, refused or parked, and kept with its raw body.

The delivery and what it caused are one transaction. A parked delivery runs again, through the same code, when its deal
becomes known, when its day comes, or when a person says so.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import cast

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.deal_registration.deal_facts import parked, report
from domain.ids import DealRef, Position
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.account_merges import AccountsSaid, accounts_said, apply_account_merge, needs_of_account_merge
from service.commands.deal_merges import (
    DealsSaid,
    apply_deal_merge,
    deals_said,
    needs_of_deal_merge,
)
from service.commands.direct_deals import SaidOfSales, apply_said_of_sales, needs_of_sales, said_of_sales
from service.commands.found_by import waits_for_deal
from service.commands.known_deals import known_deal, under_another_id
from service.commands.on_account import ON_AN_ACCOUNT, draft_of, encode, programme_of, store
from service.commands.registering import Wanted, needs_of, register_wanted, wanted_of
from service.commands.verdict import Verdict, held_back
from service.crm.reports import (
    AccountsMergeReported,
    DealsMergeReported,
    FactReported,
    Malformed,
    NothingToUs,
    RegistrationRequested,
    Report,
    SalesReported,
    read_report,
)
from service.presentation.values import Document
from service.record_look_up import find_deliveries
from service.state_look_ups import KnownDeal
from service.states import account_key
from service.work import (
    Answer,
    Cause,
    DeliveryRef,
    DeliveryRow,
    Known,
    RequestKey,
    StateKey,
    Work,
    cause_of_delivery,
    stream_key,
)


@dataclass(kw_only=True)
class Deliver(Work):
    """A delivery, just received or parked before. Its `row` has what arrived; the outcome in it is yet to be found."""

    row: DeliveryRow
    said: Report
    wanted: Wanted | None
    of_sales: SaidOfSales | None
    of_accounts: AccountsSaid | None = None
    of_deals: DealsSaid | None = None
    wanted_by_a_person: bool = False
    again: bool = False
    """True: this delivery was parked and is taken up now."""

    def __post_init__(self) -> None:
        """A delivery's source is who did it, and its body why."""
        row = self.row
        self.actor = f"source:{row.source}"
        self.cause: Cause | None = cause_of_delivery(row.source, row.delivery_id, row.body_hash)
        self.delivery = DeliveryRef(row.source, row.delivery_id, row.body_hash)
        self.size_bytes = 1024 + len(row.body or b"")

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The rule book and what the delivery speaks of."""
        yield from ON_AN_ACCOUNT
        if self.wanted is not None:
            yield from needs_of(self.wanted, known)
        if self.of_sales is not None:
            yield from needs_of_sales(self.of_sales, known)
        if self.of_accounts is not None:
            yield from needs_of_account_merge(self.of_accounts, known)
        if isinstance(self.said, FactReported):
            deal: StateKey = ("deal", self.row.source, self.said.deal_id)
            yield deal
            linked = cast("KnownDeal | None", known(deal))
            if linked is not None and linked.account is not None:
                yield account_key(linked.account)
                yield stream_key(f"deal_registration/{linked.registration}")
        if self.of_deals is not None:
            yield from needs_of_deal_merge(self.of_deals, known)

    def run(self, attempt: Attempt) -> Answer:
        """Find out what becomes of it, keep it, and say so."""
        found = attempt.found_delivery
        if attempt.delivery_conflicts:
            attempt.keep_rival(self.row)
            refusal = Refusal(
                "DELIVERY_ID_REUSED", f"Delivery {self.row.delivery_id} arrived before with another body."
            )
            return Answer(body=b"", refusal=refusal)
        if found is not None and not self.again:
            return Answer(body=encode(delivery_answer(found, outcome="duplicate")), position=found.position)
        verdict = self._verdict(attempt)
        row = replace(
            self.row,
            outcome=verdict.outcome,
            reason=verdict.reason,
            errors=None if verdict.errors is None else encode(verdict.errors).decode(),
            position=verdict.position,
            waits_for=verdict.waits_for,
            registration=verdict.registration,
        )
        row = replace(row, answer=encode(delivery_answer(row)))
        attempt.keep(row)
        return Answer(body=row.answer, position=row.position)

    def _verdict(self, attempt: Attempt) -> Verdict:
        said = self.said
        if isinstance(said, NothingToUs):
            return Verdict(outcome="ignored")
        if isinstance(said, Malformed):
            return Verdict(outcome="refused", reason="MALFORMED", errors=said.errors)
        try:
            if isinstance(said, RegistrationRequested):
                return self._registered(attempt)
            if isinstance(said, FactReported):
                return self._fact(attempt, said)
            if self.of_deals is not None:
                return apply_deal_merge(attempt, self.of_deals, wanted_by_a_person=self.wanted_by_a_person)
            if self.of_accounts is not None:
                return apply_account_merge(attempt, self.of_accounts, wanted_by_a_person=self.wanted_by_a_person)
            assert self.of_sales is not None
            return apply_said_of_sales(attempt, self.of_sales, wanted_by_a_person=self.wanted_by_a_person)
        except Refusal as refusal:
            return Verdict(outcome="refused", reason=refusal.code)

    def _registered(self, attempt: Attempt) -> Verdict:
        assert self.wanted is not None
        register_wanted(attempt, self.wanted)
        return Verdict(
            outcome="applied", position=Position(attempt.events[-1].position), registration=self.wanted.registration
        )

    def _fact(self, attempt: Attempt, said: FactReported) -> Verdict:
        linked = known_deal(attempt, DealRef(source=self.row.source, id=said.deal_id))
        if linked is None or linked.registration is None or linked.account is None:
            waits_for = waits_for_deal(self.row.source, said.deal_id)
            return Verdict(outcome="parked", reason="UNKNOWN_DEAL", waits_for=waits_for)
        registration = linked.registration
        fact = replace(said.fact, wanted_by_a_person=self.wanted_by_a_person)
        too_early_or_late = parked(programme_of(attempt), fact, attempt.now)
        if too_early_or_late is not None:
            return held_back(too_early_or_late, registration)
        draft = draft_of(attempt, linked.account, _token_of(self.row))
        fact = replace(fact, deal=under_another_id(draft.account.registrations[registration], said.deal_id))
        if not report(draft, registration, fact):
            return Verdict(outcome="ignored", registration=registration)
        store(attempt, draft)
        return Verdict(outcome="applied", position=Position(attempt.events[-1].position), registration=registration)


def received(row: DeliveryRow) -> Deliver:
    """The work for a delivery that just arrived. Raises NotJson for a body that is not JSON."""
    assert row.body is not None
    said = read_report(row.body, row.delivery_id)
    of_sales = said_of_sales(said, row, _token_of(row)) if isinstance(said, SalesReported) else None
    work = Deliver(row=row, said=said, wanted=_wanted(row, said), of_sales=of_sales)
    if isinstance(said, AccountsMergeReported):
        work.of_accounts = accounts_said(said, row, _token_of(row))
    if isinstance(said, DealsMergeReported):
        work.of_deals = deals_said(said, row, _token_of(row))
    return work


def taken_up(row: DeliveryRow, *, wanted_by_a_person: bool = False) -> Deliver:
    """The work for a delivery that was parked."""
    work = received(row)
    work.again = True
    work.wanted_by_a_person = wanted_by_a_person
    return work


def _wanted(row: DeliveryRow, said: Report) -> Wanted | None:
    if not isinstance(said, RegistrationRequested):
        return None
    deal = DealRef(source=row.source, id=said.deal_id)
    return wanted_of(said.registration, partner=said.registration.partner, deal=deal, crm_ids_count=True)


def _token_of(row: DeliveryRow) -> str:
    """A name for what this delivery opens, from which nobody who sees it learns what was delivered."""
    name = b"\n".join((row.source.encode(), row.delivery_id.encode(), row.body_hash))
    return hashlib.sha256(name).hexdigest()[:24]


@dataclass(kw_only=True)
class Retry(Work):
    """A person wants a parked delivery to be applied whatever its age."""

    actor: str
    source: str
    delivery_id: str
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _found: DeliveryRow | None = field(default=None, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads the delivery and what it speaks of."""
        name = (self.source, self.delivery_id)
        self._found = found = (await find_deliveries(connection, attempt.programme, [name])).get(name)
        if found is not None:
            self.cause = cause_of_delivery(found.source, found.delivery_id, found.body_hash)

    def run(self, attempt: Attempt) -> Answer:
        """Take it up again, as if it had just arrived."""
        found = self._found
        if found is None:
            raise Refusal("NOT_FOUND", f"There is no delivery {self.delivery_id} of {self.source}.")
        if found.outcome != "parked" or found.body is None:
            raise Refusal("WRONG_STATE", f"The delivery is {found.outcome}; only a parked one is taken up again.")
        return taken_up(found, wanted_by_a_person=True).run(attempt)


def delivery_answer(row: DeliveryRow, outcome: str | None = None) -> Document:
    """What a webhook's sender is answered."""
    document: Document = {
        "delivery": row.delivery_id,
        "outcome": outcome or row.outcome,
        "position": row.position,
        "reason": row.reason,
        "registration": row.registration,
    }
    if row.errors is not None:
        document["errors"] = msgspec.json.decode(row.errors)
    return document
