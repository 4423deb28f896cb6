"""The log as lines of JSON: what an auditor is given over HTTP and what an export file holds (log.md, The record).

An exported file is one event a line, and as its last line the head: the position and hash of the last event.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from domain.ids import Instant, ProgrammeId
from service.audit_findings import Disagreement
from service.causes import Cause
from service.chain import EventRow, Tip, empty_log

ROWS_AT_ONCE: Final = 1_000


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


def head_line(tip: Tip) -> dict[str, object]:
    """The last line of an exported log."""
    return {"position": tip.position, "hash": tip.hash.hex()}


class EventLine(msgspec.Struct, forbid_unknown_fields=True):
    """One event, as it is read back."""

    programme: ProgrammeId
    position: int
    stream: str
    version: int
    type: str
    recorded_at: Instant
    actor: str
    cause: Cause | None
    body: str
    hash: str
    previous_hash: str


class HeadLine(msgspec.Struct, forbid_unknown_fields=True):
    """The last line, as it is read back."""

    position: int
    hash: str


_decode_event = msgspec.json.Decoder(EventLine).decode
_decode_head = msgspec.json.Decoder(HeadLine).decode


class LogFile:
    """An exported log, read once from its first line to its last.

    A line that is not what its place asks for ends the reading and stays in `broken`; else `head` is the stated end.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        """Read the first line: it names the programme whose log it is."""
        self._lines = iter(lines)
        self._ahead = next(self._lines, b"")
        self.broken: Disagreement | None = None
        self.head: Tip | None = None
        first = self._event(self._ahead)
        self.programme = ProgrammeId("") if first is None else first.programme
        self._tip = empty_log(self.programme)

    def chunks(self) -> Iterator[list[EventRow]]:
        """The events, some at a time."""
        rows = self._rows()
        while chunk := list(islice(rows, ROWS_AT_ONCE)):
            yield chunk

    def _rows(self) -> Iterator[EventRow]:
        line = self._ahead
        while (event := self._event(line)) is not None:
            if not self._continues(event):
                return
            self._tip = Tip(event.position, bytes.fromhex(event.hash), event.recorded_at)
            yield EventRow(
                event.position,
                event.stream,
                event.version,
                event.type,
                event.body.encode(),
                event.recorded_at,
                event.actor,
                event.cause,
                self._tip.hash,
            )
            line = next(self._lines, b"")
        self._end_with(line)

    def _event(self, line: bytes) -> EventLine | None:
        try:
            event = _decode_event(line)
            bytes.fromhex(event.hash)
            event.body.encode()
        except (msgspec.MsgspecError, ValueError):
            return None
        return event

    def _continues(self, event: EventLine) -> bool:
        """Whether a line names the same programme and the hash of the line before it."""
        for what, expected, found in (
            ("another programme's event", self.programme, event.programme),
            ("the line names another hash before it", self._tip.hash.hex(), event.previous_hash),
            ("the hash is written otherwise", bytes.fromhex(event.hash).hex(), event.hash),
        ):
            if expected != found:
                self._break(what, expected, found)
                return False
        return True

    def _end_with(self, line: bytes) -> None:
        """The first line that is no event must be the head, and the last."""
        try:
            stated = _decode_head(line)
            digest = bytes.fromhex(stated.hash)
        except (msgspec.MsgspecError, ValueError):
            what = "the file ends without its head" if not line else "the line is neither an event nor the head"
            self._break(what, "an event, or the head", line[:200].decode(errors="replace") or None)
            return
        further = next(self._lines, None)
        if further is not None:
            self._break("the head is not the last line", None, further[:200].decode(errors="replace"))
            return
        self.head = Tip(stated.position, digest, self._tip.recorded_at)

    def _break(self, what: str, expected: object, found: object) -> None:
        self.broken = Disagreement(what=what, position=self._tip.position + 1, expected=expected, found=found)
