"""The service as its callers see it: a sandbox programme on a running server, a key for each role, signed webhooks."""

import asyncio
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import URL

from domain.calendar import instant_from, instant_text
from domain.ids import Instant, ProgrammeId
from service.access import Role
from service.assembly import assembled
from service.crm.standard import signed_headers
from service.database import open_database
from service.host_time import host_now
from service.initialise import initialise, starting
from service.migrate import upgrade
from tests.support.server import Server

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BEGINNING: Final = "2026-01-01T09:00:00Z"
"""Where a sandbox's clock stands at first, unless a test says otherwise."""
TIMEOUT_SECONDS: Final = 30

_serial = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody with a key (None: without one)."""

    client: httpx.Client
    key: str | None

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Any request: with a JSON `body`, or with exactly the bytes of `content`; whatever is answered."""
        sent = dict(headers or {})
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        if body is not None:
            content = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        return self.client.request(method, path, content=content, headers=sent, params=query)

    def get(self, path: str, **query: Any) -> Any:
        """What a read answers, which must be 200."""
        return _good(self.ask("GET", path, query=query))

    def post(self, path: str, body: Any = None) -> Any:
        """What a write answers, which must be 2xx."""
        return _good(self.ask("POST", path, body))

    def put(self, path: str, body: Any) -> Any:
        """Likewise."""
        return _good(self.ask("PUT", path, body))

    def refused(
        self, method: str, path: str, body: Any = None, *, query: Mapping[str, Any] | None = None
    ) -> tuple[int, str]:
        """The status and code of a problem."""
        return problem(self.ask(method, path, body, query=query))


def _good(response: httpx.Response) -> Any:
    assert response.is_success, f"{response.request.method} {response.request.url}: {response.text}"
    return response.json()


def problem(response: httpx.Response) -> tuple[int, str]:
    """The status and code of an answer that must be a problem (RFC 9457)."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    stated = response.json()
    assert stated["status"] == response.status_code
    assert {"type", "title", "detail", "code"} <= stated.keys()
    return response.status_code, stated["code"]


@dataclass(kw_only=True)
class Sandbox:
    """A sandbox programme of a test's own."""

    url: str
    client: httpx.Client
    programme: str
    keys: dict[str, str]
    now: datetime
    deliveries: int = 0
    partners: list[str] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The id of its source of webhooks: unique in the database."""
        return f"crm-{self.programme}"

    @property
    def admin(self) -> Caller:
        """The key that `init` printed."""
        return Caller(client=self.client, key=self.keys["admin"])

    @property
    def nobody(self) -> Caller:
        """Without a key."""
        return Caller(client=self.client, key=None)

    def by(self, role: Role, partner: str | None = None) -> Caller:
        """The caller of a role, made when it is first asked for."""
        who = role if partner is None else f"{role} {partner}"
        if who not in self.keys:
            body = {"role": role, "name": who} | ({} if partner is None else {"partner": partner})
            self.keys[who] = self.admin.post("/v1/keys", body)["key"]
        return Caller(client=self.client, key=self.keys[who])

    def enrol(self, *partners: str, **changes: Any) -> None:
        """Partners with an agreement for everything."""
        for partner in partners:
            body = {
                "id": partner,
                "name": f"{partner.title()} Ltd",
                "currency": "USD",
                "agreement": {"products": ["*"], "territories": ["*"], "effective_from": "2020-01-01"},
            }
            self.by("partner_manager").post("/v1/partners", body | changes)
            self.partners.append(partner)

    def terms(self, effective_from: str | None = None, **settings: Any) -> Any:
        """Publish terms, by default in force from today."""
        body = {"effective_from": effective_from or self.now.date().isoformat(), "terms": settings}
        return self.admin.post("/v1/programme/terms", body)

    def register(self, partner: str, account: str = "acme", /, **changes: Any) -> Any:
        """The partner registers a deal, and it must be accepted."""
        return self.by("partner", partner).post("/v1/registrations", wanted(account, **changes))

    def linked(self, deal: str) -> dict[str, str]:
        """How a registration names a deal of the programme's source."""
        return {"source": self.source, "id": deal}

    def registration(self, id: str) -> Any:  # noqa: A002 - as in the contract
        """How a registration stands now."""
        return self.by("partner_manager").get(f"/v1/registrations/{id}", at_least=self.position())

    def queue(self, account: str = "acme", product: str = "edge", as_of: str | None = None) -> Any:
        """Who is first, and who was: queue and timeline."""
        query = {"domain": f"{account}.example", "product": product} | ({} if as_of is None else {"as_of": as_of})
        return self.by("sales").get("/v1/priority", **query)

    def case(self, id: str) -> Any:  # noqa: A002 - as in the contract
        """How a conflict case stands now."""
        return self.by("partner_manager").get(f"/v1/conflicts/{id}")

    def investigate(self, case: str) -> Any:
        """The first step of a case."""
        findings = [{"party": "sales", "fact": "Both met the buyer."}]
        return self.by("sales").post(f"/v1/conflicts/{case}/investigate", {"findings": findings})

    def decide(self, case: str, outcome: str, **changes: Any) -> Any:
        """All steps of a case up to its decision."""
        manager = self.by("partner_manager")
        if self.case(case)["status"] == "identified":
            self.investigate(case)
        if self.case(case)["status"] == "investigating":
            manager.post(f"/v1/conflicts/{case}/mediate", {"skipped": "The facts are plain."})
        body = {"outcome": outcome, "rule": "Who is first (rules §3)", "reason": "As the facts show."}
        return manager.post(f"/v1/conflicts/{case}/decide", body | changes)

    def move_clock(self, to: str | datetime | date | timedelta) -> Any:
        """Move the sandbox's clock to an instant, to noon of a day, or by so much."""
        if isinstance(to, str):
            to = datetime.fromisoformat(to)
        elif isinstance(to, timedelta):
            to = self.now + to
        elif not isinstance(to, datetime):
            to = datetime.combine(to, time(12), UTC)
        moved = self.admin.post("/v1/sandbox/clock", {"now": to.isoformat()})
        self.now = to
        return moved

    def fact(self, kind: str, deal: str, *, at: str | datetime | None = None, **data: Any) -> Any:
        """A webhook about a deal, of what happened `at` an instant (now, by default); it must be answered with 2xx."""
        return _good(self.deliver(self.webhook(f"deal.{kind}", {"deal_id": deal, **data}, at=at)))

    def won(self, deal: str, on: str | None = None, *, at: str | datetime | None = None, **data: Any) -> Any:
        """A webhook about a win, by default today."""
        return self.fact("won", deal, at=at, won_on=on or self.now.date().isoformat(), **data)

    def webhook(self, kind: str, data: Mapping[str, Any], *, at: str | datetime | None = None) -> bytes:
        """The body of a webhook."""
        when = self.now if at is None else at
        stamp = when if isinstance(when, str) else when.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return json.dumps({"type": kind, "timestamp": stamp, "data": data}).encode()

    def deliver(
        self,
        body: bytes,
        id: str | None = None,  # noqa: A002 - as in the contract
        *,
        secret: str = SECRET,
        sent_at: Instant | None = None,
        source: str | None = None,
    ) -> httpx.Response:
        """Post any bytes as a webhook, signed as their source would; whatever is answered."""
        self.deliveries += 1
        delivery = id or f"msg_{self.deliveries}"
        headers = signed_headers(delivery, host_now() if sent_at is None else sent_at, body, secret)
        headers["Content-Type"] = "application/json"
        return self.client.post(f"/webhooks/{source or self.source}", content=body, headers=headers)

    def position(self) -> int:
        """Where the log ends."""
        position: int = self.admin.get("/v1/audit/head")["position"]
        return position

    def close(self, period: str, **changes: Any) -> Any:
        """Finance closes a period."""
        return self.by("finance").post(f"/v1/periods/{period}/close", changes)

    def statement(self, partner: str, period: str, **query: Any) -> Any:
        """A statement that has seen all that was written."""
        query.setdefault("at_least", self.position())
        return self.by("finance").get(f"/v1/statements/{partner}/{period}", **query)


def wanted(account: str = "acme", /, **changes: Any) -> dict[str, Any]:
    """A complete request to register an account `<account>.example`."""
    return {
        "account": {"name": f"{account.title()} GmbH", "country": "DE", "domain": f"{account}.example"},
        "products": ["edge"],
        "value": usd("120000.00"),
        "engagement": "referral",
    } | changes


def usd(amount: str) -> dict[str, str]:
    """Dollars."""
    return {"amount": amount, "currency": "USD"}


def shares(**parts: int) -> list[dict[str, Any]]:
    """Shares in basis points."""
    return [{"partner": partner, "basis_points": points} for partner, points in parts.items()]


def lines(statement: Mapping[str, Any]) -> list[tuple[str, str, Sequence[str]]]:
    """Of each line: its deal, its commission, and why it is held."""
    return [(line["deal"]["id"], line["commission"]["amount"], line["held_because"]) for line in statement["lines"]]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A running server, and the database that it serves."""

    database: URL
    url: str
    client: httpx.Client

    def sandbox(
        self, *, clock: str | None = BEGINNING, time_zone: str = "UTC", currency: str = "USD", source: bool = True
    ) -> Sandbox:
        """A new programme on it, with a source of webhooks; without a `clock` it lives by the real one."""
        programme = ProgrammeId(f"programme-{next(_serial)}")
        start = None if clock is None else instant_from(clock)
        key = asyncio.run(_initialised(self.database, programme, start, time_zone, currency))
        now = datetime.fromisoformat(instant_text(host_now() if start is None else start))
        made = Sandbox(url=self.url, client=self.client, programme=programme, keys={"admin": key}, now=now)
        if source:
            made.admin.post("/v1/sources", {"id": made.source, "kind": "standard", "secret": SECRET})
        return made


@contextmanager
def running(database: URL, folder: Path) -> Iterator[Place]:
    """A server process on an empty database, until the block ends. None of its answers may have been a 500."""
    asyncio.run(_migrated(database))
    server = Server(database, folder)
    server.start()
    try:
        with httpx.Client(base_url=server.url, timeout=TIMEOUT_SECONDS) as client:
            yield Place(database=database, url=server.url, client=client)
    finally:
        server.stop()
    assert " ERROR " not in server.output(), server.output()


async def _migrated(database: URL) -> None:
    opened = open_database(database)
    try:
        await upgrade(opened.engine)
    finally:
        await opened.close()


async def _initialised(
    database: URL, programme: ProgrammeId, clock: Instant | None, time_zone: str, currency: str
) -> str:
    service = assembled(open_database(database), follows=False)
    try:
        command = starting(programme, time_zone=time_zone, currency=currency, clock=clock)
        return (await initialise(service, command)).text
    finally:
        await service.close()
