"""The log's stored bytes, followed from position 1: no gap, no swap, no change, and each stream without a gap."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from domain.ids import ProgrammeId
from service.audit_findings import ChainFindings, Disagreement
from service.chain import EventRow, Tip, empty_log, next_hash

_RECEIPT = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


class Receipt(NamedTuple):
    """What somebody kept of the log: at this position it had this hash."""

    position: int
    hash: bytes


def receipt_from(text: str) -> Receipt:
    """Read `POSITION:HASH`. ValueError for anything else."""
    match = _RECEIPT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no receipt: POSITION:HASH, the hash as 64 hexadecimal digits")
    return Receipt(int(match[1]), bytes.fromhex(match[2]))


class ChainAudit:
    """Follows a log in chunks. After the first event that is out of place it looks at nothing more."""

    def __init__(self, programme: ProgrammeId, receipt: Receipt | None) -> None:
        """A log of which nothing has been read."""
        self._programme = programme
        self._receipt = receipt
        self._tip = empty_log(programme)
        self._versions: dict[str, int] = {}
        self._events = 0
        self._first: Disagreement | None = None
        self._refused: Disagreement | None = None
        self._check_receipt()

    def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows in order of position."""
        if self._first is not None:
            return
        for row in rows:
            self._first = self._follow(row)
            if self._first is not None:
                return

    def end(self, head: Tip | None) -> None:
        """There are no more rows, and the log says that this is its end (None: it does not say)."""
        if self._first is None and head is not None and self._tip != head:
            self._first = self._unlike(head)
        if self._receipt is not None and self._receipt.position > self._tip.position and self._first is None:
            self._refused = Disagreement(
                what="the log ends before the receipt's position",
                position=self._receipt.position,
                expected=self._receipt.hash.hex(),
                found=None,
            )

    def findings(self) -> ChainFindings:
        """What was found."""
        return ChainFindings(
            events=self._events,
            position=self._tip.position,
            hash=self._tip.hash,
            first=self._first,
            receipt=self._refused,
        )

    def _follow(self, row: EventRow) -> Disagreement | None:
        tip = self._tip
        expected = tip.position + 1
        if row.position != expected:
            found = f"position {row.position}"
            return Disagreement(
                what="an event is missing", position=expected, expected=f"position {expected}", found=found
            )
        link = next_hash(
            tip.hash,
            programme=self._programme,
            position=row.position,
            stream=row.stream,
            version=row.version,
            type_name=row.type_name,
            recorded_at=row.recorded_at,
            actor=row.actor,
            cause=row.cause,
            body=row.body,
        )
        if link != row.hash:
            what = "the event is not the one that was recorded, or not where it was recorded"
            return Disagreement(what=what, position=expected, expected=link.hex(), found=row.hash.hex())
        if row.recorded_at < tip.recorded_at:
            return Disagreement(
                what="the event is recorded before the one ahead of it",
                position=expected,
                expected=f"recorded_at of {tip.recorded_at} or later",
                found=row.recorded_at,
            )
        version = self._versions.get(row.stream, 0) + 1
        if row.version != version:
            what = f"the stream {row.stream} has a gap"
            return Disagreement(what=what, position=expected, expected=version, found=row.version)
        self._versions[row.stream] = version
        self._events += 1
        self._tip = Tip(row.position, row.hash, row.recorded_at)
        self._check_receipt()
        return None

    def _check_receipt(self) -> None:
        kept = self._receipt
        if kept is not None and kept.position == self._tip.position and kept.hash != self._tip.hash:
            self._refused = Disagreement(
                what="the log is not the one that the receipt is for",
                position=kept.position,
                expected=kept.hash.hex(),
                found=self._tip.hash.hex(),
            )

    def _unlike(self, head: Tip) -> Disagreement:
        tip = self._tip
        if head.position > tip.position:
            expected = f"events up to position {head.position}"
            return Disagreement(
                what="the log ends before its head says", position=tip.position + 1, expected=expected, found=None
            )
        if head.position < tip.position:
            what = "there are events behind the head"
            return Disagreement(what=what, position=head.position + 1, expected=None, found=f"position {tip.position}")
        if head.hash != tip.hash:
            return Disagreement(
                what="the head has another hash", position=tip.position, expected=tip.hash.hex(), found=head.hash.hex()
            )
        return Disagreement(
            what="the head was recorded at another instant than the last event",
            position=tip.position,
            expected=tip.recorded_at,
            found=head.recorded_at,
        )
