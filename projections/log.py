"""The log as projections see it, and the two kinds of transaction in which they work. Both are handed in."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Position, ProgrammeId
from projections.projection import Logged


class EventSource(Protocol):
    """Where events come from, in order of position and without gaps."""

    async def read(
        self, connection: AsyncConnection, programme: ProgrammeId, after: Position, limit: int
    ) -> list[Logged[object]]:
        """The first events after a position, at most `limit` of them."""

    async def head(self, connection: AsyncConnection, programme: ProgrammeId) -> Position:
        """The position of the programme's last event; 0 when there is none."""


@dataclass(frozen=True, slots=True)
class Transactions:
    """How to begin a transaction: `read` sees one state of the database throughout, `write` commits at its end."""

    read: Callable[[], AbstractAsyncContextManager[AsyncConnection]]
    write: Callable[[], AbstractAsyncContextManager[AsyncConnection]]
