"""Two worlds in a process of their own: `python -m service.what_if_worker`, fed on its input as an audit is.

The first frame begins with what is asked, each further one is a chunk of rows or the end. Every chunk is answered by an
empty frame and the end by what would change.
"""

import gc
import sys
from collections.abc import Sequence
from typing import BinaryIO, Final

import msgspec

from domain.changed import changed
from domain.ids import Instant, Position
from domain.programme.terms import Terms
from domain.recorded import Recorded
from domain.refusal import Refusal
from domain.what_if.comparison import PartnerChange
from domain.what_if.hypothesis import CaseDecidedSo, FactTold, Hypothesis, tells_again
from domain.what_if.retelling import ChangeTerms
from domain.what_if.world import Worlds
from service.audit_frames import frames_in, write
from service.chain import EventRow
from service.event_names import EVENT_TYPES


class Happens(msgspec.Struct):
    """One thing that would happen: a fact or a decision."""

    fact: FactTold | None = None
    decision: CaseDecidedSo | None = None


class Ask(msgspec.Struct, tag=True):
    """What is asked: of the terms in `terms` those settings that are named would be others, and what would happen."""

    settings: list[str]
    terms: Terms
    happens: list[Happens]
    now: Instant


class Rows(msgspec.Struct, tag=True):
    """The next rows of the log."""

    rows: list[EventRow]


class Done(msgspec.Struct, tag=True):
    """There are no more rows."""


class Found(msgspec.Struct):
    """What would change, where something said has no place; or why the hypothesis cannot be."""

    changes: list[PartnerChange]
    left_out: list[Position]
    told_again: bool
    refused: tuple[str, str, str] | None = None
    """Code, sentence and field."""


Frame = Ask | Rows | Done

encode: Final = msgspec.msgpack.Encoder().encode
decode_frame: Final = msgspec.msgpack.Decoder(Frame).decode
decode_found: Final = msgspec.msgpack.Decoder(Found).decode


class Comparing:
    """Reads the log into both worlds and says what differs."""

    def __init__(self, ask: Ask) -> None:
        """A log of which nothing was read."""
        change = change_of(ask)
        again = change is not None and tells_again(change, Terms())
        happens = [one.fact or one.decision for one in ask.happens]
        hypothesis = Hypothesis(change=change, happens=[one for one in happens if one is not None])
        self._worlds = Worlds(hypothesis, again=again)
        self._again = again
        self._now = ask.now

    def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows, in order of position."""
        for row in rows:
            event = EVENT_TYPES.decode(row.type_name, row.body)
            self._worlds.apply(
                Recorded(position=Position(row.position), recorded_at=row.recorded_at, actor=row.actor, event=event)
            )

    def found(self) -> Found:
        """What would change."""
        try:
            changes = self._worlds.changes(self._now)
        except Refusal as refusal:
            named = (refusal.code, refusal.detail, str(refusal.facts.get("field", "")))
            return Found(changes=[], left_out=[], told_again=self._again, refused=named)
        return Found(changes=list(changes), left_out=list(self._worlds.left_out), told_again=self._again)


def change_of(ask: Ask) -> ChangeTerms | None:
    """Puts the named settings in the place of those of a version; None where none is named."""
    if not ask.settings:
        return None
    stated = {name: getattr(ask.terms, name) for name in ask.settings}
    return lambda terms: changed(terms, **stated)


def main(source: BinaryIO, answers: BinaryIO) -> None:
    """Compare until the end of the log."""
    gc.disable()  # as an audit does: nothing here refers to itself
    frames = (decode_frame(frame) for frame in frames_in(source))
    ask = next(frames)
    assert isinstance(ask, Ask)
    comparing = Comparing(ask)
    for frame in frames:
        if isinstance(frame, Rows):
            comparing.take(frame.rows)
            write(answers, b"")
        elif isinstance(frame, Done):
            write(answers, encode(comparing.found()))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
