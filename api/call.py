"""One request, as the endpoints see it: who calls, on what service, and with which bytes."""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from domain.ids import PartnerId, ProgrammeId
from service.access import AccessKey
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
        self.number = ""

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

    @property
    def cause(self) -> Cause:
        """The request as it stands in the log."""
        return cause_of_request(self.key.id, self.request_key.idempotency_key if self.request_key else self.number)
