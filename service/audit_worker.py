"""Folding a log in two parts, each a process of its own: `python -m service.audit_worker accounts|ledger`."""

import sys
from collections.abc import Callable
from typing import Final

import msgspec

from service.audit_accounts import AccountsAudit, Behind, Told
from service.audit_frames import Begin, Chunk, End, encode, work
from service.audit_ledger import LedgerAudit
from service.event_names import EVENT_TYPES


class Others(msgspec.Struct, tag=True):
    """The next rows that are of no account, and what the events on accounts among them changed."""

    rows: list[Behind]
    told: Told


class OthersAsTold(msgspec.Struct, tag="Others"):
    """The same, with the accounts' answer as it came."""

    rows: list[Behind]
    told: msgspec.Raw


Frame = Chunk | Others | End


def accounts(begin: Begin) -> Callable[[Frame], bytes]:
    """Folds the accounts."""
    del begin
    audit = AccountsAudit(EVENT_TYPES)

    def answer(frame: Frame) -> bytes:
        if isinstance(frame, End):
            return encode(audit.findings())
        assert isinstance(frame, Chunk)
        return encode(audit.take(frame.rows))

    return answer


def ledger(begin: Begin) -> Callable[[Frame], bytes]:
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


PARTS: Final = {"accounts": accounts, "ledger": ledger}


if __name__ == "__main__":
    work(Begin | Frame, PARTS[sys.argv[1]])
