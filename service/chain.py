"""The hash chain over the log: pure, so that an exported log is checked with nothing but this module.

`hash(0) = SHA-256("firstclaim-log-v1", programme)` and
`hash(n) = SHA-256(hash(n-1), programme, position, stream, version, type, recorded_at, actor, cause, body)`, over the
stored bytes. Every field is prefixed with its length as 4 bytes, big-endian; text is UTF-8, an integer 8 bytes,
big-endian and signed. Null is the length 0xFFFFFFFF and nothing after it, and so distinct from empty.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

from domain.ids import Instant, ProgrammeId
from service.causes import Cause

CHAIN_VERSION = "firstclaim-log-v1"

length_of = Struct(">I").pack
integer = Struct(">Iq").pack
NULL = b"\xff\xff\xff\xff"
BEGINNING_OF_TIME = Instant(0)


class EventRow(NamedTuple):
    """An event exactly as `record_events` stores it; the programme is known from where it was read."""

    position: int
    stream: str
    version: int
    type_name: str
    body: bytes
    recorded_at: Instant
    actor: str
    cause: Cause | None
    hash: bytes


class Tip(NamedTuple):
    """The end of a log: the position, hash and time of its last event."""

    position: int
    hash: bytes
    recorded_at: Instant


class ChainBroken(Exception):
    """The first position at which a log does not continue its own chain."""

    def __init__(self, position: int, what: str) -> None:
        super().__init__(f"position {position}: {what}")
        self.position = position
        self.what = what


def first_hash(programme: ProgrammeId) -> bytes:
    """The hash at position 0, before any event."""
    return sha256(text(CHAIN_VERSION) + text(programme)).digest()


def empty_log(programme: ProgrammeId) -> Tip:
    """The tip of a log without events."""
    return Tip(0, first_hash(programme), BEGINNING_OF_TIME)


def text(value: str) -> bytes:
    """One text field of the chain's input."""
    encoded = value.encode()
    return length_of(len(encoded)) + encoded


text_again = lru_cache(maxsize=4_096)(text)
"""The same for what comes again and again: the programme, a type's name, an actor."""


def next_hash(
    previous: bytes,
    *,
    programme: ProgrammeId,
    position: int,
    stream: str,
    version: int,
    type_name: str,
    recorded_at: Instant,
    actor: str,
    cause: str | None,
    body: bytes,
) -> bytes:
    """The hash of an event that stands right after the one with the hash `previous`."""
    return sha256(
        b"".join(
            (
                length_of(len(previous)),
                previous,
                text_again(programme),
                integer(8, position),
                text(stream),
                integer(8, version),
                text_again(type_name),
                integer(8, recorded_at),
                text_again(actor),
                NULL if cause is None else text(cause),
                length_of(len(body)),
                body,
            )
        )
    ).digest()


def extend(
    tip: Tip,
    *,
    programme: ProgrammeId,
    stream: str,
    version: int,
    type_name: str,
    recorded_at: Instant,
    actor: str,
    cause: Cause | None,
    body: bytes,
) -> EventRow:
    """The row of the next event after a tip. It is never recorded before the event ahead of it."""
    assert recorded_at >= tip.recorded_at, "recorded_at never decreases"
    position = tip.position + 1
    link = next_hash(
        tip.hash,
        programme=programme,
        position=position,
        stream=stream,
        version=version,
        type_name=type_name,
        recorded_at=recorded_at,
        actor=actor,
        cause=cause,
        body=body,
    )
    return EventRow(position, stream, version, type_name, body, recorded_at, actor, cause, link)


def follow(tip: Tip, programme: ProgrammeId, rows: Iterable[EventRow]) -> Iterator[EventRow]:
    """Gives the rows on, having checked that each continues the chain from `tip`; raises `ChainBroken`."""
    for row in rows:
        if row.position != tip.position + 1:
            raise ChainBroken(tip.position + 1, f"expected here, found {row.position}")
        if row.recorded_at < tip.recorded_at:
            raise ChainBroken(row.position, "recorded before the event ahead of it")
        computed = next_hash(
            tip.hash,
            programme=programme,
            position=row.position,
            stream=row.stream,
            version=row.version,
            type_name=row.type_name,
            recorded_at=row.recorded_at,
            actor=row.actor,
            cause=row.cause,
            body=row.body,
        )
        if computed != row.hash:
            raise ChainBroken(row.position, f"the stored hash {row.hash.hex()} is not the computed {computed.hex()}")
        tip = Tip(row.position, row.hash, row.recorded_at)
        yield row
