"""What came of the story: read back over HTTP, and checked before any of it is claimed."""

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from domain.calendar import add_days, instant_from, instant_text
from domain.money import Money, money_of
from service.demo.caller import Caller, require
from service.demo.cast import ORDINARY_DEALS, PARTNERS, UTC
from service.demo.scenes import Document, Seen

STAGED_DEALS = 7
QUARTERS = ("2026-Q1", "2026-Q2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """An adjustment in the open quarter for the closed one, with the event that caused it."""

    partner: str
    amount: Money
    cause: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that the page tells. `statements` are by partner, one for each quarter."""

    deals: int
    queues: dict[str, Document]
    cases: dict[str, Document]
    statements: dict[str, tuple[Document, Document]]
    line: Document
    foreign: tuple[str, Document]
    payable: dict[str, Money]
    adjusted: list[Adjusted]
    replay: Document
    head: Document


async def find(caller: Caller, seen: Seen) -> Findings:
    """Read everything back."""
    _what_the_partners_were_told(seen)
    statements = {partner: await _statements(caller, partner) for partner in PARTNERS}
    line = statements["northwind"][0]["lines"][0]
    require(line["deal"]["id"] == "D-1", "northwind's first line is the Acme deal")
    require(line["commission"]["amount"] == "25000.00", "150,000.00 earn 25,000.00 (rules §6)")
    return Findings(
        deals=await _count_deals(caller),
        queues=await _queues(caller),
        cases=await _cases(caller, seen),
        statements=statements,
        line=line,
        foreign=_foreign_line(statements),
        payable=_payable(statements, seen["closed"]["closed"]),
        adjusted=[await _adjusted(caller, *one) for one in _expected_adjustments(statements)],
        replay=await _replay(caller, len(seen["closed"]["closed"])),
        head=await caller.head(),
    )


def _what_the_partners_were_told(seen: Seen) -> None:
    """The first is protected for thirty days; the second waits, and does not learn behind whom."""
    first, second = seen["acme first"], seen["acme second"]
    until = instant_text(add_days(instant_from(first["recorded_at"]), 30, UTC))
    require(first["status"] == "approved" and first["protection"]["until"] == until, "northwind is protected 30 days")
    require(second["status"] == "waiting" and second["standing"][0]["rank"] == 2, "contoso waits as second")
    require(second["conflict"] is not None, "a conflict case opened by itself")
    require("northwind" not in json.dumps(second), "contoso is not told who is ahead")
    require(seen["duplicate"] == {**seen["win"], "outcome": "duplicate"}, "a duplicate gets the first answer again")


async def _statements(caller: Caller, partner: str) -> tuple[Document, Document]:
    closed, still_open = [await caller.get("finance", f"/v1/statements/{partner}/{quarter}") for quarter in QUARTERS]
    require(closed["status"] in ("closed", "acknowledged"), f"{partner}'s first quarter is closed")
    require(still_open["status"] == "open", f"{partner}'s second quarter is open")
    return closed, still_open


async def _count_deals(caller: Caller) -> int:
    """How many registrations there are."""
    count, after = 0, ""
    while True:
        query: dict[str, str | int] = {"limit": 200, **({"after": after} if after else {})}
        page = await caller.get("sales", "/v1/registrations", **query)
        count += len(page["items"])
        if page["next"] is None:
            break
        after = page["next"]
    require(count == ORDINARY_DEALS + STAGED_DEALS, f"there are 200 registrations, not {count}")
    return count


async def _queues(caller: Caller) -> dict[str, Document]:
    """Who was first on the three clashed accounts."""
    found = {}
    expected = {
        ("acme", "edge"): ["northwind"],
        ("globex", "edge"): ["fabrikam", "tailspin"],
        ("initech", "core"): ["litware", "proseware"],
    }
    for (account, product), holders in expected.items():
        query = {"domain": f"{account}.example", "product": product}
        found[account] = await caller.get("sales", "/v1/priority", **query)
        timeline = found[account]["timeline"]
        held = [holding["partner"] for holding in timeline]
        require(held == holders, f"{account} was held by {holders}, not {held}")
        for before, after in pairwise(timeline):
            require(before["until"] == after["from"], f"{account} was held without a gap")
    return found


async def _cases(caller: Caller, seen: Seen) -> dict[str, Document]:
    """How the three clashes were decided."""
    found = {}
    for account, status, outcome in (
        ("acme", "closed", "uphold"),
        ("globex", "closed", "reassign"),
        ("initech", "moot", None),
    ):
        case = await caller.get("partner_manager", f"/v1/conflicts/{seen[f'{account} second']['conflict']}")
        decided = None if case["decision"] is None else case["decision"]["outcome"]
        require((case["status"], decided) == (status, outcome), f"the case on {account} ends as {status}, {outcome}")
        found[account] = case
    require(found["acme"]["near_simultaneous"] is True, "two claims three seconds apart are marked")
    require(found["globex"]["decision"]["overrides_priority"] is True, "the decision says that it overrides priority")
    return found


def _foreign_line(statements: dict[str, tuple[Document, Document]]) -> tuple[str, Document]:
    """The first line of a statement in dollars whose deal is in euros."""
    found = [
        (partner, line)
        for partner, (closed, _) in statements.items()
        for line in closed["lines"]
        if closed["currency"] == "USD" and line["exchange_rate"] is not None
    ]
    require(bool(found), "some deal in euros was won for a partner that is paid in dollars")
    return found[0]


def _payable(statements: dict[str, tuple[Document, Document]], closed: list[Document]) -> dict[str, Money]:
    """What all closed statements come to, by currency; each reads as it was closed."""
    minor: dict[str, int] = {}
    require(len(closed) == len(PARTNERS), f"the quarter is closed for {len(PARTNERS)} partners, not {len(closed)}")
    for one in closed:
        statement, _ = statements[one["partner"]]
        require(statement["digest"] == one["digest"], f"{one['partner']}'s statement is the one that was closed")
        lines = sum(amount_of(line["commission"]).amount_minor for line in statement["lines"])
        amount = amount_of(one["payable"])
        require(amount.amount_minor == lines, f"{one['partner']} is paid the sum of its lines")
        minor[amount.currency] = minor.get(amount.currency, 0) + amount.amount_minor
    return {currency: Money(amount_minor=total, currency=currency) for currency, total in minor.items()}


def _expected_adjustments(statements: dict[str, tuple[Document, Document]]) -> list[tuple[str, Document, str]]:
    """The two adjustments that the story leads to, and no others."""
    found = {partner: still_open["adjustments"] for partner, (_, still_open) in statements.items()}
    adjusted = sorted(partner for partner, adjustments in found.items() if adjustments)
    require(adjusted == ["northwind", "woodgrove"], f"two partners have an adjustment, not {adjusted}")
    refund, late = found["northwind"][0], found["woodgrove"][0]
    require(refund["amount"]["amount"] == "-6000.00", "30,000.00 given back at 20 % take 6,000.00 back")
    return [
        ("woodgrove", late, "deal_registration.won.v1"),
        ("northwind", refund, "deal_registration.refunded.v1"),
    ]


async def _adjusted(caller: Caller, partner: str, adjustment: Document, caused_by: str) -> Adjusted:
    require(adjustment["period"] == QUARTERS[0], "the adjustment names the quarter that it is for")
    events = [await caller.event(position) for position in adjustment["evidence"]]
    causes = [event for event in events if event["type"] == caused_by]
    require(len(causes) == 1, f"{partner}'s adjustment names the event that caused it")
    return Adjusted(partner=partner, amount=amount_of(adjustment["amount"]), cause=causes[0])


async def _replay(caller: Caller, closed: int) -> Document:
    """The verdict of folding everything again."""
    replay = await caller.post("auditor", "/v1/audit/replay")
    require(replay["chain"] == "intact", f"the chain is intact: {replay}")
    require(replay["statements_equal"] and replay["views_equal"], f"replay gives the same: {replay}")
    require(replay["statements_checked"] == closed, f"every closed statement was checked: {replay}")
    return replay


def amount_of(document: dict[str, Any]) -> Money:
    """An amount as the API states it."""
    return money_of(document["amount"], document["currency"])
