"""One part of an audit as a process of its own: `python -m service.audit_worker chain|accounts|ledger`.

It is fed on its input. A frame is 4 bytes of length, big-endian, and MessagePack. The first frame begins the audit, each further one is a chunk
of rows or the end. A chunk is answered by what the accounts' events changed, or by an empty frame, and the end by the
findings.
"""

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from struct import Struct
from typing import BinaryIO, Final

import msgspec

from domain.ids import ProgrammeId
from service.audit_accounts import AccountsAudit, AccountsFindings, Behind, Told, parted
from service.audit_chain import ChainAudit, Receipt
from service.audit_findings import ChainFindings, LedgerFindings
from service.audit_ledger import LedgerAudit
from service.chain import EventRow, Tip
from service.event_names import EVENT_TYPES

LENGTH: Final = Struct(">I")
CHAIN: Final = "chain"
ACCOUNTS: Final = "accounts"
LEDGER: Final = "ledger"


class Begin(msgspec.Struct, tag=True):
    """Whose log it is, and what somebody kept of it."""

    programme: ProgrammeId
    receipt: Receipt | None


class Chunk(msgspec.Struct, tag=True):
    """The next rows."""

    rows: list[EventRow]


class Others(msgspec.Struct, tag=True):
    """The next rows that are of no account, and what the events on accounts among them changed."""

    rows: list[Behind]
    told: Told


class OthersAsTold(msgspec.Struct, tag="Others"):
    """The same, with the accounts' answer as it came."""

    rows: list[Behind]
    told: msgspec.Raw


class End(msgspec.Struct, tag=True):
    """There are no more rows; the log states this end, or (None) none. The ledger is told what was counted."""

    head: Tip | None
    counted: AccountsFindings | None = None


Frame = Begin | Chunk | Others | End

encode: Final = msgspec.msgpack.Encoder().encode
decode_frame: Final = msgspec.msgpack.Decoder(Frame).decode
decode_chain_findings: Final = msgspec.msgpack.Decoder(ChainFindings).decode
decode_accounts_findings: Final = msgspec.msgpack.Decoder(AccountsFindings).decode
decode_ledger_findings: Final = msgspec.msgpack.Decoder(LedgerFindings).decode


class Audit:
    """All parts under one roof, for logs so short that a process costs more than the work."""

    def __init__(self, programme: ProgrammeId, receipt: Receipt | None) -> None:
        """A log of which nothing has been read."""
        self._chain = ChainAudit(programme, receipt)
        self._accounts = AccountsAudit(EVENT_TYPES)
        self._ledger = LedgerAudit(EVENT_TYPES)

    def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows in order of position."""
        self._chain.take(rows)
        of_accounts, others = parted(rows, EVENT_TYPES)
        self._ledger.take(others, self._accounts.take(of_accounts))

    def end(self, head: Tip | None) -> tuple[ChainFindings, LedgerFindings]:
        """There are no more rows; what was found."""
        self._chain.end(head)
        return self._chain.findings(), self._ledger.findings(self._accounts.findings())


Answers = Callable[[Frame], bytes]
"""What a part says to each frame after the first."""


def of_chain(begin: Begin) -> Answers:
    """Follows the stored bytes."""
    audit = ChainAudit(begin.programme, begin.receipt)

    def answer(frame: Frame) -> bytes:
        if isinstance(frame, End):
            audit.end(frame.head)
            return encode(audit.findings())
        assert isinstance(frame, Chunk)
        audit.take(frame.rows)
        return b""

    return answer


def of_accounts(begin: Begin) -> Answers:
    """Folds the accounts."""
    del begin
    audit = AccountsAudit(EVENT_TYPES)

    def answer(frame: Frame) -> bytes:
        if isinstance(frame, End):
            return encode(audit.findings())
        assert isinstance(frame, Chunk)
        return encode(audit.take(frame.rows))

    return answer


def of_ledger(begin: Begin) -> Answers:
    """Folds the rest, and computes statements again."""
    del begin
    audit = LedgerAudit(EVENT_TYPES)

    def answer(frame: Frame) -> bytes:
        if isinstance(frame, End):
            assert frame.counted is not None
            return encode(audit.findings(frame.counted))
        assert isinstance(frame, Others)
        audit.take(frame.rows, frame.told)
        return b""

    return answer


PARTS: Final = {CHAIN: of_chain, ACCOUNTS: of_accounts, LEDGER: of_ledger}


def main(part: str, source: BinaryIO, answers: BinaryIO) -> None:
    """Do one part until the end of the log."""
    gc.disable()  # nothing here refers to itself, and looking through all that was folded takes most of the time
    frames = (decode_frame(frame) for frame in frames_in(source))
    begin = next(frames)
    assert isinstance(begin, Begin)
    answer = PARTS[part](begin)
    for frame in frames:
        write(answers, answer(frame))


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
