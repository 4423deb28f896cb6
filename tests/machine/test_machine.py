"""Whatever happens on an account, in whatever order: the service and a second telling of the rules agree (§3, §4).

Every command goes over HTTP through the real appender into SQLite; after every step ranks, holders, statuses,
protection, timeline and open cases are compared. `FIRSTCLAIM_LONG_TESTS=1` walks 10,000 steps.
"""

import asyncio
import itertools
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import URL

from api.app import create_app
from domain.account.state import Account
from domain.calendar import instant_from
from domain.ids import AccountId, Product, ProgrammeId, RegistrationId
from service.assembly import assembled
from service.crm.standard import signed_headers
from service.database import open_database
from service.host_time import host_now
from service.initialise import initialise, starting
from service.presentation.registrations import priority_document, registration_document
from service.running import Service
from tests.machine.model import Model, Refused
from tests.machine.standing import PRODUCTS
from tests.support.api import SECRET, usd
from tests.support.tables import create_tables

LONG: Final = bool(os.environ.get("FIRSTCLAIM_LONG_TESTS"))
STEPS: Final = 50
WALKS: Final = 200 if LONG else 12
ZONE: Final = "America/New_York"
BEGINNING: Final = datetime(2026, 2, 20, 17, tzinfo=UTC)
"""Two weeks before the clocks go forward in the programme's zone."""
PARTNERS: Final = ("ash", "birch", "cedar")
TERMS: Final[dict[str, list[Any]]] = {
    "approval": ["automatic", "manual"],
    "protection_starts": ["approval", "registration"],
    "protection_days": [10, 30],
    "max_live_registrations": [0, 2],
    "return_days": [3, 5],
    "extensions": [0, 1],
}
DEFAULTS: Final = {
    "approval": "automatic",
    "protection_starts": "approval",
    "protection_days": 30,
    "max_live_registrations": 0,
    "return_days": 5,
    "extensions": 1,
    "extension_days": 30,
}
ENDED_BY: Final = {"terminated": "partner_terminated", "upheld": "case_upheld", "void": "case_void"}

_serial = itertools.count(1)


class World:
    """The service on one SQLite file, spoken to over HTTP without a network between."""

    def __init__(self, service: Service, client: httpx.AsyncClient, runner: asyncio.Runner) -> None:
        self.service = service
        self.client = client
        self.run = runner.run


class Programme:
    """A sandbox programme of one walk, as its staff speaks to it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.id = ProgrammeId(f"walk-{next(_serial)}")
        begin = starting(self.id, time_zone=ZONE, clock=instant_from(BEGINNING.isoformat()))
        self.key = world.run(initialise(world.service, begin)).text
        self.source = f"crm-{self.id}"
        self.deliveries = itertools.count(1)
        self.ids: dict[str, str] = {}
        self.account: AccountId | None = None
        self.ask("POST", "/v1/sources", {"id": self.source, "kind": "standard", "secret": SECRET})
        agreement = {"products": ["*"], "territories": ["*"], "effective_from": "2020-01-01"}
        for partner in PARTNERS:
            self.ask(
                "POST", "/v1/partners", {"id": partner, "name": partner, "currency": "USD", "agreement": agreement}
            )

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of a request by the admin; `Refused` with its code where a rule says no."""
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = self.world.run(self.world.client.request(method, path, json=body, headers=headers))
        if answer.status_code == 409:
            raise Refused(answer.json()["code"])
        assert answer.is_success, f"{method} {path} {body}: {answer.text}"
        return answer.json()

    def fact(self, name: str, kind: str, now: datetime) -> None:
        """A signed webhook about the deal of a registration, of what happens now; ids in the order of arrival."""
        data = {"deal_id": name} | ({"won_on": str(now.astimezone(ZoneInfo(ZONE)).date())} if kind == "won" else {})
        body = json.dumps({"type": f"deal.{kind}", "timestamp": stamp(now), "data": data}).encode()
        headers = signed_headers(f"msg_{next(self.deliveries):06}", host_now(), body, SECRET)
        headers["Content-Type"] = "application/json"
        answer = self.world.run(self.world.client.post(f"/webhooks/{self.source}", content=body, headers=headers))
        assert answer.json()["outcome"] == "applied", answer.text

    def stands(self) -> dict[str, Any]:
        """How everything stands now, as HTTP would show it."""
        return self.world.run(self._stands())

    async def _stands(self) -> dict[str, Any]:
        async with self.world.service.reading.moment(self.id) as moment:
            if self.account is None and self.ids:
                self.account = await moment.account_of(RegistrationId(next(iter(self.ids.values()))))
            found = {} if self.account is None else await moment.accounts([self.account])
            account: Account | None = found.get(self.account) if self.account is not None else None
            terms = moment.programme.terms_at(moment.now).terms
            names = {registration: name for name, registration in self.ids.items()}
            return {
                "registrations": {
                    name: registration_document(account, RegistrationId(registration), terms)
                    for name, registration in self.ids.items()
                    if account is not None
                },
                "queues": {product: priority_document(account, Product(product), moment.now) for product in PRODUCTS},
                "cases": {
                    (names[case.challenger], str(case.product)): case.id
                    for case in ({} if account is None else account.cases).values()
                    if case.kind == "same_account" and case.is_undecided
                },
                "names": names,
            }


def stamp(at: datetime) -> str:
    """An instant as the contract writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Walk(RuleBasedStateMachine):
    """One walk: each step is done to the service and to the model, which must say the same of it."""

    world: World

    @initialize()
    def begin(self) -> None:
        """A programme with three partners, and nothing registered."""
        self.programme = Programme(self.world)
        self.model = Model(BEGINNING, ZONE, PARTNERS, **DEFAULTS)
        self.shown = self.programme.stands()

    def both(self, path: str, body: Any, told: Any, *arguments: Any, method: str = "POST", **named: Any) -> Any:
        """The same to both; they accept it or refuse it for the same reason."""
        try:
            answer, said = self.programme.ask(method, path, body), None
        except Refused as refused:
            answer, said = None, str(refused)
        try:
            told(*arguments, **named)
            expected = None
        except Refused as refused:
            expected = str(refused)
        assert said == expected, f"{path} {body}: the service says {said}, the rules {expected}"
        return answer

    @rule(partner=st.sampled_from(PARTNERS), products=st.sampled_from([("edge",), ("core",), ("edge", "core")]))
    def register(self, partner: str, products: tuple[str, ...]) -> None:
        name = f"{partner}-{len(self.model.registrations) + 1}"
        body = {
            "partner": partner,
            "account": {"name": "Acme GmbH", "country": "DE", "domain": "acme.example"},
            "products": list(products),
            "value": usd("1000.00"),
            "engagement": "referral",
            "deal": {"source": self.programme.source, "id": name},
        }
        made = self.both("/v1/registrations", body, self.model.register, name, partner, products)
        if made is not None:
            self.programme.ids[name] = made["id"]

    @precondition(lambda self: self.model.registrations)
    @rule(
        which=st.integers(0, 30),
        step=st.sampled_from(["approve", "approve", "reject", "return", "resubmit", "withdraw", "extend"]),
    )
    def review(self, which: int, step: str) -> None:
        name = self.name(which)
        told, body = {
            "approve": (self.model.approve, None),
            "reject": (self.model.reject, {"reason": "No."}),
            "return": (self.model.send_back, {"reason": "Unclear.", "fields": ["value"]}),
            "resubmit": (self.model.resubmit, {"value": usd("2000.00")}),
            "withdraw": (self.model.withdraw, {"reason": "No budget."}),
            "extend": (self.model.extend, {"evidence": "A meeting."}),
        }[step]
        self.both(f"/v1/registrations/{self.programme.ids[name]}/{step}", body, told, name)

    @precondition(lambda self: self.model.registrations)
    @rule(which=st.integers(0, 30), kind=st.sampled_from(["won", "won", "lost", "reopened"]))
    def crm(self, which: int, kind: str) -> None:
        name = self.name(which)
        self.programme.fact(name, kind, self.model.now)
        self.model.fact(name, kind)

    @precondition(lambda self: self.shown["cases"])
    @rule(which=st.integers(0, 30), outcome=st.sampled_from(["uphold", "reassign", "void"]))
    def decide(self, which: int, outcome: str) -> None:
        clashes = sorted(self.shown["cases"])
        name, product = clashes[which % len(clashes)]
        path = f"/v1/conflicts/{self.shown['cases'][name, product]}"
        self.programme.ask("POST", f"{path}/investigate", {"findings": [{"party": "sales", "fact": "So it is."}]})
        self.programme.ask("POST", f"{path}/mediate", {"skipped": "The facts are plain."})
        body = {"outcome": outcome, "rule": "§3", "reason": "So it is."}
        self.both(f"{path}/decide", body, self.model.decide, name, product, outcome)

    @rule(
        partner=st.sampled_from(PARTNERS),
        step=st.sampled_from(["suspend", "suspend", "reinstate", "reinstate", "reinstate", "other", "fraud"]),
    )
    def partner(self, partner: str, step: str) -> None:
        path, body = f"/v1/partners/{partner}/{step}", {"reason": "So it is."}
        if step in ("suspend", "reinstate"):
            self.both(path, body, getattr(self.model, step), partner)
        elif partner == PARTNERS[-1]:
            path = f"/v1/partners/{partner}/terminate"
            self.both(path, {**body, "cause": step}, self.model.terminate, partner, fraud=step == "fraud")

    @rule(change=st.sampled_from([(name, value) for name, values in TERMS.items() for value in values]))
    def publish(self, change: tuple[str, Any]) -> None:
        today = self.model.now.astimezone(self.model.zone).date()
        body = {"effective_from": str(today), "terms": dict([change])}
        self.both("/v1/programme/terms", body, self.model.publish, **dict([change]))

    @rule(to=st.sampled_from(["due", "due", "just before", "second", "day", "week", "month"]))
    def clock(self, to: str) -> None:
        due = min((at for at, *_ in self.model.ends()), default=self.model.now + timedelta(days=1))
        now = {
            "due": due,
            "just before": max(due - timedelta(microseconds=1), self.model.now),
            "second": self.model.now + timedelta(seconds=1),
            "day": self.model.now + timedelta(days=1),
            "week": self.model.now + timedelta(days=7, hours=5),
            "month": self.model.now + timedelta(days=31),
        }[to]
        self.both("/v1/sandbox/clock", {"now": stamp(now)}, self.model.move_clock, now)

    def name(self, which: int) -> str:
        """One of the registrations."""
        names = list(self.model.registrations)
        return names[which % len(names)]

    @invariant()
    def they_agree(self) -> None:
        """Ranks, holders, statuses, protection, timeline and open cases."""
        if not hasattr(self, "model"):
            return
        self.shown = self.programme.stands()
        names = self.shown["names"]
        assert set(self.shown["cases"]) == self.model.contested()
        for product in PRODUCTS:
            queue = self.shown["queues"][product]
            assert [names[one["registration"]] for one in queue["queue"]] == self.model.ranks(product)
            timeline = [
                (names[one["registration"]], one["from"], one["until"], one["ended_by"]) for one in queue["timeline"]
            ]
            assert timeline == [
                (name, stamp(since), None if until is None else stamp(until), ENDED_BY.get(why, why))
                for name, since, until, why in self.model.timelines[product]
            ]
        for name, shown in self.shown["registrations"].items():
            assert shown["status"] == self.model.status(name), name
            for standing in shown["standing"]:
                product = standing["product"]
                ranks, protection = self.model.ranks(product), self.model.protection(name, product)
                assert standing["rank"] == (ranks.index(name) + 1 if name in ranks else None), name
                assert standing["holder"] == (self.model.holder(product) == name), name
                assert standing["protection"] == (
                    None if protection is None else {"from": stamp(protection[0]), "until": stamp(protection[1])}
                ), name


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The service on an SQLite file of its own, in a loop of its own."""
    url = URL.create("sqlite+aiosqlite", database=str(tmp_path_factory.mktemp("machine") / "firstclaim.db"))
    with asyncio.Runner() as runner:

        async def opened() -> tuple[Service, httpx.AsyncClient]:
            await create_tables(url)
            service = assembled(open_database(url), follows=False)
            transport = httpx.ASGITransport(app=create_app(service))
            return service, httpx.AsyncClient(transport=transport, base_url="http://firstclaim")

        service, client = runner.run(opened())
        yield World(service, client, runner)
        runner.run(client.aclose())
        runner.run(service.close())


def test_the_service_says_what_the_rules_say(world: World) -> None:
    """After every step of every walk."""
    machine = type("WalkHere", (Walk,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not LONG,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
