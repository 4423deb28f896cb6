"""A programme, its partners, a clock and one account, for rules told as given, when, then.

Everything goes through the public functions of `domain/`. Registrations are named after their partners: the first of
`A` is `A`, its second `A2`; each may have a CRM deal of the same name.
"""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from domain.account.draft import Draft
from domain.account.evolve import AccountEvent
from domain.account.merged_deals import first_of
from domain.account.reminding import remind
from domain.account.state import Account, Case
from domain.calendar import local_date
from domain.conflict_case import aggregate as cases
from domain.conflict_case.commands import CaseCommand, DecideCase, InvestigateCase, MediateCase
from domain.conflict_case.customer_choice import RecordCustomerChoice, record_choice
from domain.conflict_case.events import Duplicate, Finding, Outcome
from domain.deal_registration import aggregate as registrations
from domain.deal_registration.aggregate import LinkDeal, RegisterDeal, RegistrationCommand
from domain.deal_registration.deal import DealFact, FactKind
from domain.deal_registration.deal_facts import ReportFact, parked, report
from domain.deal_registration.events import Engagement
from domain.deal_registration.merging import lead_to, said_of_all
from domain.ids import (
    AccountId,
    CaseId,
    DealRef,
    PartnerId,
    Position,
    Product,
    RegistrationId,
    Share,
)
from domain.matching import AccountFacts, keys_of
from domain.money import Money
from domain.name_likeness import name_keys
from domain.partner.acquisition import AcquirePartner, acquire
from domain.partner.events import PartnerEvent, PartnerReinstated, PartnerTerminated
from domain.programme.terms import Terms
from domain.recorded import Recorded
from domain.refusal import Refusal
from tests.domain.account_seen import AccountSeen

ACME = AccountFacts(name="Acme GmbH", country="DE", domain="acme.example", crm_id=None, site=None)


def usd(amount: int) -> Money:
    """Whole US dollars."""
    return Money(amount_minor=amount * 100, currency="USD")


class Scenario(AccountSeen):
    """What has happened so far, and what can happen next."""

    def __init__(
        self, *, zone: str = "UTC", now: str = "2026-02-20T12:00", terms: Terms | None = None, **settings: object
    ) -> None:
        self.account = Account(id=AccountId("acc_acme"))
        self.prefix = ""
        """What the names of registrations begin with."""
        self.history: list[Recorded[AccountEvent]] = []
        """The events on the account."""
        self.happened: tuple[AccountEvent, ...] = ()
        """The events of the last command on the account."""
        self.dropped: tuple[AccountEvent, ...] = ()
        """What the last refused command had drafted and nobody recorded."""
        self._deliveries = itertools.count(1)
        super().__init__(zone=zone, now=now, terms=terms, **settings)

    # partners

    def acquire(self, name: str, by: str, *, goes_over: int = 1) -> None:
        """The partner is bought by another one; the last command on the account is what that did there."""
        partner_id = PartnerId(name)
        buyer = self.partners[PartnerId(by)]
        command = AcquirePartner(by=buyer, reason="bought", now=self.now, today=self.today, goes_over=goes_over)
        for event in acquire(self.partners[partner_id], command):
            self._record_of_partner(partner_id, event)
            with self._draft() as draft:
                registrations.partner_acquired(draft, partner_id)

    def _follow_partner(self, partner: PartnerId, event: PartnerEvent) -> None:
        if isinstance(event, PartnerReinstated):
            self.catch_up()
        if isinstance(event, PartnerTerminated):
            with self._draft() as draft:
                registrations.partner_leaves(draft, partner, event.ends_at, fraud=event.cause == "fraud")

    # registrations

    def register(
        self,
        name: str,
        *products: str,
        value: Money | None = None,
        shares: Mapping[str, int] | None = None,
        deal_is_linked: bool = False,
        live_registrations: int = 0,
        facts: AccountFacts = ACME,
        segment: str | None = None,
        engagement: Engagement = "referral",
        duplicates: tuple[Duplicate, ...] = (),
        has_sales_owner: bool = False,
        one_deal: tuple[DealRef, ...] = (),
    ) -> str:
        """Partner `name` asks to be credited for products (`edge` unless said) on the account. Gives its name."""
        partner = self.partners[PartnerId(name)]
        number = 1 + sum(known.partner == name for known in self.account.registrations.values())
        registration = self.prefix + (name if number == 1 else f"{name}{number}")
        parts = shares or {name: 10_000}
        with self._draft() as draft:
            registrations.register(
                draft,
                RegisterDeal(
                    registration=RegistrationId(registration),
                    partner=partner,
                    sharing=tuple(self.partners[PartnerId(part)] for part in parts),
                    facts=facts,
                    segment=segment,
                    stated_crm_id=None,
                    keys=keys_of(facts),
                    products=tuple(Product(product) for product in products or ("edge",)),
                    value=value or usd(1_000),
                    engagement=engagement,
                    expected_close_on=None,
                    deal=DealRef(source="crm", id=registration),
                    deal_is_linked=deal_is_linked,
                    shares=_shares(parts),
                    live_registrations=live_registrations,
                    name_keys=name_keys(facts.name),
                    duplicates=duplicates,
                    has_sales_owner=has_sales_owner,
                    one_deal=one_deal,
                ),
            )
        return registration

    def decide(self, registration: str, command: RegistrationCommand) -> None:
        """A command on a registration."""
        with self._draft() as draft:
            registrations.decide(draft, RegistrationId(registration), command)

    def agree_shares(self, registration: str, shares: Mapping[str, int]) -> None:
        """The partners agree how a win would be shared."""
        sharing = tuple(self.partners[PartnerId(part)] for part in shares)
        self.decide(registration, registrations.AgreeShares(shares=_shares(shares), sharing=sharing))

    def relink(self, deal: str, registration: str, one_deal: tuple[DealRef, ...] = ()) -> None:
        """Staff links a deal, wherever it leads to now, to a registration; its facts go along."""
        reference, facts = DealRef(source="crm", id=deal), tuple[DealFact, ...]()
        linked = next((r for r in self.account.registrations.values() if reference in r.leading_deals), None)
        if linked is not None:
            facts = linked.deal_facts
            with self._draft() as draft:
                registrations.unlink_deal(draft, linked.id)
        command = LinkDeal(deal=reference, linked_elsewhere=False, by_staff=True, facts=facts, one_deal=one_deal)
        self.decide(registration, command)

    def merge_deals(self, *registrations: str) -> str:
        """The CRM merges the deals of these registrations. Gives the registration to which the one deal leads."""
        led = [self.leading(name) for name in registrations]
        linked = list({registration.id: registration for registration in led}.values())
        first = first_of(linked, said_of_all(linked))
        leaving = [registration.id for registration in linked if registration is not first]
        deals = tuple(sorted({d for one in linked for d in one.leading_deals}, key=lambda deal: deal.id))
        with self._draft() as draft:
            lead_to(draft, first.id, deals, leaving=leaving, facts=())
        return first.id

    def catch_up(self) -> None:
        """What fell due is written."""
        with self._draft() as draft:
            registrations.catch_up(draft)

    def choose(self, registration: str, letter: RecordCustomerChoice) -> tuple[CaseId, ...]:
        """The customer chose this registration's partner in writing. Gives the cases that say so."""
        with self._draft() as draft:
            return record_choice(draft, RegistrationId(registration), letter)

    def remind(self) -> None:
        """The timer writes the reminders that fell due."""
        with self._draft() as draft:
            remind(draft, self.now)

    @contextmanager
    def _draft(self) -> Iterator[Draft]:
        draft = Draft(
            self.account,
            account_id=self.account.id,
            programme=self.programme,
            partners=self.partners,
            now=self.now,
            next_position=Position(self.position + 1),
            actor="test",
            token=f"{self.position:x}_",
        )
        self.dropped = ()
        try:
            yield draft
        except Refusal:
            self.dropped = tuple(recorded.event for recorded in draft.events)
            raise
        self.account = draft.account
        self.happened = tuple(recorded.event for recorded in draft.events)
        self.history += draft.events
        self.log += draft.events
        self.position = Position(self.position + len(draft.events))

    # what the CRM says

    def fact(
        self,
        kind: FactKind,
        *,
        occurred: str | None = None,
        value: Money | None = None,
        on: str | None = None,
        refund_id: str | None = None,
    ) -> ReportFact:
        """What a delivery says; it happens now, and on the day of it, unless said."""
        occurred_at = self.now if occurred is None else self.instant(occurred)
        dated = kind in ("won", "refunded", "paid")
        return ReportFact(
            kind=kind,
            occurred_at=occurred_at,
            delivery=f"msg_{next(self._deliveries):04}",
            value=value,
            on=(local_date(occurred_at, self.programme.zone) if on is None else date.fromisoformat(on))
            if dated
            else None,
            refund_id=refund_id,
        )

    def report(self, registration: str, fact: ReportFact) -> bool:
        """A delivery about the registration's deal arrives now."""
        assert parked(self.programme, fact, self.now) is None
        lead, own = self.leading(registration), self.registration(registration).deal
        if own is not None and own != lead.deal:
            fact = replace(fact, deal=own.id)
        with self._draft() as draft:
            return report(draft, lead.id, fact)

    def won(
        self, registration: str, *, occurred: str | None = None, on: str | None = None, value: Money | None = None
    ) -> None:
        """The registration's deal is won."""
        self.report(registration, self.fact("won", occurred=occurred, on=on, value=value))

    def lost(self, registration: str, *, occurred: str | None = None) -> None:
        """The registration's deal is lost."""
        self.report(registration, self.fact("lost", occurred=occurred))

    def reopened(self, registration: str, *, occurred: str | None = None) -> None:
        """The registration's deal is open again."""
        self.report(registration, self.fact("reopened", occurred=occurred))

    def valued(self, registration: str, value: Money, *, occurred: str | None = None) -> None:
        """The CRM states the deal's value."""
        self.report(registration, self.fact("value_stated", value=value, occurred=occurred))

    def refunded(self, registration: str, amount: Money, refund_id: str, *, occurred: str | None = None) -> bool:
        """Money goes back to the customer."""
        return self.report(registration, self.fact("refunded", value=amount, refund_id=refund_id, occurred=occurred))

    # conflict cases

    def step(self, case: Case, command: CaseCommand) -> None:
        """The next step of a case."""
        with self._draft() as draft:
            cases.decide(draft, case.id, command)

    def investigate(self, case: Case) -> None:
        """Somebody begins to work on the case."""
        findings = (Finding(party="sales", fact="A met the customer in January", evidence=None),)
        self.step(case, InvestigateCase(findings=findings))

    def settle(self, case: Case, outcome: Outcome, shares: Mapping[str, int] | None = None) -> None:
        """The case is worked up to its decision; `shares` are those of a split."""
        self.investigate(case)
        self.step(case, MediateCase(summary=None, skipped="no need"))
        parts = shares or {}
        self.step(
            case,
            DecideCase(
                outcome=outcome,
                rule="§3.4",
                reason="it was so",
                shares=_shares(parts),
                sharing=tuple(self.partners[PartnerId(part)] for part in parts),
            ),
        )


def queue_of(*partners: str, **settings: object) -> Scenario:
    """The partners register one after another, all on 20 February at noon."""
    story = Scenario(**settings)  # type: ignore[arg-type]  # each test names real settings
    for partner in partners:
        story.register(partner)
    return story


@contextmanager
def refused(code: str) -> Iterator[Mapping[str, object]]:
    """What happens inside is refused with this code. Gives the facts of the refusal afterwards."""
    facts: dict[str, object] = {}
    with pytest.raises(Refusal) as raised:
        yield facts
    assert raised.value.code == code, raised.value
    facts |= raised.value.facts


def _shares(parts: Mapping[str, int]) -> tuple[Share, ...]:
    return tuple(Share(partner=PartnerId(part), basis_points=points) for part, points in parts.items())
