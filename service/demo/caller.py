"""Whoever talks to the service in the demo: people with their keys, and a CRM that signs what it sends. HTTP alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from domain.calendar import instant_text
from domain.ids import Instant
from service.crm.standard import signed_headers
from service.host_time import host_now

SOURCE = "crm"
ROLES = ("partner_manager", "sales", "finance", "auditor", "crm")
"""Those that get a key besides the admin and the partners."""


class Unexpected(Exception):
    """The service did not do what the demo is about to claim."""


def require(holds: bool, claim: str) -> None:
    """Every sentence of the page rests on one of these."""
    if not holds:
        raise Unexpected(claim)


@dataclass(slots=True)
class Caller:
    """Requests and webhooks to one service. `keys` are by role, and by partner for the partners' own."""

    http: httpx.AsyncClient
    keys: dict[str, str]
    secret: str = ""
    position: int = 0
    requests: int = 0
    webhooks: int = 0

    async def post(self, who: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A write that must succeed; its answer."""
        return await self._write("POST", who, path, body)

    async def put(self, who: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Likewise."""
        return await self._write("PUT", who, path, body)

    async def get(self, who: str, path: str, **query: str | int) -> dict[str, Any]:
        """A read that has seen all that was written so far; its answer."""
        self.requests += 1
        headers = {"Authorization": f"Bearer {self.keys[who]}"}
        answer = await self.http.get(path, params={"at_least": self.position, **query}, headers=headers)
        require(answer.is_success, f"GET {path} by {who} succeeds, but it was answered {answer.text}")
        document: dict[str, Any] = answer.json()
        return document

    async def event(self, position: int) -> dict[str, Any]:
        """One event of the log, as an auditor reads it."""
        self.requests += 1
        headers = {"Authorization": f"Bearer {self.keys['auditor']}"}
        answer = await self.http.get("/v1/audit/events", params={"after": position - 1, "limit": 1}, headers=headers)
        require(answer.is_success, f"the event at position {position} can be read: {answer.text}")
        event: dict[str, Any] = json.loads(answer.text.splitlines()[0])
        return event

    async def head(self) -> dict[str, Any]:
        """Where the log ends."""
        self.requests += 1
        answer = await self.http.get("/v1/audit/head", headers={"Authorization": f"Bearer {self.keys['auditor']}"})
        require(answer.is_success, f"the log's head can be read: {answer.text}")
        head: dict[str, Any] = answer.json()
        return head

    async def report(
        self, delivery: str, kind: str, at: Instant, data: Mapping[str, Any], expected: str = "applied"
    ) -> dict[str, Any]:
        """A webhook from the CRM, signed with the source's secret; what became of it."""
        answer = await self.deliver(delivery, webhook(kind, at, data), self.secret)
        require(answer.is_success, f"{kind} is taken, but it was answered {answer.text}")
        document = self._seen(answer.json())
        require(document["outcome"] == expected, f"{kind} of {delivery} is {expected}, not {answer.text}")
        return document

    async def deliver(self, delivery: str, body: bytes, secret: str) -> httpx.Response:
        """Any bytes, signed with any secret, at the real time: that is what a signature lives by."""
        self.webhooks += 1
        headers = signed_headers(delivery, host_now(), body, secret)
        return await self.http.post(f"/webhooks/{SOURCE}", content=body, headers=headers)

    async def _write(self, method: str, who: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        self.requests += 1
        headers = {"Authorization": f"Bearer {self.keys[who]}", "Idempotency-Key": f"demo-{self.requests}"}
        answer = await self.http.request(method, path, json=body, headers=headers)
        require(answer.is_success, f"{method} {path} by {who} succeeds, but it was answered {answer.text}")
        return self._seen(answer.json())

    def _seen(self, document: dict[str, Any]) -> dict[str, Any]:
        self.position = max(self.position, document.get("position") or 0)
        return document


def webhook(kind: str, at: Instant, data: Mapping[str, Any]) -> bytes:
    """The body of a standard webhook."""
    return json.dumps({"type": kind, "timestamp": instant_text(at), "data": data}).encode()
