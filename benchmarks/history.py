"""A programme's half year for the benchmarks: many deals of forty partners, told through the service's own commands."""

import asyncio
import contextlib
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.calendar import instant_from, instant_text, local_date, period_from, zone_named
from domain.commission.credit import Credit, DealOutcome
from domain.ids import DealRef, Instant, LineId, PartnerId, Position, Product, ProgrammeId, RegistrationId, Share
from domain.money import Money
from domain.partner.aggregate import EnrolPartner
from domain.partner.events import Agreement
from domain.programme.aggregate import MoveClock, StartProgramme
from domain.programme.exchange_rates import PublishExchangeRate
from domain.programme.terms import Terms
from domain.refusal import Refusal
from service.assembly import assembled
from service.commands.deliveries import received
from service.commands.partners import ChangePartner
from service.commands.periods import Close
from service.commands.programme import MoveSandboxClock, PublishRate, Start
from service.commands.registering import Register, fresh_token, wanted_of
from service.database import Database, write
from service.event_store import create_log
from service.payloads.registration import RegistrationFields
from service.running import Service
from service.work import DeliveryRow, Work

PROGRAMME: Final = ProgrammeId("benchmark")
PARTNERS: Final = 40
WEEKS: Final = 26
WEEK: Final = 7 * 86_400_000_000
ZONE: Final = zone_named("Europe/Berlin")
AT_ONCE: Final = 200
BEGINS: Final = instant_from("2026-01-05T09:00:00.000000Z")


@dataclass(slots=True)
class History:
    """The programme so far; the same seed tells the same story, but for its ids."""

    service: Service
    chance: random.Random
    now: Instant = BEGINS
    zone: ZoneInfo = ZONE
    deals: list[str] = field(default_factory=list)
    _deliveries: int = 0

    async def submit(self, *works: Work) -> None:
        """Carry out works that belong together, many at once."""
        for first in range(0, len(works), AT_ONCE):
            some = works[first : first + AT_ONCE]
            await asyncio.gather(*(self._submit(work) for work in some))

    async def _submit(self, work: Work) -> None:
        """Carry out one; a rule may refuse it (a partner that registers an account twice, say)."""
        with contextlib.suppress(Refusal):
            await self.service.submit(PROGRAMME, work)

    async def begin(self) -> None:
        """The programme, its partners and an exchange rate."""
        await self.start()
        await self.submit(*(enrolment(partner_of(number)) for number in range(PARTNERS)))
        await self.submit(self.rate(date(2026, 1, 1), "EUR", "USD", "1.10"))

    async def start(self) -> None:
        """The programme alone."""
        async with write(self.service.engine) as connection:
            await create_log(connection, PROGRAMME)
        start = StartProgramme(
            programme=PROGRAMME,
            time_zone=str(self.zone),
            currency="USD",
            sandbox=True,
            clock=self.now,
            terms=Terms(),
        )
        await self.submit(Start(actor="benchmark", command=start))

    def rate(self, day: date, base: str, quote: str, rate: str) -> Work:
        """An exchange rate is published."""
        command = PublishExchangeRate(date=day, base=base, quote=quote, rate=rate, replaces=False)
        return PublishRate(actor="benchmark", command=command)

    def registration(self, number: int) -> Register:
        """One of ten asks for an account that somebody else may have."""
        account = number if self.chance.random() > 0.1 or not number else self.chance.randrange(number)
        partner = partner_of(self.chance.randrange(PARTNERS))
        self.deals.append(f"D-{number}")
        wanted = {
            "partner": partner,
            "account": {"name": f"Customer {account} GmbH", "country": "DE", "domain": f"customer{account}.example"},
            "products": self.chance.sample(["edge", "core", "mesh"], self.chance.randrange(1, 3)),
            "value": {"amount": f"{self.chance.randrange(1_000, 90_000)}.00", "currency": "USD"},
            "engagement": "referral",
        }
        fields = RegistrationFields.model_validate_json(json.dumps(wanted))
        deal = DealRef(source="crm", id=f"D-{number}")
        return Register(actor="benchmark", wanted=wanted_of(fields, partner=partner, deal=deal, crm_ids_count=True))

    def reports(self, deals: Sequence[str]) -> list[Work]:
        """What the CRM says about these deals in a week."""
        works: list[Work] = []
        today = local_date(self.now, self.zone).isoformat()
        for deal in deals:
            chance = self.chance.random()
            amount = {"amount": f"{self.chance.randrange(1_000, 90_000)}.00", "currency": "USD"}
            if chance < 0.4:
                works.append(self.report("deal.value_changed", deal_id=deal, value=amount))
            elif chance < 0.8:
                works.append(self.report("deal.won", deal_id=deal, won_on=today))
            elif chance < 0.85:
                works.append(self.report("deal.lost", deal_id=deal))
            elif chance < 0.9:
                refund: dict[str, Any] = {"refund_id": f"R-{self._deliveries}", "amount": amount | {"amount": "500.00"}}
                works.append(self.report("deal.refunded", deal_id=deal, refunded_on=today, **refund))
        return works

    def report(self, kind: str, *, at: Instant | None = None, **data: object) -> Work:
        """One delivery, of what happened `at` an instant (now, by default)."""
        self._deliveries += 1
        stamp = instant_text(self.now if at is None else at)
        body = json.dumps({"type": kind, "timestamp": stamp, "data": data}).encode()
        return received(
            DeliveryRow(
                source="crm",
                delivery_id=f"msg_{self._deliveries}",
                received_at=self.now,
                body=body,
                body_hash=hashlib.sha256(body).digest(),
                headers="{}",
                outcome="applied",
            )
        )

    async def pass_a_week(self) -> None:
        """The clock moves, and what fell due is written; after a quarter its statements are closed."""
        before = local_date(self.now, self.zone)
        self.now = Instant(self.now + WEEK)
        await self.submit(MoveSandboxClock(actor="benchmark", command=MoveClock(now=self.now), token=fresh_token()))
        if (before.month - 1) // 3 != (local_date(self.now, self.zone).month - 1) // 3:
            period = period_from(f"{before.year}-Q{(before.month - 1) // 3 + 1}")
            reader = self.service.statements
            await self.submit(Close(actor="benchmark", period=period, partner=None, force=False, reader=reader))


def partner_of(number: int) -> PartnerId:
    """The name of a partner."""
    return PartnerId(f"partner-{number:02}")


def enrolment(partner: PartnerId, currency: str = "USD") -> Work:
    """A partner for everything everywhere."""
    agreement = Agreement(products=("*",), territories=("*",), effective_from=date(2025, 1, 1), ends_on=None)
    today = local_date(BEGINS, ZONE)
    command = EnrolPartner(partner=partner, name=partner.title(), currency=currency, agreement=agreement, today=today)
    return ChangePartner(actor="benchmark", partner=partner, command=lambda _programme, _now: command)


def won_deal(partner: PartnerId, deal: str, place: int, won_on: date, amount_minor: int) -> DealOutcome:
    """What a won deal that is the partner's alone leads to, for those who fill the credits in bulk.

    Among deals of one day, `place` says which comes first in credit order.
    """
    registration = RegistrationId(f"reg_{deal}")
    evidence = (Position(10_000_000 + place), Position(20_000_000 + place))
    credit = Credit(
        line=LineId(f"line_{deal}"),
        partner=partner,
        registration=registration,
        deal=DealRef(source="crm", id=f"F-{deal}"),
        account_name=f"Customer {place} GmbH",
        products=(Product("edge"),),
        won_on=won_on,
        place=evidence[0],
        value=Money(amount_minor=amount_minor, currency="USD"),
        shares=(Share(partner=partner, basis_points=10_000),),
        lead=partner,
        held_because=(),
        evidence=evidence,
        approved_on=date(2025, 12, 1),
    )
    return DealOutcome(registration=registration, credits=(credit,), evidence=evidence, partners=(partner,))


async def tell(database: Database, deals: int, seed: int = 2026) -> None:
    """So many deals over half a year, about four events each, two quarters closed."""
    service = assembled(database, follows=False)
    history = History(service, random.Random(seed))
    await history.begin()
    number = 0
    for week in range(1, WEEKS + 1):
        fresh = range(number, deals * week // WEEKS)
        await history.submit(*(history.registration(one) for one in fresh))
        number = fresh.stop
        await history.submit(*history.reports(history.deals[-2 * len(fresh) :]))
        await history.pass_a_week()
    await service.appenders.close()
    await service.views.close()
