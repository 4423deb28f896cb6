"""The two halves of an audit in processes of their own, so that neither waits for the other nor the server for them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from domain.ids import ProgrammeId
from service.audit_chain import Receipt
from service.audit_findings import ChainFindings, LedgerFindings
from service.audit_worker import (
    CHAIN,
    LEDGER,
    LENGTH,
    Audit,
    Begin,
    Chunk,
    End,
    decode_chain_findings,
    decode_ledger_findings,
    encode,
)
from service.chain import EventRow, Tip

SHORT_LOG: Final = 2_000
"""A log of up to so many events is audited in a thread: starting a process takes longer."""
UNANSWERED_AT_MOST: Final = 4
"""So many chunks may wait in a half's process; then the reading waits."""
END_SECONDS: Final = 5.0
ROOT: Final = str(Path(__file__).resolve().parent.parent)


class Auditor(Protocol):
    """Takes a log in chunks and says what it found."""

    async def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows in order of position."""

    async def end(self, head: Tip | None) -> tuple[ChainFindings, LedgerFindings]:
        """There are no more rows; the log states this end, or (None) none."""


class ThreadAuditor:
    """Works chunk by chunk beside the event loop."""

    def __init__(self, programme: ProgrammeId, receipt: Receipt | None) -> None:
        self._audit = Audit(programme, receipt)

    async def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows."""
        await asyncio.to_thread(self._audit.take, rows)

    async def end(self, head: Tip | None) -> tuple[ChainFindings, LedgerFindings]:
        """What was found."""
        self._audit.chain.end(head)
        return self._audit.chain.findings(), self._audit.ledger.findings()


class Half:
    """One process. `ask` writes a frame to it; answers come in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._unanswered = 0

    async def ask(self, frame: bytes, *, answered: bool = True) -> None:
        """Give it a frame, when it has not too many already."""
        assert self._process.stdin is not None
        while self._unanswered >= UNANSWERED_AT_MOST:
            await self.answer()
        self._process.stdin.write(LENGTH.pack(len(frame)) + frame)
        self._unanswered += answered
        await self._process.stdin.drain()

    async def answer(self) -> bytes:
        """Its next answer."""
        assert self._process.stdout is not None
        head = await self._process.stdout.readexactly(LENGTH.size)
        self._unanswered -= 1
        return await self._process.stdout.readexactly(LENGTH.unpack(head)[0])

    async def last_answer(self) -> bytes:
        """Its answer to the last frame."""
        found = b""
        while self._unanswered:
            found = await self.answer()
        return found


class ProcessAuditor:
    """Hands every chunk to both halves."""

    def __init__(self, chain: Half, ledger: Half) -> None:
        self._chain = chain
        self._ledger = ledger

    async def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows."""
        frame = encode(Chunk(rows=list(rows)))
        await self._chain.ask(frame)
        await self._ledger.ask(frame)

    async def end(self, head: Tip | None) -> tuple[ChainFindings, LedgerFindings]:
        """What was found, when both have done all they were given."""
        frame = encode(End(head=head))
        await self._chain.ask(frame)
        await self._ledger.ask(frame)
        chain = decode_chain_findings(await self._chain.last_answer())
        return chain, decode_ledger_findings(await self._ledger.last_answer())


@asynccontextmanager
async def auditor(programme: ProgrammeId, receipt: Receipt | None, *, events: int) -> AsyncIterator[Auditor]:
    """Somebody to give a log of about so many events to. Its processes end with the block, however that ends."""
    if events <= SHORT_LOG:
        yield ThreadAuditor(programme, receipt)
        return
    async with AsyncExitStack() as stack:
        halves = [await stack.enter_async_context(half("service.audit_worker", name)) for name in (CHAIN, LEDGER)]
        for one in halves:
            await one.ask(encode(Begin(programme=programme, receipt=receipt)), answered=False)
        yield ProcessAuditor(*halves)


@asynccontextmanager
async def half(module: str, *arguments: str) -> AsyncIterator[Half]:
    """A module running as a process of its own, until the block ends."""
    python_path = os.pathsep.join(path for path in (ROOT, os.environ.get("PYTHONPATH")) if path)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": python_path},
        start_new_session=True,
    )
    try:
        yield Half(process)
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
