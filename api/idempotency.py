"""Which repeated call is the same call: `Idempotency-Key`, within the API key that sends it (api.md, Conventions)."""

import hashlib
import re
from typing import Final

from starlette.types import Scope

from api.headers import Headers
from api.problems import mistake
from service.access import AccessKey
from service.work import RequestKey

_KEY: Final = re.compile(rb"[!-~](?:[ -~]{0,253}[!-~])?")


def idempotency_key(headers: Headers) -> str | None:
    """The header's value. 422 where it is empty, too long, not printable, or stated twice."""
    given = headers.values(b"idempotency-key")
    if not given:
        return None
    if len(given) > 1 or _KEY.fullmatch(given[0]) is None:
        raise mistake("Idempotency-Key", "malformed", "State it once, with at most 255 printable ASCII characters.")
    return given[0].decode()


def request_key(key: AccessKey, header: str | None, scope: Scope, body: bytes) -> RequestKey | None:
    """The request's identity for the log; None for a request that does not ask to be the same one when repeated."""
    if header is None:
        return None
    parts = (scope["method"].encode(), scope["path"].encode(), scope["query_string"], body)
    digest = hashlib.sha256(b"".join([piece for part in parts for piece in (len(part).to_bytes(8, "big"), part)]))
    return RequestKey(api_key_id=key.id, idempotency_key=header, request_hash=digest.digest())
