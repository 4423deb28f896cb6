"""A random history with all that `statements.sql` knows of, told through the service's own commands.

Partners 0 to 24 compete for accounts: claims wait, cases are decided, protection lapses and the next is promoted. The
others have accounts of their own, with shares, other currencies, suspensions, and deals that are told late, backdated,
reopened and won again. Three quarters pass, of which two are closed.
"""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from benchmarks.history import PARTNERS, PROGRAMME, History, enrolment, partner_of
from domain.calendar import local_date, zone_named
from domain.conflict_case.aggregate import CaseCommand, DecideCase, InvestigateCase, MediateCase
from domain.conflict_case.events import Finding, Outcome
from domain.deal_registration.aggregate import ExtendProtection, RegistrationCommand, WithdrawRegistration
from domain.ids import CaseId, DealRef, Instant, RegistrationId
from domain.partner.aggregate import ReinstatePartner, SuspendPartner
from domain.programme.terms import Band, Terms
from domain.refusal import Refusal
from service.assembly import assembled
from service.commands.conflicts import TakeStep
from service.commands.partners import ChangePartner, ChangePartnerAndClaims
from service.commands.programme import PublishTermsVersion
from service.commands.registering import Register, fresh_token, wanted_of
from service.commands.registrations import ChangeRegistration
from service.database import Database
from service.payloads.registration import RegistrationFields
from service.running import Service
from service.work import Work

COMPETING: Final = 25
WEEKS: Final = 36
DAY: Final = 86_400_000_000
CURRENCIES: Final = {25: "EUR", 26: "JPY", 27: "EUR", 28: "KWD"}


@dataclass(slots=True)
class Claimed:
    """A deal that was registered, and what the story has done with it."""

    deal: str
    registration: RegistrationId
    partner: int
    account: int
    cases: tuple[CaseId, ...]
    is_over: bool = False
    wins: int = 0


@dataclass(slots=True)
class RandomHistory(History):
    """The programme so far. The same seed tells the same story, but for its ids and the order of what runs at once."""

    claimed: dict[str, Claimed] = field(default_factory=dict)
    sold: set[int] = field(default_factory=set)
    """The accounts on which a deal was won: nobody registers or decides there afterwards."""

    async def settle(self) -> None:
        """The partners, and the rates of the year's beginning: some are not published yet."""
        await self.submit(*(enrolment(partner_of(number), CURRENCIES.get(number, "USD")) for number in range(PARTNERS)))
        await self.submit(
            self.rate(date(2026, 1, 1), "EUR", "USD", "1.1037"),
            self.rate(date(2026, 1, 1), "USD", "EUR", "0.906043"),
            self.rate(date(2026, 2, 10), "USD", "JPY", "149.337"),
            self.rate(date(2026, 1, 1), "EUR", "JPY", "164.81"),
        )

    async def register_some(self, first: int, after: int) -> None:
        """Accounts are registered; on one of six of the competing ones, a rival asks for the same product."""
        wanted, rivals = [], []
        for number in range(first, after):
            partner = self.chance.randrange(PARTNERS)
            wanted.append(self.register(number, partner, f"D-{number}"))
            if partner < COMPETING and self.chance.random() < 0.16:
                rival = (partner + self.chance.randrange(1, COMPETING)) % COMPETING
                rivals.append(self.register(number, rival, f"D-{number}-rival"))
        await asyncio.gather(*wanted)
        await asyncio.gather(*rivals)

    async def register(self, account: int, partner: int, deal: str) -> None:
        """One registration; who competes asks for one product, others for some, with shares and in any currency."""
        alone = partner >= COMPETING
        products = self.chance.sample(["core", "edge", "mesh"], self.chance.randrange(1, 3)) if alone else ["edge"]
        wanted: dict[str, Any] = {
            "partner": partner_of(partner),
            "account": {"name": f"Customer {account} GmbH", "country": "DE", "domain": f"customer{account}.example"},
            "products": products,
            "value": self.amount(1_000, 90_000, "USD" if not alone else self.chance.choice(["USD", "USD", "EUR"])),
            "engagement": "referral",
        }
        if alone and self.chance.random() < 0.3:
            others = self.chance.sample([n for n in range(COMPETING, PARTNERS) if n != partner], 2)
            parts = self.chance.choice([(3_333, 3_333, 3_334), (6_700, 1_650, 1_650), (5_000, 2_500, 2_500)])
            named = zip((partner, *others), parts, strict=True)
            wanted["shares"] = [{"partner": partner_of(one), "basis_points": points} for one, points in named]
        fields = RegistrationFields.model_validate_json(json.dumps(wanted))
        asked = wanted_of(fields, partner=partner_of(partner), deal=DealRef(source="crm", id=deal), crm_ids_count=True)
        try:
            given = await self.service.submit(PROGRAMME, Register(actor="test", wanted=asked))
        except Refusal:
            return  # somebody in it is suspended
        answer = json.loads(given.body)
        cases = tuple(CaseId(place["conflict"]) for place in answer["standing"] if place["conflict"] is not None)
        self.claimed[deal] = Claimed(
            deal=deal, registration=RegistrationId(answer["id"]), partner=partner, account=account, cases=cases
        )

    def amount(self, least: int, most: int, currency: str = "USD") -> dict[str, str]:
        """Any amount with cents."""
        return {"amount": f"{self.chance.randrange(least, most)}.{self.chance.randrange(100):02}", "currency": currency}

    async def cases_are_worked(self) -> None:
        """Some cases are decided before anything is won on their account; some are only looked into."""
        for claimed in list(self.claimed.values()):
            for case in claimed.cases:
                if claimed.account in self.sold or claimed.is_over or self.chance.random() < 0.8:
                    continue
                outcomes: list[Outcome | None] = ["uphold", "reassign", "void", None]
                outcome = self.chance.choice(outcomes)
                steps: list[CaseCommand] = [
                    InvestigateCase(findings=(Finding(party="sales", fact="So.", evidence=None),))
                ]
                if outcome is not None:
                    claimed.is_over = True
                    steps.append(MediateCase(summary=None, skipped="No need."))
                    steps.append(DecideCase(outcome=outcome, rule="§3", reason="So."))
                for step in steps:
                    await self.submit(TakeStep(actor="test", case=case, command=step, token=fresh_token()))

    async def claims_change(self) -> None:
        """Partners withdraw, and ask for longer protection."""
        works: list[Work] = []
        for claimed in self.claimed.values():
            if claimed.account in self.sold:
                continue
            if self.chance.random() < 0.01:
                works.append(self.change(claimed, WithdrawRegistration(reason="No budget.")))
            elif self.chance.random() < 0.04:
                works.append(self.change(claimed, ExtendProtection(evidence="A meeting.")))
        await self.submit(*works)

    def change(self, claimed: Claimed, command: RegistrationCommand) -> Work:
        """A command on one registration."""
        return ChangeRegistration(
            actor="test", registration=claimed.registration, only_of=None, command=command, token=fresh_token()
        )

    async def deals_move(self) -> None:
        """What the CRM says in a week: first of wins, then of what became of deals that were won before."""
        recent = list(self.claimed.values())
        before = [one for one in recent if one.wins]
        wins: list[Work] = []
        for claimed in self.chance.sample(recent, len(recent) // 6):
            if claimed.account not in self.sold:
                self.sold.add(claimed.account)
                claimed.wins = 1
                wins.append(self.win(claimed))
        told = [self.afterwards(one) for one in before if self.chance.random() < 0.12]
        await self.submit(*wins)
        for nth in range(2):
            await self.submit(*(works[nth] for works in told if len(works) > nth))

    def win(self, claimed: Claimed) -> Work:
        """The deal is won: today, or some days ago where nobody competes, whenever it was registered."""
        ago = self.chance.choice([0, 0, 0, 3, 12, 40]) if claimed.partner >= COMPETING else 0
        said: dict[str, object] = {"deal_id": claimed.deal, "won_on": self.day(ago)}
        return self.report("deal.won", at=Instant(self.now - ago * DAY), **said)

    def afterwards(self, claimed: Claimed) -> list[Work]:
        """Refunds (some are told twice), values, and, where nobody competes, reopened and perhaps won again."""
        deal, today = claimed.deal, self.day(0)
        chance = self.chance.random()
        if chance < 0.4:
            ago = Instant(self.now - self.chance.choice([0, 5, 60]) * DAY)
            refund: dict[str, Any] = {
                "refund_id": f"R-{self.chance.randrange(3)}",
                "amount": self.amount(1, 4_000, "USD"),
            }
            report: dict[str, Any] = {"deal_id": deal, "refunded_on": today, **refund}
            return [self.report("deal.refunded", at=ago, **report) for _ in range(self.chance.randrange(1, 3))]
        if chance < 0.7:
            ago = Instant(self.now - self.chance.choice([0, 2, 70]) * DAY)
            return [self.report("deal.value_changed", at=ago, deal_id=deal, value=self.amount(500, 120_000))]
        if claimed.partner < COMPETING or claimed.wins > 1:
            return []
        claimed.wins += 1
        again = self.report("deal.won", at=Instant(self.now + 1), deal_id=deal, won_on=today)
        reopened = self.report("deal.reopened", deal_id=deal)
        return [reopened, again] if self.chance.random() < 0.7 else [reopened]

    def day(self, ago: int) -> str:
        """A day so many days ago, in this year: nobody would close the one before."""
        return max(local_date(self.now, self.zone) - timedelta(days=ago), date(2026, 1, 1)).isoformat()

    async def rules_change(self, week: int) -> None:
        """New rates, other tiers in the middle of a quarter, another method with the next, a minimum payout; holds."""
        today = local_date(self.now, self.zone)
        if week == 9:
            await self.submit(self.rate(today, "USD", "KWD", "0.307"), self.rate(today, "EUR", "KWD", "0.3391"))
        if week % 8 == 5:
            await self.submit(self.rate(today, "EUR", "USD", f"1.{self.chance.randrange(1000, 1300)}"))
        changes: dict[int, Callable[[Terms, str], Terms]] = {7: _other_tiers, 19: _retroactive, 27: _minimum_payout}
        if week in changes:
            await self.submit(PublishTermsVersion(actor="test", effective_from=today, merge=changes[week]))
        suspended = partner_of(30 + week % 6)
        hold = SuspendPartner(reason="So.", now=self.now)
        release = ReinstatePartner(reason="So.", now=self.now)
        if week % 2:
            await self.submit(ChangePartner(actor="test", partner=suspended, command=lambda _programme, _now: hold))
        elif week % 5:
            back = partner_of(30 + (week - 1) % 6)
            token = fresh_token()
            await self.submit(
                ChangePartnerAndClaims(
                    actor="test", partner=back, command=lambda _programme, _now: release, token=token
                )
            )


def _other_tiers(terms: Terms, _currency: str) -> Terms:
    bands = ((0, 1_250), (5_000_033, 1_875), (20_000_000, 2_200), (90_000_000, 3_001))
    return replace(terms, tiers=tuple(Band(from_minor=start, rate_basis_points=rate) for start, rate in bands))


def _retroactive(terms: Terms, _currency: str) -> Terms:
    return replace(terms, method="retroactive")


def _minimum_payout(terms: Terms, _currency: str) -> Terms:
    return replace(terms, minimum_payout_minor=150_000)


async def tell(database: Database, registrations: int, seed: int) -> Service:
    """About eight events for each registration. The service is left open."""
    service = assembled(database, follows=False)
    story = RandomHistory(service, random.Random(seed), zone=zone_named("UTC"))
    await story.start()
    await story.settle()
    for week in range(1, WEEKS + 1):
        await story.register_some(registrations * (week - 1) // WEEKS, registrations * week // WEEKS)
        await story.cases_are_worked()
        await story.claims_change()
        await story.deals_move()
        await story.rules_change(week)
        await story.pass_a_week()
    return service
