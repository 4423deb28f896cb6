"""A random but repeatable story of a sandbox programme, told through the service's own commands.

Requests that a rule refuses are part of it; everything else must succeed.
"""

import hashlib
import json
import random
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from domain.calendar import instant_from, instant_text, local_date, period_from, zone_named
from domain.conflict_case.commands import DecideCase, InvestigateCase, MediateCase
from domain.conflict_case.events import Finding, Outcome
from domain.deal_registration.aggregate import (
    ApproveRegistration,
    ExtendProtection,
    GrantExtension,
    RegistrationCommand,
    RejectRegistration,
    ReturnRegistration,
    WithdrawRegistration,
)
from domain.ids import (
    CaseId,
    DealRef,
    Instant,
    LeadId,
    PartnerId,
    Position,
    Product,
    ProgrammeId,
    RegistrationId,
    Share,
    ShareProposalId,
)
from domain.matching import AccountFacts
from domain.partner.aggregate import EnrolPartner, PartnerCommand, ReinstatePartner, SuspendPartner, TerminatePartner
from domain.partner.events import Agreement
from domain.programme.aggregate import MoveClock, Programme, StartProgramme
from domain.programme.exchange_rates import PublishExchangeRate
from domain.programme.terms import Approval, Terms
from domain.refusal import Refusal
from projections.checkpoints import START
from service.assembly import assembled
from service.commands.conflicts import TakeStep
from service.commands.deliveries import received
from service.commands.leads import Offer
from service.commands.partners import ChangePartner, ChangePartnerAndClaims
from service.commands.periods import Acknowledge, Close
from service.commands.programme import MoveSandboxClock, PublishRate, PublishTermsVersion, Start
from service.commands.registering import Register, fresh_token, wanted_of
from service.commands.registrations import ChangeRegistration
from service.commands.sharing import Propose
from service.database import Database, write
from service.event_names import EVENT_TYPES
from service.event_store import create_log
from service.payloads.registration import RegistrationFields
from service.running import Service
from service.statement_inputs import StatementReader
from service.work import Answer, DeliveryRow, Work
from tests.projections.settling import settle

PROGRAMME: Final = ProgrammeId("story")
DAY: Final = 86_400_000_000
BERLIN: Final = zone_named("Europe/Berlin")


@dataclass(slots=True)
class Story:
    """The programme so far. `chance` decides what happens; the same seed tells the same story, but for its ids."""

    service: Service
    chance: random.Random
    now: Instant
    partners: list[PartnerId] = field(default_factory=list)
    registrations: list[RegistrationId] = field(default_factory=list)
    leads: dict[RegistrationId, PartnerId] = field(default_factory=dict)
    cases: list[CaseId] = field(default_factory=list)
    deals: list[str] = field(default_factory=list)
    position: Position = START
    closed: list[str] = field(default_factory=list)
    _deliveries: int = 0

    async def submit(self, work: Work) -> dict[str, object] | None:
        """The answer's document; None when a rule refused."""
        try:
            answer: Answer = await self.service.submit(PROGRAMME, work)
        except Refusal:
            return None
        if answer.position is not None:
            self.position = max(self.position, Position(answer.position))
        document: dict[str, object] = json.loads(answer.body)
        return document

    async def enrol(self, partner: str, currency: str) -> None:
        """A partner comes, for everything everywhere."""
        agreement = Agreement(products=("*",), territories=("*",), effective_from=date(2025, 1, 1), ends_on=None)
        today = local_date(self.now, BERLIN)
        command = EnrolPartner(
            partner=PartnerId(partner), name=partner.title(), currency=currency, agreement=agreement, today=today
        )
        work = ChangePartner(actor="test", partner=PartnerId(partner), command=lambda _programme, _now: command)
        assert await self.submit(work) is not None
        self.partners.append(PartnerId(partner))

    async def register(
        self,
        partner: str,
        account: str,
        value: str,
        currency: str,
        products: list[str],
        *,
        shared_with: str | None = None,
    ) -> None:
        """A partner registers a deal, some with a part for another; behind somebody else a case opens."""
        deal = f"D-{len(self.deals) + 1}"
        others = [p for p in self.partners if p != partner]
        shares = None
        if self.chance.random() < 0.2:
            shared_with = self.chance.choice(others)
        if shared_with is not None:
            shares = [
                {"partner": partner, "basis_points": 6_500},
                {"partner": shared_with, "basis_points": 3_500},
            ]
        fields = RegistrationFields.model_validate_json(
            json.dumps(
                {
                    "partner": partner,
                    "account": {"name": account, "country": "DE"},
                    "products": products,
                    "value": {"amount": value, "currency": currency},
                    "engagement": "referral",
                    "shares": shares,
                }
            )
        )
        wanted = wanted_of(fields, partner=partner, deal=DealRef(source="crm", id=deal), crm_ids_count=True)
        document = await self.submit(Register(actor="test", wanted=wanted))
        if document is None:
            return
        self.deals.append(deal)
        self.registrations.append(RegistrationId(str(document["id"])))
        self.leads[self.registrations[-1]] = PartnerId(partner)
        standing = document["standing"]
        assert isinstance(standing, list)
        self.cases.extend(CaseId(place["conflict"]) for place in standing if place["conflict"] is not None)

    async def report(self, kind: str, **data: object) -> None:
        """The CRM says something about a deal."""
        self._deliveries += 1
        body = json.dumps({"type": kind, "timestamp": instant_text(self.now), "data": data}).encode()
        row = DeliveryRow(
            source="crm",
            delivery_id=f"msg_{self._deliveries}",
            received_at=self.now,
            body=body,
            body_hash=hashlib.sha256(body).digest(),
            headers="{}",
            outcome="applied",
        )
        assert await self.submit(received(row)) is not None

    async def move_clock(self, days: int) -> None:
        """Time passes, and what falls due is written."""
        self.now = Instant(self.now + days * DAY + self.chance.randrange(DAY))
        work = MoveSandboxClock(actor="test", command=MoveClock(now=self.now), token=fresh_token())
        assert await self.submit(work) is not None

    async def publish(self, protection_days: int, by: Approval) -> None:
        """Other terms hold from today."""

        def merge(terms: Terms, _currency: str) -> Terms:
            return replace(terms, protection_days=protection_days, approval=by, extension_approval=by)

        today = local_date(self.now, BERLIN)
        await self.submit(PublishTermsVersion(actor="test", effective_from=today, merge=merge))

    async def leave_something_open(self) -> None:
        """Protected registrations, one shared and one proposed to be, one in review, and a lead on offer."""
        await self.enrol("lucerne", "USD")
        await self.enrol("proseware", "USD")
        await self.publish(30, "automatic")
        await self.register("lucerne", "Left over", "1000.00", "USD", ["edge"])
        await self.propose_shares(self.registrations[-1], "proseware")
        await self.register("lucerne", "Left shared", "1000.00", "USD", ["edge"], shared_with="proseware")
        await self.publish(30, "manual")
        await self.register("lucerne", "Left in review", "1000.00", "USD", ["edge"])
        facts = AccountFacts(name="Left on offer", country="DE", domain=None, crm_id=None, site=None)
        lead = Offer(
            actor="test",
            lead=LeadId(f"lead_{fresh_token()}"),
            source=PartnerId("lucerne"),
            recipient=PartnerId("proseware"),
            facts=facts,
            products=(Product("edge"),),
            notes=None,
            only_of=None,
        )
        assert await self.submit(lead) is not None

    async def propose_shares(self, registration: RegistrationId, other: str) -> None:
        """By staff, half for the lead and half for another partner."""
        parts = (self.leads[registration], PartnerId(other))
        await self.submit(
            Propose(
                actor="test",
                registration=registration,
                only_of=None,
                proposal=ShareProposalId(f"shp_{fresh_token()}"),
                shares=tuple(Share(partner=part, basis_points=5_000) for part in parts),
                token=fresh_token(),
            )
        )

    async def close(self, period: str) -> None:
        """Finance closes a period for everybody, and some agree."""
        reader = StatementReader(EVENT_TYPES)
        work = Close(actor="test", period=period_from(period), partner=None, force=False, reader=reader)
        if await self.submit(work) is None:
            return
        self.closed.append(period)
        for partner in self.chance.sample(self.partners, 2):
            await self.submit(Acknowledge(actor="test", partner=partner, period=period_from(period)))
        for partner in self.partners:
            await settle(self, partner, period)

    async def step(self) -> None:
        """One thing happens."""
        happens = self.chance.choices(
            [
                self._registers,
                self._deal_moves,
                self._case_moves,
                self._partner_moves,
                self._rules_move,
                self._changes,
                self._proposes_shares,
                self._time_moves,
            ],
            weights=[30, 35, 12, 3, 3, 9, 6, 6],
        )[0]
        await happens()

    async def _registers(self) -> None:
        account = f"Customer {self.chance.randrange(1, 15)}"
        value = f"{self.chance.randrange(1_000, 300_000)}.{self.chance.randrange(100):02}"
        products = self.chance.sample(["edge", "core", "mesh"], self.chance.randrange(1, 3))
        currency = self.chance.choice(["USD", "USD", "EUR"])
        await self.register(self.chance.choice(self.partners), account, value, currency, products)

    async def _deal_moves(self) -> None:
        if not self.deals:
            return
        deal, today = self.chance.choice(self.deals), local_date(self.now, BERLIN)
        amount = {"amount": f"{self.chance.randrange(100, 20_000)}.00", "currency": self.chance.choice(["USD", "EUR"])}
        kind = self.chance.choice(["won", "won", "won", "refunded", "lost", "reopened", "value_changed"])
        data: dict[str, object] = {"deal_id": deal}
        if kind == "won":
            data["won_on"] = date.fromordinal(today.toordinal() - self.chance.randrange(40)).isoformat()
        elif kind == "refunded":
            data |= {"refund_id": f"R-{self._deliveries}", "amount": amount, "refunded_on": today.isoformat()}
        elif kind == "value_changed":
            data["value"] = amount | {"amount": f"{self.chance.randrange(1_000, 400_000)}.00"}
        await self.report(f"deal.{kind}", **data)

    async def _case_moves(self) -> None:
        if not self.cases:
            return
        case = self.chance.choice(self.cases)
        outcome: Outcome = self.chance.choice(["uphold", "reassign", "void"])
        for command in (
            InvestigateCase(findings=(Finding(party="sales", fact="met them first", evidence=None),)),
            MediateCase(summary=None, skipped="no need"),
            DecideCase(outcome=outcome, rule="§3.4", reason="it was so"),
        )[: self.chance.randrange(1, 4)]:
            await self.submit(TakeStep(actor="test", case=case, command=command, token=fresh_token()))

    async def _partner_moves(self) -> None:
        partner = self.chance.choice(self.partners)
        move = self.chance.choices(["suspend", "reinstate", "terminate"], weights=[4, 5, 1])[0]

        def command(_programme: Programme, now: Instant) -> PartnerCommand:
            if move == "terminate":
                return TerminatePartner(reason="we part", cause="other", last_day=None, ends_at=now)
            made = SuspendPartner if move == "suspend" else ReinstatePartner
            return made(reason="it seemed right", now=now)

        work = ChangePartnerAndClaims(actor="test", partner=partner, command=command, token=fresh_token())
        await self.submit(work)

    async def _rules_move(self) -> None:
        today = local_date(self.now, BERLIN)
        rate = f"1.{self.chance.randrange(1_000):03}"
        pair = self.chance.choice([("EUR", "USD"), ("USD", "EUR")])
        command = PublishExchangeRate(date=today, base=pair[0], quote=pair[1], rate=rate, replaces=True)
        await self.submit(PublishRate(actor="test", command=command))
        if self.chance.random() < 0.3:
            days = self.chance.randrange(10, 40)
            await self.publish(days, "manual" if self.chance.random() < 0.3 else "automatic")

    async def _changes(self) -> None:
        if not self.registrations:
            return
        commands: list[RegistrationCommand] = [
            WithdrawRegistration(reason="no more"),
            ExtendProtection(evidence="a meeting"),
            GrantExtension(),
            ApproveRegistration(),
            RejectRegistration(reason="too early", code="too_early"),
            ReturnRegistration(reason="unclear", fields=("value",)),
        ]
        work = ChangeRegistration(
            actor="test",
            registration=self.chance.choice(self.registrations),
            only_of=None,
            command=self.chance.choice(commands),
            token=fresh_token(),
        )
        await self.submit(work)

    async def _proposes_shares(self) -> None:
        if self.registrations:
            registration = self.chance.choice(self.registrations[-5:])
            others = [partner for partner in self.partners if partner != self.leads[registration]]
            await self.propose_shares(registration, self.chance.choice(others))

    async def _time_moves(self) -> None:
        before = local_date(self.now, BERLIN)
        await self.move_clock(self.chance.randrange(1, 25))
        after = local_date(self.now, BERLIN)
        if (before.month - 1) // 3 != (after.month - 1) // 3 and self.chance.random() < 0.8:
            await self.close("2025-Q4")
            await self.close(f"{before.year}-Q{(before.month - 1) // 3 + 1}")


async def begin(database: Database, seed: int) -> Story:
    """A sandbox programme with five partners and the first exchange rates; nobody follows its log yet."""
    service = assembled(database, follows=False)
    clock = instant_from("2026-01-05T09:00:00.000000Z")
    async with write(database.engine) as connection:
        await create_log(connection, PROGRAMME)
    story = Story(service, random.Random(seed), clock)
    start = StartProgramme(
        programme=PROGRAMME,
        time_zone="Europe/Berlin",
        currency="USD",
        sandbox=True,
        clock=clock,
        terms=Terms(),
    )
    assert await story.submit(Start(actor="test", command=start)) is not None
    for partner, currency in (
        ("northwind", "USD"),
        ("contoso", "EUR"),
        ("fabrikam", "USD"),
        ("tailspin", "USD"),
        ("wingtip", "EUR"),
    ):
        await story.enrol(partner, currency)
    return story
