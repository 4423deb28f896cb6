"""The chain's part of an audit as a process of its own: `python -m service.audit_chain_worker`."""

from collections.abc import Callable

from service.audit_chain import ChainAudit
from service.audit_frames import Begin, Chunk, End, encode, work


def chain(begin: Begin) -> Callable[[Chunk | End], bytes]:
    """Follows the stored bytes."""
    audit = ChainAudit(begin.programme, begin.receipt)

    def answer(frame: Chunk | End) -> bytes:
        if isinstance(frame, End):
            audit.end(frame.head)
            return encode(audit.findings())
        audit.take(frame.rows)
        return b""

    return answer


if __name__ == "__main__":
    work(Begin | Chunk | End, chain)
