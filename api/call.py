"""One request, as the endpoints see it: who calls, on what service, and with which bytes."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from api.paging import Reading
from domain.ids import PartnerId, ProgrammeId
from service.access import AccessKey
from service.reading import Moment
from service.work import Cause, RequestKey, cause_of_request

if TYPE_CHECKING:
    from service.running import Service


class Call(Request):
    """A request that came through the gate of its operation.

    `key` is who calls, and is missing on routes without a key (webhooks, health). `raw` is the whole body. `request`
    is set where the caller asks that a repeat be the same call.
    """

    key: AccessKey

    def __init__(self, scope: Scope, receive: Receive, send: Send, service: "Service") -> None:
        super().__init__(scope, receive, send)
        self.service = service
        self.raw = b""
        self.request_key: RequestKey | None = None

    @property
    def programme(self) -> ProgrammeId:
        """The programme of the calling key: there is no way to name another."""
        return self.key.programme

    @property
    def partner(self) -> PartnerId | None:
        """The one partner that a partner's key sees and touches; None for any other key."""
        return self.key.partner

    @property
    def actor(self) -> str:
        """The caller as it stands in the log."""
        return self.key.id

    @cached_property
    def number(self) -> str:
        """The request's own id, which stands in the log where the caller gave it no idempotency key."""
        return secrets.token_hex(8)

    @property
    def cause(self) -> Cause:
        """The request as it stands in the log."""
        return cause_of_request(self.key.id, self.request_key.idempotency_key if self.request_key else self.number)

    @asynccontextmanager
    async def reading(self, query: Reading, view: str | None = None, key: str | None = None) -> AsyncIterator[Moment]:
        """The programme at one moment, once the view that is read has seen what the query asks for.

        `view` is a following projection; None: only the log itself and what is kept with it are read. `key` is whose
        rows are read, where the view could be parked at it.
        """
        if query.at_least is not None:
            name = view or "priority"
            projection = self.service.projections[name]
            await self.service.views.at_least(self.programme, projection, query.at_least, key=key)
        async with self.service.reading.moment(self.programme) as moment:
            yield moment
