"""How long work shows how far it has come: a bar on a terminal, else a line now and then, always on standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Moved = Callable[[int, int | None], None]
"""Told how much is done, and of how much (None: nobody knows)."""

SECONDS_BETWEEN_LINES: Final = 5.0


@contextmanager
def progress(says: str) -> Iterator[Moved]:
    """Shows the progress of one piece of work."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(says)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(says, total=None)

        def moved(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield moved


class Lines:
    """Progress as lines, none when the work is quick."""

    def __init__(self, says: str) -> None:
        self._says = says
        self._last = time.monotonic()

    def __call__(self, done: int, total: int | None) -> None:
        """Say how far it is, if the last line was some time ago."""
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            of_how_much = "" if total is None else f" of {total:,}"
            print(f"{self._says}: {done:,}{of_how_much}", file=sys.stderr, flush=True)
