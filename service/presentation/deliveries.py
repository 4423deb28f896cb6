"""Webhooks' deliveries as the HTTP contract shows them."""

from collections.abc import Sequence

import msgspec

from domain.calendar import instant_text
from domain.ids import Instant
from service.chain import EventRow
from service.delivery_lists import Rival
from service.presentation.values import Document
from service.work import DeliveryRow


def delivery_document(row: DeliveryRow) -> Document:
    """A delivery without its body."""
    return {
        "source": row.source,
        "id": row.delivery_id,
        "received_at": instant_text(row.received_at),
        "outcome": row.outcome,
        "position": row.position,
        "reason": row.reason,
        "registration": row.registration,
        "waits_for": row.waits_for,
        "body_hash": row.body_hash.hex(),
    }


def delivery_in_full(row: DeliveryRow, caused: Sequence[EventRow], rivals: Sequence[Rival]) -> Document:
    """A delivery with its raw body, what it caused, and what else came under its id."""
    return {
        **delivery_document(row),
        "headers": msgspec.json.decode(row.headers),
        "body": _text(row.body),
        "errors": None if row.errors is None else msgspec.json.decode(row.errors),
        "caused": [
            {"position": event.position, "type": event.type_name, "recorded_at": instant_text(event.recorded_at)}
            for event in caused
        ],
        "rivals": [
            {
                "received_at": instant_text(Instant(rival.received_at)),
                "body_hash": rival.body_hash.hex(),
                "body": _text(rival.body),
            }
            for rival in rivals
        ],
    }


def _text(body: bytes | None) -> str | None:
    return None if body is None else body.decode(errors="replace")
