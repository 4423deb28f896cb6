"""The staged scenes: two clashes, a lapse, a repeated and a forged delivery, a closed quarter and what came after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

from domain.ids import Instant
from domain.money import Money
from service.demo.caller import Caller, require, webhook
from service.demo.cast import at
from service.demo.story import Story, money, registration

Document = dict[str, Any]

HOUR: Final = 60
SECOND: Final = 1_000_000
FORGERS_SECRET: Final = "whsec_Zm9yZ2VkLWZvcmdlZC1mb3JnZWQtZm9yZ2Vk"  # noqa: S105 - nobody's secret
ACME: Final = {"name": "Acme GmbH", "country": "DE", "domain": "acme.example"}
ACME_AS_CONTOSO_WRITES_IT: Final = {"name": "ACME G.m.b.H.", "country": "DE"}
GLOBEX: Final = {"name": "Globex Corporation", "country": "US", "domain": "globex.example"}
INITECH: Final = {"name": "Initech Ltd", "country": "GB", "domain": "initech.example"}
UMBRELLA: Final = {"name": "Umbrella Shipping SAS", "country": "FR", "domain": "umbrella.example"}


@dataclass(slots=True)
class Seen:
    """What the service answered in the scenes, by a name for each answer."""

    answers: dict[str, Document] = field(default_factory=dict)
    forged_status: int = 0
    position_before: int = 0
    position_after: int = 0

    def __getitem__(self, name: str) -> Document:
        return self.answers[name]


def add_scenes(story: Story) -> Seen:
    """Put all scenes into the story."""
    seen = Seen()
    _acme(story, seen)
    _acme_is_won(story, seen)
    _globex(story, seen)
    _initech(story, seen)
    _umbrella(story, seen)
    _the_first_quarter_ends(story, seen)
    return seen


def usd(amount: int) -> Money:
    """Whole dollars."""
    return Money(amount_minor=amount * 100, currency="USD")


def _registers(story: Story, seen: Seen, name: str, when: Instant, body: Mapping[str, Any]) -> None:
    async def register() -> None:
        seen.answers[name] = await story.caller.post(body["partner"], "/v1/registrations", body)

    story.add(when, register)


def _works_the_case(story: Story, seen: Seen, of: str, steps: Sequence[tuple[Instant, str, Document]]) -> None:
    """A partner manager works the case that a registration opened, step by step."""

    async def take(verb: str, body: Document) -> None:
        path = f"/v1/conflicts/{seen[of]['conflict']}/{verb}"
        seen.answers[f"{of} {verb}"] = await story.caller.post("partner_manager", path, body)

    for when, verb, body in steps:
        story.add(when, partial(take, verb, body))


def _acme(story: Story, seen: Seen) -> None:
    """Two partners, three seconds apart; the first keeps it."""
    first_at = at(date(2026, 1, 12), 10 * HOUR)
    second_at = Instant(first_at + 3 * SECOND)
    first = registration("northwind", ACME, "edge", usd(150_000), "D-1")
    second = registration("contoso", ACME_AS_CONTOSO_WRITES_IT, "edge", usd(140_000), "D-2")
    _registers(story, seen, "acme first", first_at, first)
    _registers(story, seen, "acme second", second_at, second)
    findings = [
        {"party": "northwind", "fact": "Visited the buyer in December.", "evidence": "Minutes of 11 December"},
        {"party": "contoso", "fact": "Was asked for a quote by telephone in January."},
    ]
    messages = [
        {"party": "northwind", "text": "Your registration stands."},
        {"party": "contoso", "text": "Another registration was ahead of yours and is upheld."},
    ]
    reason = "Northwind's complete registration was recorded first, and its work with the buyer is on file."
    steps: list[tuple[Instant, str, Document]] = [
        (at(date(2026, 1, 13), 14 * HOUR), "investigate", {"findings": findings}),
        (at(date(2026, 1, 14), 10 * HOUR), "mediate", {"summary": "Both explained their work; neither withdraws."}),
        (
            at(date(2026, 1, 15), 11 * HOUR),
            "decide",
            {"outcome": "uphold", "rule": "Who is first (rules §3)", "reason": reason},
        ),
        (at(date(2026, 1, 15), 12 * HOUR), "communicate", {"messages": messages}),
        (at(date(2026, 1, 16), 9 * HOUR), "prevent", {"no_change": "The rules worked as they are meant to."}),
    ]
    _works_the_case(story, seen, "acme second", steps)


def _acme_is_won(story: Story, seen: Seen) -> None:
    """The CRM says so, says so again, and somebody else says it was ten times as much."""
    when = at(date(2026, 1, 26), 15 * HOUR)
    data = {"deal_id": "D-1", "won_on": "2026-01-26", "value": money(usd(150_000))}

    async def win() -> None:
        caller = story.caller
        seen.answers["win"] = await caller.report("msg_acme_won", "deal.won", when, data)
        seen.position_before = (await caller.head())["position"]
        seen.answers["duplicate"] = await caller.report("msg_acme_won", "deal.won", when, data, "duplicate")
        tenfold = {**data, "value": money(usd(1_500_000))}
        forged = await caller.deliver("msg_acme_forged", webhook("deal.won", when, tenfold), FORGERS_SECRET)
        seen.forged_status = forged.status_code
        seen.answers["forged"] = forged.json()
        seen.position_after = (await caller.head())["position"]
        require(seen.position_before == seen.position_after, "a duplicate and a forgery write nothing")
        require(seen.forged_status == 401, "a forged webhook is answered 401")

    story.add(when, win)


def _globex(story: Story, seen: Seen) -> None:
    """The first had nothing but the idea; the second had the customer."""
    first = registration("fabrikam", GLOBEX, "edge", usd(90_000), "D-3")
    second = registration("tailspin", GLOBEX, "edge", usd(90_000), "D-4")
    _registers(story, seen, "globex first", at(date(2026, 1, 19), 9 * HOUR), first)
    _registers(story, seen, "globex second", at(date(2026, 1, 21), 16 * HOUR + 30), second)
    findings = [
        {"party": "fabrikam", "fact": "Has not met the customer yet."},
        {"party": "tailspin", "fact": "Runs a proof of concept since November.", "evidence": "Signed protocol"},
    ]
    messages = [
        {"party": "fabrikam", "text": "The registration goes to the partner whom the customer works with."},
        {"party": "tailspin", "text": "You are first now."},
    ]
    reason = "Tailspin is at work with the customer since November; Fabrikam has not met it."
    steps: list[tuple[Instant, str, Document]] = [
        (at(date(2026, 1, 22), 10 * HOUR), "investigate", {"findings": findings}),
        (at(date(2026, 1, 23), 10 * HOUR), "mediate", {"skipped": "The facts are not in dispute."}),
        (
            at(date(2026, 1, 26), 10 * HOUR),
            "decide",
            {"outcome": "reassign", "rule": "Value added for the customer", "reason": reason},
        ),
        (at(date(2026, 1, 26), 11 * HOUR), "communicate", {"messages": messages}),
        (at(date(2026, 1, 27), 9 * HOUR), "prevent", {"change": "A first meeting is asked for from April on."}),
    ]
    _works_the_case(story, seen, "globex second", steps)
    _is_won(story, "D-4", date(2026, 2, 18), date(2026, 2, 18))


def _initech(story: Story, seen: Seen) -> None:
    """The first lets its protection run out; whoever waits is first at that instant, without anybody's doing."""
    first = registration("litware", INITECH, "core", usd(60_000), "D-5")
    second = registration("proseware", INITECH, "core", usd(60_000), "D-6")
    _registers(story, seen, "initech first", at(date(2026, 2, 2), 9 * HOUR), first)
    _registers(story, seen, "initech second", at(date(2026, 2, 10), 11 * HOUR), second)
    _is_won(story, "D-6", date(2026, 3, 25), date(2026, 3, 25))


def _umbrella(story: Story, seen: Seen) -> None:
    """A win of March that the CRM tells in April, when the quarter is closed; in euros."""
    body = registration("woodgrove", UMBRELLA, "mesh", Money(amount_minor=70_000_00, currency="EUR"), "D-7")
    _registers(story, seen, "umbrella", at(date(2026, 3, 9), 13 * HOUR), body)
    _is_won(story, "D-7", date(2026, 3, 27), date(2026, 4, 9))


def _is_won(story: Story, deal: str, won_on: date, told_on: date) -> None:
    data = {"deal_id": deal, "won_on": won_on.isoformat()}
    happened_at = at(won_on, 15 * HOUR)
    story.add(at(told_on, 15 * HOUR), lambda: story.caller.report(f"msg_{deal}_won", "deal.won", happened_at, data))


def _the_first_quarter_ends(story: Story, seen: Seen) -> None:
    """Finance closes it, a partner agrees, and then a customer gets money back; at last the second quarter is over."""
    caller: Caller = story.caller
    refunded = at(date(2026, 4, 20), 11 * HOUR)
    refund = {"deal_id": "D-1", "refund_id": "R-1", "amount": money(usd(30_000)), "refunded_on": "2026-04-20"}

    async def close() -> None:
        seen.answers["closed"] = await caller.post("finance", "/v1/periods/2026-Q1/close", {})

    async def give_back() -> None:
        seen.answers["refund"] = await caller.report("msg_acme_refunded", "deal.refunded", refunded, refund)

    async def nothing() -> None:
        return None

    story.add(at(date(2026, 4, 2), 9 * HOUR), close)
    story.add(
        at(date(2026, 4, 3), 9 * HOUR),
        lambda: caller.post("northwind", "/v1/statements/northwind/2026-Q1/acknowledge"),
    )
    story.add(refunded, give_back)
    story.add(at(date(2026, 7, 1), 9 * HOUR), nothing)
