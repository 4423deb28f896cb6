"""Standard Webhooks 1.0, symmetric: how a source of the kind `standard` signs, and how `firstclaim send` does.

The published library checks one secret against the text of the body and against its own clock; this checks several
secrets (rotation) against the raw bytes and a clock that is given. The tests compare the two.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Final

from domain.ids import Instant

TOLERANCE_SECONDS: Final = 5 * 60
"""A timestamp further than this from the real clock, either way, is refused."""
SIGNATURES_AT_MOST: Final = 20

_ID: Final = re.compile(r"[!-~]{1,255}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")


class BadSignature(Exception):
    """The webhook is not from the source. Its text says what was looked at, never what was expected."""


def verified_id(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: Instant) -> str:
    """The id of a webhook that is from the source, checked over its raw bytes at `now` of the real clock.

    `headers` has lower-case names. Every secret and every signature is compared in full and in constant time.
    """
    delivery_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not is_delivery_id(delivery_id) or _TIMESTAMP.fullmatch(timestamp) is None:
        raise BadSignature("webhook-id or webhook-timestamp is missing or has another form.")
    if abs(now - int(timestamp) * 1_000_000) > TOLERANCE_SECONDS * 1_000_000:
        raise BadSignature(f"webhook-timestamp is more than {TOLERANCE_SECONDS} seconds off.")
    given = [
        signature.removeprefix("v1,")
        for signature in headers.get("webhook-signature", "").split()[:SIGNATURES_AT_MOST]
        if signature.startswith("v1,")
    ]
    good = False
    for secret in secrets:
        expected = _digest(secret, delivery_id, timestamp, body)
        for signature in given:
            good |= hmac.compare_digest(expected, signature.encode())
    if not good:
        raise BadSignature("webhook-signature holds no good signature.")
    return delivery_id


def is_delivery_id(text: str) -> bool:
    """Whether a webhook can have this id: 1 to 255 visible ASCII characters."""
    return _ID.fullmatch(text) is not None


def signed_headers(delivery_id: str, sent_at: Instant, body: bytes, secret: str) -> dict[str, str]:
    """The headers of a webhook sent at an instant of the real clock. A repeat has the same id and a new instant."""
    timestamp = str(sent_at // 1_000_000)
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + _digest(secret, delivery_id, timestamp, body).decode(),
    }


def _digest(secret: str, delivery_id: str, timestamp: str, body: bytes) -> bytes:
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest())


def key_of(secret: str) -> bytes:
    """The bytes that a secret `whsec_<base64>` stands for. ValueError when it has another form."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as failure:
        raise ValueError("a secret is whsec_ and base64") from failure
