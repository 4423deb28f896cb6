"""What happens in the demo, in order of the sandbox's clock: the staged scenes among two quarters of ordinary deals."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from domain.calendar import instant_text
from domain.ids import Instant
from domain.money import Money
from service.command_line.progress import Moved
from service.demo.caller import ROLES, SOURCE, Caller
from service.demo.cast import PARTNERS, RATES, Deal, at, ordinary_deals

LETTERHEAD = {"name": "Firstclaim Demo Software Inc.", "lines": ["1 Example Street", "Springfield"]}

Action = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Story:
    """Actions, each at its instant, told one after the other through one caller."""

    caller: Caller
    begins_at: Instant
    actions: list[tuple[Instant, int, Action]] = field(default_factory=list)

    def add(self, when: Instant, action: Action) -> None:
        """Let something happen at an instant, after what was added before for the same one."""
        self.actions.append((when, len(self.actions), action))

    async def tell(self, moved: Moved) -> None:
        """Let everything happen; the clock is moved to each instant first."""
        now = self.begins_at
        self.actions.sort(key=lambda one: one[:2])
        for told, (when, _, action) in enumerate(self.actions):
            moved(told, len(self.actions))
            if when > now:
                await self.caller.post("admin", "/v1/sandbox/clock", {"now": instant_text(when)})
                now = when
            await action()
        moved(len(self.actions), len(self.actions))


def money(amount: Money) -> dict[str, str]:
    """An amount as the API takes it."""
    return {"amount": amount.decimal, "currency": amount.currency}


def registration(
    partner: str, account: dict[str, Any], product: str, value: Money, deal: str | None = None
) -> dict[str, Any]:
    """A request to register; the deal is left out where a webhook names it itself."""
    body: dict[str, Any] = {
        "partner": partner,
        "account": account,
        "products": [product],
        "value": money(value),
        "engagement": "referral",
    }
    return body if deal is None else {**body, "deal": {"source": SOURCE, "id": deal}}


async def begin(caller: Caller) -> None:
    """A source of webhooks, the partners, a key for each role, and the head of what finance prints."""
    source = await caller.post("admin", "/v1/sources", {"id": SOURCE, "kind": "standard"})
    caller.secret = source["secret"]
    for role in ROLES:
        caller.keys[role] = (await caller.post("admin", "/v1/keys", {"role": role, "name": f"demo {role}"}))["key"]
    await caller.put("finance", "/v1/programme/letterhead", LETTERHEAD)
    agreement = {"products": ["*"], "territories": ["*"], "effective_from": "2026-01-01", "ends_on": None}
    for partner, (name, currency) in PARTNERS.items():
        body = {"id": partner, "name": name, "currency": currency, "agreement": agreement}
        await caller.post("partner_manager", "/v1/partners", body)
        key = {"role": "partner", "partner": partner, "name": f"{name} portal"}
        caller.keys[partner] = (await caller.post("admin", "/v1/keys", key))["key"]


def add_ordinary_deals(story: Story) -> None:
    """Two quarters of deals that nobody disputes, and the exchange rates that finance publishes."""
    for day, rates in RATES.items():
        story.add(at(day, 8 * 60), partial(_publish, story.caller, day, rates))
    for deal in ordinary_deals():
        story.add(deal.registered_at, partial(_register, story.caller, deal))
        if deal.end != "open":
            story.add(deal.ends_at, partial(_end, story.caller, deal))


async def _publish(caller: Caller, day: date, rates: tuple[str, str]) -> None:
    for base, quote, rate in (("EUR", "USD", rates[0]), ("USD", "EUR", rates[1])):
        body = {"date": day.isoformat(), "base": base, "quote": quote, "rate": rate}
        await caller.post("finance", "/v1/programme/exchange-rates", body)


async def _register(caller: Caller, deal: Deal) -> None:
    account = {"name": deal.account, "country": deal.country, "domain": deal.domain}
    if deal.by_crm:
        data = {**registration(deal.partner, account, deal.product, deal.value), "deal_id": deal.id}
        await caller.report(f"msg_{deal.id}_registered", "deal.registered", deal.registered_at, data)
    else:
        body = registration(deal.partner, account, deal.product, deal.value, deal.id)
        await caller.post(deal.partner, "/v1/registrations", body)


async def _end(caller: Caller, deal: Deal) -> None:
    data: dict[str, Any] = {"deal_id": deal.id}
    if deal.end == "won":
        data["won_on"] = deal.ends_on.isoformat()
        if deal.final_value is not None:
            data["value"] = money(deal.final_value)
    await caller.report(f"msg_{deal.id}_{deal.end}", f"deal.{deal.end}", deal.ends_at, data)
