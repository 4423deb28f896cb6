"""A programme's log as a file that anybody can verify without the service: one event a line, the head last."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import ProgrammeId
from service.chain import Tip, first_hash
from service.database import read
from service.event_store import read_head, read_log
from service.log_lines import event_line, head_line

_encode = msgspec.json.Encoder().encode


class NotText(Exception):
    """An event's body is not UTF-8: no service ever wrote it, and no line of text can hold it."""


async def export_log(
    engine: AsyncEngine, programme: ProgrammeId, to: BinaryIO, moved: Callable[[int, int], None]
) -> Tip:
    """Write the log up to its head now, exactly as it is stored; checking it is for `verify`. Gives the head."""
    async with read(engine) as connection:
        head = (await read_head(connection, programme)).tip
    previous = first_hash(programme)
    async for rows in read_log(engine, programme, up_to=head.position):
        for row in rows:
            try:
                to.write(_encode(event_line(programme, row, previous)) + b"\n")
            except UnicodeDecodeError as error:
                raise NotText(f"the event at position {row.position} holds bytes that are not UTF-8") from error
            previous = row.hash
        moved(rows[-1].position, head.position)
    to.write(_encode(head_line(head)) + b"\n")
    return head


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file that is there under its name only when all of it is written; until then it is called `….tmp`."""
    partial = path.with_name(path.name + ".tmp")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
