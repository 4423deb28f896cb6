"""Reading a request's body: bounded while it arrives, and only of the stated type."""

from typing import Final

from starlette.types import Receive

from api.headers import Headers
from api.problems import Problem

BODY_LIMIT: Final = 1024 * 1024
"""A request's body is at most 1 MiB."""

_TOO_LARGE: Final = f"A request's body is at most {BODY_LIMIT} bytes."


class ClientGone(Exception):
    """The caller went away before it had sent its whole request: there is nobody to answer."""


async def read_body(headers: Headers, receive: Receive) -> bytes:
    """The body's bytes; refuses with 413 as soon as it is known to be too long, also where no length was announced."""
    for length in headers.values(b"content-length"):
        if not length.isdigit() or int(length) > BODY_LIMIT:
            raise Problem("TOO_LARGE", _TOO_LARGE, headers={"Connection": "close"})
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            raise Problem("TOO_LARGE", _TOO_LARGE, headers={"Connection": "close"})
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def require_json(headers: Headers) -> None:
    """Refuse with 415 a body that does not say that it is JSON."""
    for value in headers.values(b"content-type"):
        kind = value.split(b";", 1)[0].strip().lower()
        if kind == b"application/json" or (kind.startswith(b"application/") and kind.endswith(b"+json")):
            return
    raise Problem("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json.")
