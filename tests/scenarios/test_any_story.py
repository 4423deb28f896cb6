"""Whatever happens in a programme, in whatever order: what holds all the same (rules §3, §7, §9; design, replay).

Each story is a seeded walk through everything that people and CRMs can do, over HTTP.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

from tests.support.api import Place, Sandbox, shares, usd, wanted

PARTNERS: Final = ("northwind", "contoso", "fabrikam", "tailspin")
ACCOUNTS: Final = ("acme", "globex", "initech", "umbrella")
PERIODS: Final = ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4")
STEPS: Final = 150


class Walk:
    """One story: each step does something at random, and whatever a rule says no to simply does not happen."""

    def __init__(self, place: Place, seed: int, *, closes: bool = True) -> None:
        self.any = random.Random(seed)
        self.closes = closes
        self.sandbox: Sandbox = place.sandbox()
        self.sandbox.enrol(*PARTNERS)
        self.registrations: list[str] = []
        self.deals: list[str] = []
        self.steps: list[Callable[[], object]] = [
            *[self.register] * 5,
            *[self.time_passes] * 4,
            *[self.fact] * 8,
            *[self.case] * 5,
            self.change,
            self.change,
            self.merge,
            self.partner,
            self.terms,
            self.terms,
            self.incentive,
            *[self.close] * 3,
            self.repeat,
        ]
        self.sent: list[tuple[bytes, str]] = []

    def go(self) -> None:
        for _ in range(STEPS):
            self.any.choice(self.steps)()

    def asked(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """The answer, or None where a rule said no."""
        response = self.sandbox.admin.ask(method, path, body)
        assert response.status_code in (200, 201, 409, 404), response.text
        return response.json() if response.is_success else None

    def register(self) -> None:
        partner, deal = self.any.choice(PARTNERS), f"D-{len(self.registrations)}"
        changes: dict[str, Any] = {
            "partner": partner,
            "products": self.any.choice([["edge"], ["core"], ["edge", "core"]]),
            "value": usd(self.any.choice(["10000.00", "99999.99", "150000.00"])),
        }
        if self.any.random() < 0.8:
            changes["deal"] = self.sandbox.linked(deal)
        if self.any.random() < 0.2:
            other = self.any.choice([one for one in PARTNERS if one != partner])
            changes["shares"] = shares(**{partner: 3333, other: 6667})
        made = self.asked("/v1/registrations", wanted(self.any.choice(ACCOUNTS), **changes))
        if made is not None:
            self.registrations.append(made["id"])
            self.deals.append(deal)

    def time_passes(self) -> None:
        days = self.any.choice([0, 1, 10, 29, 31])
        if self.sandbox.now + timedelta(days=days) < datetime(2026, 12, 1, tzinfo=UTC):
            self.sandbox.move_clock(timedelta(days=days, seconds=self.any.choice([0, 1])))

    def fact(self) -> None:
        ago = timedelta(days=self.any.choice([0, 0, 1, 20, 40, 90, -1]))
        day = (self.sandbox.now - ago).date()
        kind = self.any.choice(["won", "won", "won", "value_changed", "lost", "reopened", "refunded", "paid"])
        value = usd(self.any.choice(["500.00", "120000.00"]))
        said: dict[str, dict[str, Any]] = {
            "won": {"won_on": str(max(day, date(2026, 1, 1)))},
            "value_changed": {"value": value},
            "refunded": {"refund_id": self.any.choice(["R-1", "R-2"]), "amount": value, "refunded_on": str(day)},
            "paid": {"amount": value, "paid_on": str(day)},
        }
        deal = self.any.choice([*self.deals, "D-99"])
        body = self.sandbox.webhook(f"deal.{kind}", {"deal_id": deal, **said.get(kind, {})}, at=self.sandbox.now - ago)
        self.sent.append((body, f"walk_{len(self.sent)}"))
        self.deliver(*self.sent[-1])

    def merge(self) -> None:
        """The CRM merges deals, whether or not somebody registered them."""
        one, other, into = (self.any.choice([*self.deals, "D-99"]) for _ in range(3))
        if one != other:
            said = self.sandbox.webhook("deal.merged", {"deal_ids": [one, other], "into": into})
            self.sent.append((said, f"walk_{len(self.sent)}"))
            self.deliver(*self.sent[-1])

    def repeat(self) -> None:
        if self.sent:
            self.deliver(*self.any.choice(self.sent))

    def deliver(self, body: bytes, delivery: str) -> None:
        answer = self.sandbox.deliver(body, delivery)
        assert answer.status_code == 200, answer.text

    def case(self) -> None:
        cases = self.sandbox.admin.get("/v1/conflicts", limit=200)["items"]
        open_cases = [one for one in cases if one["status"] in ("identified", "investigating", "mediating")]
        if not open_cases:
            return
        one = self.any.choice(open_cases)
        path = f"/v1/conflicts/{one['id']}"
        outcome = self.any.choice(["uphold", "uphold", "reassign", "split", "distinct", "void"])
        parted = {"shares": self.shared_by_all()} if outcome == "split" else {}
        step, body = {
            "identified": ("investigate", {"findings": [{"party": "sales", "fact": "So it is."}]}),
            "investigating": ("mediate", {"skipped": "The facts are plain."}),
            "mediating": ("decide", {"outcome": outcome, "rule": "§3", "reason": "So it is."} | parted),
        }[one["status"]]
        self.asked(f"{path}/{step}", body)

    def shared_by_all(self) -> list[dict[str, Any]]:
        """Shares of everybody that a case may be between."""
        return shares(northwind=4000, contoso=3000, fabrikam=2000, tailspin=1000)

    def change(self) -> None:
        if self.registrations:
            path = f"/v1/registrations/{self.any.choice(self.registrations)}"
            step, body = self.any.choice(
                [
                    ("approve", None),
                    ("reject", {"reason": "No."}),
                    ("return", {"reason": "Unclear.", "fields": ["value"]}),
                    ("resubmit", {"value": usd("70000.00")}),
                    ("withdraw", {"reason": "No budget."}),
                    ("extend", {"evidence": "A meeting."}),
                    ("deal", self.sandbox.linked(f"D-{self.any.randrange(12)}")),
                ]
            )
            self.asked(f"{path}/{step}", body)

    def partner(self) -> None:
        step = self.any.choice(["suspend", "reinstate", "reinstate", "terminate"])
        body = {"reason": "So it is."} | ({"cause": self.any.choice(["other", "fraud"])} if step == "terminate" else {})
        partner = PARTNERS[-1] if step == "terminate" else self.any.choice(PARTNERS[1:])
        self.asked(f"/v1/partners/{partner}/{step}", body)

    def terms(self) -> None:
        name, setting = self.any.choice(
            [
                ("approval", "manual"),
                ("approval", "automatic"),
                ("hold_contested", "open"),
                ("credit_after_expiry", "review"),
                ("late_registration_hours", 48),
                ("case_investigation_hours", 48),
                ("case_decision_hours", 240),
                ("tiers", [{"from": "0.00", "rate_basis_points": 1000}]),
                ("split_mode", "tier_then_split"),
                ("refund_method", "pro_rata"),
                ("rates_as_of", "approved"),
                ("payable_on", "paid"),
                ("unpaid_after_days", self.any.choice([0, 20])),
                ("line_cap", "20000.00"),
                ("period_cap", "30000.00"),
                ("period_floor", "500.00"),
            ]
        )
        self.asked("/v1/programme/terms", {"effective_from": str(self.sandbox.now.date()), "terms": {name: setting}})

    def incentive(self) -> None:
        """A SPIFF from today on, a target for the quarter that is not over, terms of a partner's own."""
        today = self.sandbox.now.date()
        partner, number = self.any.choice(PARTNERS), self.any.randrange(10_000)
        path, body, method = self.any.choice(
            [
                (
                    "/v1/programme/spiffs",
                    {"id": f"s{number}", "name": "S", "products": ["edge"], "first_on": str(today)}
                    | {"last_on": str(today + timedelta(days=30)), "rate_basis_points": 100},
                    "POST",
                ),
                (
                    f"/v1/partners/{partner}/targets/{today.year}-Q{(today.month + 2) // 3}",
                    {"target": usd("100000.00"), "bonus": usd("777.00"), "accelerator_basis_points": 50},
                    "PUT",
                ),
                (
                    f"/v1/partners/{partner}/terms",
                    {"effective_from": str(today), "ends_on": str(today + timedelta(days=20)), "reason": "So it is."}
                    | {"terms": {"method": "retroactive"}},
                    "POST",
                ),
            ]
        )
        self.asked(path, body, method)

    def close(self) -> None:
        period = self.any.choice(PERIODS)
        if self.closes:
            self.asked(f"/v1/periods/{period}/close", {})


Told = Callable[[Place, int], Walk]


@pytest.fixture(scope="module")
def told() -> Told:
    """The story of a seed on a database, told once: tests read it and leave it as it is."""
    walks: dict[tuple[str, int], Walk] = {}

    def tell(place: Place, seed: int) -> Walk:
        known = walks.get((place.url, seed))
        if known is None:
            known = walks[place.url, seed] = Walk(place, seed)
            known.go()
        return known

    return tell


@pytest.fixture(params=range(3))
def walk(place: Place, told: Told, request: pytest.FixtureRequest) -> Walk:
    """A story on either database."""
    return told(place, request.param)


def test_whatever_happens_the_log_says_the_same_as_the_service(walk: Walk) -> None:
    """Replay equals live; ranks have no gap; the view and the log state the same; partners read of nobody else."""
    sandbox = walk.sandbox
    at_least = sandbox.position()
    for partner in PARTNERS:
        for period in PERIODS:
            now = sandbox.statement(partner, period, at_least=at_least)
            then = sandbox.statement(partner, period, as_of_position=at_least)
            assert now == then
    verdict = sandbox.by("auditor").post("/v1/audit/replay")
    assert verdict["first_disagreement"] is None, verdict
    check_queues(sandbox)
    check_privacy(sandbox)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_closed_and_what_is_open_is_what_nobody_closing_would_have_stated(
    on_sqlite: Place, told: Told, seed: int
) -> None:
    """Rules §7, the law: everything closed (less held) + everything open = everything recomputed, to the cent."""
    closing, open_all_along = told(on_sqlite, seed), Walk(on_sqlite, seed, closes=False)
    open_all_along.go()
    for partner in PARTNERS:
        stated = [closing.sandbox.statement(partner, period)["totals"] | {"period": period} for period in PERIODS]
        assert earned(closing, partner) == earned(open_all_along, partner), stated


def earned(walk: Walk, partner: str) -> int:
    """All that the partner's statements come to, in cents; of a closed one without what was held."""
    found = 0
    for period in PERIODS:
        statement = walk.sandbox.statement(partner, period)
        totals = {name: int(total["amount"].replace(".", "")) for name, total in statement["totals"].items()}
        found += totals["commission"] + totals["adjustments"]
        found -= totals["held"] if statement["status"] == "closed" else 0
    return found


def check_queues(sandbox: Sandbox) -> None:
    """Ranks 1, 2, 3 …, nobody waits behind nobody, and of each registration the list and the queue say the same."""
    listed = sandbox.admin.get("/v1/registrations", limit=200, at_least=sandbox.position())["items"]
    for account in ACCOUNTS:
        for product in ("edge", "core"):
            queue = sandbox.queue(account, product)
            for opportunity in {one["opportunity"] for one in queue["queue"]}:
                ranks = [one["rank"] for one in queue["queue"] if one["opportunity"] == opportunity]
                assert ranks == list(range(1, len(ranks) + 1))
            for one in queue["queue"]:
                [registration] = [r for r in listed if r["id"] == one["registration"]]
                [standing] = [s for s in registration["standing"] if s["product"] == product]
                assert (standing["rank"], registration["status"]) == (one["rank"], one["status"])
            for opportunity in {held["opportunity"] for held in queue["timeline"]}:
                ends = [held["until"] for held in queue["timeline"] if held["opportunity"] == opportunity]
                assert all(until is not None for until in ends[:-1])


def check_privacy(sandbox: Sandbox) -> None:
    """Whatever a partner's key reads names no partner but those that it shares a deal with."""
    everything = {
        one["id"]: one
        for one in sandbox.admin.get("/v1/registrations", limit=200, at_least=sandbox.position())["items"]
    }
    for partner in PARTNERS[:2]:
        caller = sandbox.by("partner", partner)
        own = [one for one in everything.values() if one["partner"] == partner]
        sharing = {share["partner"] for one in own for share in one["shares"]} | {partner}
        others = [other for other in PARTNERS if other not in sharing]
        seen = [caller.ask("GET", "/v1/registrations", query={"limit": 200}).text]
        seen += [caller.ask("GET", "/v1/conflicts", query={"limit": 200}).text]
        seen += [caller.ask("GET", f"/v1/registrations/{one}").text for one in everything]
        seen += [caller.ask("GET", f"/v1/statements/{partner}/{period}").text for period in PERIODS]
        text = "\n".join(seen)
        assert [other for other in others if other in text.lower()] == []
        refused = [one for one, r in everything.items() if r["partner"] != partner]
        assert {caller.ask("GET", f"/v1/registrations/{one}").status_code for one in refused} <= {404}
