"""The parts of an audit in processes of their own, so that none waits for another nor the server for them.

The chain, the accounts, and the rest: the accounts' process says after each chunk what deals lead to now, and that goes
on to the process of the rest.
"""

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from domain.ids import ProgrammeId
from service.audit_accounts import AccountsAudit, Behind, parted
from service.audit_chain import ChainAudit, Receipt
from service.audit_findings import AccountsFindings, ChainFindings, LedgerFindings
from service.audit_frames import LENGTH, Begin, Chunk, End, encode
from service.audit_ledger import LedgerAudit
from service.audit_worker import OthersAsTold
from service.chain import EventRow, Tip
from service.event_names import EVENT_TYPES

SHORT_LOG: Final = 2_000
"""A log of up to so many events is audited in a thread: starting a process takes longer."""
UNANSWERED_AT_MOST: Final = 4
"""So many chunks may wait in a part's process; then the reading waits."""
ANSWERS_BYTES_AT_MOST: Final = 64 << 20
"""So much of a part's answers is held while it is given more: a part never waits for its answers to be read."""
END_SECONDS: Final = 5.0
PARTS: Final = (
    ("service.audit_chain_worker",),
    ("service.audit_worker", "accounts"),
    ("service.audit_worker", "ledger"),
)
"""The chain, the accounts and the rest, as modules to run."""
ROOT: Final = str(Path(__file__).resolve().parent.parent)


decode_chain_findings: Final = msgspec.msgpack.Decoder(ChainFindings).decode
decode_accounts_findings: Final = msgspec.msgpack.Decoder(AccountsFindings).decode
decode_ledger_findings: Final = msgspec.msgpack.Decoder(LedgerFindings).decode


class Auditor(Protocol):
    """Takes a log in chunks and says what it found."""

    async def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows in order of position."""

    async def end(self, head: Tip | None) -> tuple[ChainFindings, LedgerFindings]:
        """There are no more rows; the log states this end, or (None) none."""


class ThreadAuditor:
    """Works chunk by chunk beside the event loop."""

    def __init__(self, programme: ProgrammeId, receipt: Receipt | None) -> None:
        self._chain = ChainAudit(programme, receipt)
        self._accounts = AccountsAudit(EVENT_TYPES)
        self._ledger = LedgerAudit(EVENT_TYPES)

    async def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows."""
        await asyncio.to_thread(self._take, rows)

    async def end(self, head: Tip | None) -> tuple[ChainFindings, LedgerFindings]:
        """What was found."""
        self._chain.end(head)
        return self._chain.findings(), self._ledger.findings(self._accounts.findings())

    def _take(self, rows: Sequence[EventRow]) -> None:
        self._chain.take(rows)
        of_accounts, others = parted(rows, EVENT_TYPES)
        self._ledger.take(others, self._accounts.take(of_accounts))


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
    """Hands every part its rows of each chunk."""

    def __init__(self, chain: Half, accounts: Half, ledger: Half) -> None:
        self._chain = chain
        self._accounts = accounts
        self._ledger = ledger
        self._others: deque[list[Behind]] = deque()
        """Rows that wait for what the accounts' events among them changed."""

    async def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows."""
        await self._chain.ask(encode(Chunk(rows=list(rows))))
        of_accounts, others = parted(rows, EVENT_TYPES)
        await self._accounts.ask(encode(Chunk(rows=of_accounts)))
        self._others.append(others)
        while len(self._others) >= UNANSWERED_AT_MOST:
            await self._pass_on()

    async def end(self, head: Tip | None) -> tuple[ChainFindings, LedgerFindings]:
        """What was found, when all have done what they were given."""
        frame = encode(End(head=head))
        await self._chain.ask(frame)
        while self._others:
            await self._pass_on()
        await self._accounts.ask(frame)
        counted = decode_accounts_findings(await self._accounts.last_answer())
        await self._ledger.ask(encode(End(head=head, counted=counted)))
        chain = decode_chain_findings(await self._chain.last_answer())
        return chain, decode_ledger_findings(await self._ledger.last_answer())

    async def _pass_on(self) -> None:
        told = msgspec.Raw(await self._accounts.answer())
        await self._ledger.ask(encode(OthersAsTold(rows=self._others.popleft(), told=told)))


@asynccontextmanager
async def auditor(programme: ProgrammeId, receipt: Receipt | None, *, events: int) -> AsyncIterator[Auditor]:
    """Somebody to give a log of about so many events to. Its processes end with the block, however that ends."""
    if events <= SHORT_LOG:
        yield ThreadAuditor(programme, receipt)
        return
    async with AsyncExitStack() as stack:
        parts = [await stack.enter_async_context(half(*command)) for command in PARTS]
        for one in parts:
            await one.ask(encode(Begin(programme=programme, receipt=receipt)), answered=False)
        yield ProcessAuditor(*parts)


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
        limit=ANSWERS_BYTES_AT_MOST,
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
