"""One half of an audit as a process of its own: `python -m service.audit_worker chain|ledger`, fed on its input.

A frame is 4 bytes of length, big-endian, and MessagePack. The first frame begins the audit, each further one is a chunk
of rows or the end; every chunk is answered by an empty frame and the end by the findings.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import BinaryIO, Final

import msgspec

from domain.ids import ProgrammeId
from service.audit_chain import ChainAudit, Receipt
from service.audit_findings import ChainFindings, LedgerFindings
from service.audit_ledger import LedgerAudit
from service.chain import EventRow, Tip
from service.event_names import EVENT_TYPES

LENGTH: Final = Struct(">I")
CHAIN: Final = "chain"
LEDGER: Final = "ledger"


class Begin(msgspec.Struct, tag=True):
    """Whose log it is, and what somebody kept of it."""

    programme: ProgrammeId
    receipt: Receipt | None


class Chunk(msgspec.Struct, tag=True):
    """The next rows."""

    rows: list[EventRow]


class End(msgspec.Struct, tag=True):
    """There are no more rows; the log states this end, or (None) none."""

    head: Tip | None


Frame = Begin | Chunk | End

encode: Final = msgspec.msgpack.Encoder().encode
decode_frame: Final = msgspec.msgpack.Decoder(Frame).decode
decode_chain_findings: Final = msgspec.msgpack.Decoder(ChainFindings).decode
decode_ledger_findings: Final = msgspec.msgpack.Decoder(LedgerFindings).decode


class Audit:
    """Both halves under one roof, for logs so short that a process costs more than the work."""

    def __init__(self, programme: ProgrammeId, receipt: Receipt | None) -> None:
        """A log of which nothing has been read."""
        self.chain = ChainAudit(programme, receipt)
        self.ledger = LedgerAudit(EVENT_TYPES)

    def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows in order of position."""
        self.chain.take(rows)
        self.ledger.take(rows)


def main(half: str, source: BinaryIO, answers: BinaryIO) -> None:
    """Do one half until the end of the log."""
    gc.disable()  # nothing here refers to itself, and looking through all that was folded takes most of the time
    frames = (decode_frame(frame) for frame in frames_in(source))
    begin = next(frames)
    assert isinstance(begin, Begin)
    chain = ChainAudit(begin.programme, begin.receipt) if half == CHAIN else None
    ledger = LedgerAudit(EVENT_TYPES) if half == LEDGER else None
    for frame in frames:
        if isinstance(frame, Chunk):
            for audit in (chain, ledger):
                if audit is not None:
                    audit.take(frame.rows)
            write(answers, b"")
        elif isinstance(frame, End):
            if chain is not None:
                chain.end(frame.head)
                write(answers, encode(chain.findings()))
            if ledger is not None:
                write(answers, encode(ledger.findings()))


def frames_in(source: BinaryIO) -> Iterator[bytes]:
    """The frames up to the end of the input."""
    while head := source.read(LENGTH.size):
        yield source.read(LENGTH.unpack(head)[0])


def write(answers: BinaryIO, frame: bytes) -> None:
    """Answer with one frame."""
    answers.write(LENGTH.pack(len(frame)) + frame)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
