"""What stands at the head of a programme's documents: kept beside the log, since no number follows from it."""

import json
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Column, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import ProgrammeId
from projections.changes import Upsert
from projections.metadata import metadata
from service.attempt import Attempt
from service.commands.on_account import answer
from service.presentation.values import Document
from service.work import Answer, RequestKey, Work

Paper = Literal["a4", "us-letter"]

letterheads: Final = Table(
    "letterheads",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("footer", Text),
    Column("paper", Text, nullable=False),
    comment="What stands at the head and the foot of a programme's documents.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """The vendor as its documents name it: address, tax number and such in `lines`, in that order."""

    name: str
    lines: tuple[str, ...]
    footer: str | None
    paper: Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLetterhead(Work):
    """Say what stands at the head of documents made from now on."""

    actor: str
    letterhead: Letterhead
    request: RequestKey | None = None

    def run(self, attempt: Attempt) -> Answer:
        """Keep it in place of the last one."""
        stated = self.letterhead
        row = {
            "programme": attempt.programme,
            "name": stated.name,
            "lines": json.dumps(stated.lines, ensure_ascii=False),
            "footer": stated.footer,
            "paper": stated.paper,
        }
        attempt.write(Upsert(letterheads, (row,)))
        return answer(attempt, letterhead_document(stated))


def letterhead_document(letterhead: Letterhead) -> Document:
    """A letterhead as the contract shows it."""
    return {
        "name": letterhead.name,
        "lines": list(letterhead.lines),
        "footer": letterhead.footer,
        "paper": letterhead.paper,
    }


async def find_letterhead(connection: AsyncConnection, programme: ProgrammeId) -> Letterhead:
    """The programme's letterhead; its bare id on A4 until one is stated."""
    found = (await connection.execute(select(letterheads).where(letterheads.c.programme == programme))).one_or_none()
    if found is None:
        return Letterhead(name=programme, lines=(), footer=None, paper="a4")
    return Letterhead(name=found.name, lines=tuple(json.loads(found.lines)), footer=found.footer, paper=found.paper)
