"""Finished answers: bytes, status and the headers that the contract promises."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

from service.work import Answer

JSON: Final = "application/json"
encoded: Final = msgspec.json.Encoder().encode
"""The UTF-8 JSON of a document."""


_CONTENT_TYPE: Final = (b"content-type", JSON.encode())
_REPLAYED: Final = (b"idempotency-replayed", b"true")


class Finished(Response):
    """JSON that is made already, with headers that need no looking at."""

    def __init__(self, body: bytes, status_code: int, *headers: tuple[bytes, bytes]) -> None:
        self.body = body
        self.status_code = status_code
        self.raw_headers = [(b"content-length", b"%d" % len(body)), _CONTENT_TYPE, *headers]
        self.background = None


def written(answer: Answer) -> Response:
    """The answer to a write, as it was committed."""
    return Finished(answer.body, 201 if answer.created else 200, *((_REPLAYED,) if answer.replayed else ()))


def shown(document: Any, position: int, *, headers: dict[str, str] | None = None) -> Response:
    """The answer to a read, which says how much of the log it has seen."""
    return Response(encoded(document), 200, {"Firstclaim-Position": str(position), **(headers or {})}, JSON)


def erased() -> Response:
    """The answer to an erasure, which writes no event."""
    return Response(b'{"erased":true,"position":null,"recorded_at":null}', 200, media_type=JSON)
