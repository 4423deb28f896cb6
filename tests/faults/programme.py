"""A programme to be put under stress: made by the command line, driven over HTTP by whoever tests."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import URL

from service.crm.standard import signed_headers
from service.host_time import host_now
from tests.support.server import Server, firstclaim

SOURCE: Final = "crm"
TRIES: Final = 200
PAUSE_SECONDS: Final = 0.1
LIMITS: Final = httpx.Limits(max_connections=64, max_keepalive_connections=64)


@dataclass(slots=True)
class StressedProgramme:
    """A programme's admin key and the secret of its source of webhooks."""

    admin: dict[str, str]
    client: httpx.AsyncClient
    secret: str = ""

    async def post(self, server: Server, path: str, body: object) -> httpx.Response:
        """Send as admin."""
        return await self.client.post(f"{server.url}{path}", json=body, headers=self.admin)

    async def get(self, server: Server, path: str) -> Any:
        """Read as admin; the answer's JSON."""
        response = await self.client.get(f"{server.url}{path}", headers=self.admin)
        assert response.status_code == 200, response.text
        return response.json()

    async def add_source(self, server: Server) -> None:
        """Make the source known, and keep its secret."""
        response = await self.post(server, "/v1/sources", {"id": SOURCE, "kind": "standard", "mapping": {}})
        assert response.status_code == 201, response.text
        self.secret = response.json()["secret"]

    async def enrol(self, server: Server, partners: Sequence[str]) -> None:
        """Bring partners into the programme."""
        answers = await asyncio.gather(*(self.post(server, "/v1/partners", partner_named(p)) for p in partners))
        assert {answer.status_code for answer in answers} == {201}, answers[0].text

    async def deliver(self, server: Server, delivery: str, body: bytes) -> httpx.Response | None:
        """Send a webhook as the source would; None when no answer came back."""
        headers = signed_headers(delivery, host_now(), body, self.secret)
        try:
            return await self.client.post(f"{server.url}/webhooks/{SOURCE}", content=body, headers=headers)
        except httpx.TransportError:
            return None

    async def deliver_until_taken(self, server: Server, delivery: str, body: bytes) -> dict[str, Any]:
        """Send a webhook again and again, as a CRM does, until it is acknowledged; bounded."""
        response = None
        for _ in range(TRIES):
            response = await self.deliver(server, delivery, body)
            if response is not None and response.status_code == 200:
                answer: dict[str, Any] = response.json()
                return answer
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError(f"{delivery} was never taken: {response and response.text}")


@asynccontextmanager
async def stressed(database: URL, folder: Path) -> AsyncIterator[StressedProgramme]:
    """Make the tables and the programme on an empty database."""
    assert firstclaim("migrate", database=database, folder=folder).returncode == 0
    key_file = folder / "admin-key"
    made = firstclaim(
        "init", "--programme", "stress", "--admin-key-file", str(key_file), database=database, folder=folder
    )
    assert made.returncode == 0, made.stderr
    async with httpx.AsyncClient(timeout=30, limits=LIMITS) as client:
        yield StressedProgramme(admin={"Authorization": f"Bearer {key_file.read_text().strip()}"}, client=client)


def partner_named(partner: str) -> dict[str, object]:
    """A partner that may register anything."""
    agreement = {"products": ["*"], "territories": ["*"], "effective_from": "2020-01-01", "ends_on": None}
    return {"id": partner, "name": partner.title(), "currency": "USD", "agreement": agreement}


def registration_of(partner: str, account: str, deal: str | None = None) -> dict[str, object]:
    """A registration of an account named by its domain."""
    return {
        "partner": partner,
        "account": {"name": account, "country": "DE", "domain": f"{account}.example"},
        "products": ["edge"],
        "value": {"amount": "120000.00", "currency": "USD"},
        "engagement": "referral",
        "deal": None if deal is None else {"source": SOURCE, "id": deal},
    }


def webhook(kind: str, timestamp: str, data: dict[str, object]) -> bytes:
    """The body of a standard webhook."""
    return json.dumps({"type": kind, "timestamp": timestamp, "data": data}).encode()
