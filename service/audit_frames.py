"""What the parts of an audit are told and answer, as processes of their own.

A frame is 4 bytes of length, big-endian, and MessagePack. The first frame begins the audit, each further one is a chunk
of rows or the end. Every frame but the first is answered: a chunk by what it changed or by an empty frame, and the end
by the findings. Nothing here needs the rules, so that a part that does without them begins at once.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any, BinaryIO, Final

import msgspec

from domain.ids import ProgrammeId
from service.audit_chain import Receipt
from service.audit_findings import AccountsFindings
from service.chain import EventRow, Tip

LENGTH: Final = Struct(">I")


class Begin(msgspec.Struct, tag=True):
    """Whose log it is, and what somebody kept of it."""

    programme: ProgrammeId
    receipt: Receipt | None


class Chunk(msgspec.Struct, tag=True):
    """The next rows."""

    rows: list[EventRow]


class End(msgspec.Struct, tag=True):
    """There are no more rows; the log states this end, or (None) none. The ledger is told what was counted."""

    head: Tip | None
    counted: AccountsFindings | None = None


encode: Final = msgspec.msgpack.Encoder().encode


def frames_in(source: BinaryIO) -> Iterator[bytes]:
    """The frames up to the end of the input."""
    while head := source.read(LENGTH.size):
        yield source.read(LENGTH.unpack(head)[0])


def write(answers: BinaryIO, frame: bytes) -> None:
    """Answer with one frame."""
    answers.write(LENGTH.pack(len(frame)) + frame)
    answers.flush()


def work(frame_type: Any, part: Callable[[Begin], Callable[[Any], bytes]]) -> None:
    """Do one part until the end of the log, fed on the input. `part` says what to answer to each frame."""
    gc.disable()  # nothing here refers to itself, and looking through all that was folded takes most of the time
    decode = msgspec.msgpack.Decoder(frame_type).decode
    frames = (decode(frame) for frame in frames_in(sys.stdin.buffer))
    begin = next(frames)
    assert isinstance(begin, Begin)
    answer = part(begin)
    for frame in frames:
        write(sys.stdout.buffer, answer(frame))
