"""Why an event was recorded, as text in the log (log.md, The record)."""

import re
from typing import Final, NewType

from domain.ids import Instant

Cause = NewType("Cause", str)
"""Why an event was recorded, as text in the log (log.md, "The record"); build it with the functions below."""

OF_DELIVERY: Final = "delivery:"
"""With this the cause of an event begins that came of a delivery."""
CAUSE_OF_DELIVERY: Final = re.compile(OF_DELIVERY + r"([^:]*):(.*):([0-9a-f]{64})", re.DOTALL)
"""Such a cause: the source, the delivery's id, and the SHA-256 of its raw body."""


def cause_of_delivery(source: str, delivery_id: str, body_hash: bytes) -> Cause:
    """An event that a webhook's delivery brought about: `delivery:<source>:<id>:<sha256 of the raw body, hex>`.

    A source is a slug and the digest has no colon, so the text reads back unambiguously whatever the id holds.
    """
    return Cause(f"delivery:{source}:{delivery_id}:{body_hash.hex()}")


def cause_of_request(api_key_id: str, request: str) -> Cause:
    """An event that an API call brought about: `request:<api key id>:<idempotency key, or the request's own id>`."""
    return Cause(f"request:{api_key_id}:{request}")


def cause_of_timer(looked_at: Instant) -> Cause:
    """An event that time alone brought about: `timer:<the instant at which the timer found it due, in microseconds>`.

    When it fell due is in the event itself.
    """
    return Cause(f"timer:{looked_at}")
