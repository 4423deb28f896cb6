"""A running service for tests: a real server, a programme, and a caller for each role."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from sqlalchemy import URL

from api.app import create_app
from domain.calendar import instant_from
from domain.ids import ProgrammeId
from service.access import Role
from service.assembly import assembled
from service.crm.standard import signed_headers
from service.database import open_database
from service.host_time import host_now
from service.initialise import initialise, starting
from service.running import Service
from tests.support.server import free_port

PROGRAMME = ProgrammeId("default")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
START_TRIES = 500


@dataclass(kw_only=True)
class House:
    """The service, where it listens, and who calls."""

    service: Service
    url: str
    client: httpx.AsyncClient
    keys: dict[str, str] = field(default_factory=dict)
    deliveries: int = 0

    async def ask(self, method: str, path: str, *, by: str | None = "admin", **arguments: Any) -> httpx.Response:
        """A request by a role (None: without a key), or by `partner:<id>`."""
        headers = dict(arguments.pop("headers", {}))
        if by is not None:
            headers["Authorization"] = f"Bearer {await self.key_of(by)}"
        return await self.client.request(method, path, headers=headers, **arguments)

    async def get(self, path: str, *, by: str | None = "admin", **arguments: Any) -> Any:
        """What a read answers, which must be 200."""
        answer = await self.ask("GET", path, by=by, **arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, *, by: str | None = "admin", **arguments: Any) -> Any:
        """What a write answers, which must be 2xx."""
        if body is not None:
            arguments["json"] = body
        answer = await self.ask("POST", path, by=by, **arguments)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def refused(self, method: str, path: str, *, by: str | None = "admin", **arguments: Any) -> tuple[int, str]:
        """The status and code of a problem."""
        answer = await self.ask(method, path, by=by, **arguments)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = answer.json()
        assert problem["status"] == answer.status_code
        return answer.status_code, problem["code"]

    async def key_of(self, who: str) -> str:
        """The key of a role, made when it is first asked for."""
        if who not in self.keys:
            role, _, partner = who.partition(":")
            body = {"role": role, "partner": partner or None, "name": who}
            self.keys[who] = (await self.post("/v1/keys", body))["key"]
        return self.keys[who]

    async def enrol(self, partner: str, **changes: Any) -> Any:
        """A partner with an agreement for everything."""
        body = {
            "id": partner,
            "name": partner.title(),
            "currency": "USD",
            "agreement": {"products": ["*"], "territories": ["*"], "effective_from": "2020-01-01", "ends_on": None},
        } | changes
        return await self.post("/v1/partners", body, by="partner_manager")

    async def source(self, source: str = "crm") -> None:
        """A source of webhooks with the published secret."""
        await self.post("/v1/sources", {"id": source, "kind": "standard", "secret": SECRET})

    async def send(
        self,
        kind: str,
        data: Mapping[str, Any],
        *,
        at: str = "2026-11-25T16:00:00Z",
        delivery: str | None = None,
        source: str = "crm",
        secret: str = SECRET,
    ) -> httpx.Response:
        """A signed webhook."""
        self.deliveries += 1
        body = json.dumps({"type": kind, "timestamp": at, "data": data}).encode()
        return await self.deliver(body, delivery or f"msg_{self.deliveries}", source=source, secret=secret)

    async def deliver(self, body: bytes, delivery: str, *, source: str = "crm", secret: str = SECRET) -> httpx.Response:
        """Any signed bytes."""
        headers = signed_headers(delivery, host_now(), body, secret)
        return await self.client.post(f"/webhooks/{source}", content=body, headers=headers)

    async def position(self) -> int:
        """Where the log ends."""
        position: int = (await self.get("/v1/audit/head"))["position"]
        return position


def registration(partner: str | None = "northwind", **changes: Any) -> dict[str, Any]:
    """A complete request to register."""
    return {
        "partner": partner,
        "account": {"name": "Acme GmbH", "country": "DE", "domain": "acme.example"},
        "products": ["edge"],
        "value": {"amount": "120000.00", "currency": "USD"},
        "engagement": "referral",
    } | changes


@asynccontextmanager
async def opened(url: URL, *, clock: str | None = None) -> AsyncIterator[House]:
    """A service on this database, served until the test ends."""
    service = assembled(open_database(url))
    admin = await initialise(service, starting(PROGRAMME, clock=None if clock is None else instant_from(clock)))
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(create_app(service), host="127.0.0.1", port=port, log_config=None, lifespan="on")
    )
    serving = asyncio.create_task(server.serve())
    try:
        for _ in range(START_TRIES):
            if server.started:
                break
            assert not serving.done(), "the server ended by itself"
            await asyncio.sleep(0.01)
        assert server.started
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=address, timeout=30) as client:
            yield House(service=service, url=address, client=client, keys={"admin": admin.text})
    finally:
        server.should_exit = True
        await serving


def roles() -> list[Role]:
    """Every role."""
    return ["admin", "partner_manager", "sales", "finance", "auditor", "partner", "crm"]
