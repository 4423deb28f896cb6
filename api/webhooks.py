"""Webhooks in: checked on their raw bytes, committed with what they caused, then answered (crm-webhooks.md, §0)."""

import hashlib
import json
from collections.abc import Iterable
from typing import Final

from starlette.responses import Response

from api import path
from api.answers import written
from api.call import Call
from api.metrics import FORGED
from api.models.webhooks import Delivered
from api.operation import Operations
from api.problems import Problem, not_found
from service.commands.deliveries import received
from service.crm.standard import BadSignature, verified_id
from service.host_time import host_now
from service.payloads.strict_json import NotJson
from service.work import DeliveryRow

webhooks = Operations("Webhooks in")

CREDENTIALS: Final = frozenset(("authorization", "cookie", "proxy-authorization", "webhook-signature", "x-api-key"))
"""Headers that are not kept."""
HEADERS_MOST_BYTES: Final = 16_384


@webhooks.operation(
    "POST",
    "/webhooks/{source}",
    roles=None,
    answer=Delivered,
    refusals=("BAD_SIGNATURE", "NOT_JSON", "NOT_FOUND", "DELIVERY_ID_REUSED"),
    reads_raw_body=True,
)
async def receive_webhook(call: Call, source: path.Source) -> Response:
    """Take a webhook.

    The signature is the credential, over the raw bytes. Whatever became of the delivery, the answer is 2xx once it is
    committed; a repeat of the same id and body is answered the same but for `duplicate`.
    """
    found = await call.service.sources.find(source)
    if found is None:
        raise not_found("There is no such source.")
    now = host_now()
    headers = texts(call.scope["headers"])
    try:
        delivery_id = verified_id(headers, call.raw, found.secrets_at(now), now)
    except BadSignature as failure:
        FORGED.inc()
        raise Problem("BAD_SIGNATURE", str(failure), headers={"WWW-Authenticate": "Signature"}) from None
    row = DeliveryRow(
        source=found.id,
        delivery_id=delivery_id,
        received_at=now,
        body=call.raw,
        body_hash=hashlib.sha256(call.raw).digest(),
        headers=kept_headers(headers),
        outcome="ignored",
    )
    try:
        work = received(row)
    except NotJson as failure:
        raise Problem("NOT_JSON", str(failure)) from None
    return written(await call.service.submit(found.programme, work))


def texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as texts; of one that is stated twice, the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


def kept_headers(headers: dict[str, str]) -> str:
    """The headers as they are stored: JSON without credentials, and without NUL, which no database holds."""
    kept = {name: value.replace("\x00", "") for name, value in headers.items() if name not in CREDENTIALS}
    text = json.dumps(kept)
    return text if len(text) <= HEADERS_MOST_BYTES else json.dumps({"webhook-id": kept["webhook-id"]})
