"""The log as lines of JSON: what an auditor is given over HTTP and what an export file holds (log.md, The record)."""

from domain.ids import ProgrammeId
from service.chain import EventRow


def event_line(programme: ProgrammeId, row: EventRow, previous_hash: bytes) -> dict[str, object]:
    """One event. `body` is a text of exactly the stored bytes, so that the chain can be computed again from it."""
    return {
        "programme": programme,
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "type": row.type_name,
        "recorded_at": row.recorded_at,
        "actor": row.actor,
        "cause": row.cause,
        "body": row.body.decode(),
        "hash": row.hash.hex(),
        "previous_hash": previous_hash.hex(),
    }
