"""No process that a test starts outlives the tests, however they end.

The leash is a small process of its own, which the test process tells what it has started. When the test process
dies, even by `kill -9`, the pipe between them closes, and the leash ends what is still there and removes its folders.
"""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import psutil

GRACE_SECONDS = 5


class Leash:
    """The test process's end of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, start_new_session=True, text=True
        )
        atexit.register(self._let_go)

    def hold(self, pid: int, ended_by: signal.Signals = signal.SIGKILL) -> None:
        """Send this process and its children the signal at the end, and SIGKILL where that does not help."""
        self._say({"pid": pid, "started": psutil.Process(pid).create_time(), "signal": int(ended_by)})

    def remove(self, folder: Path) -> None:
        """Remove this folder at the end."""
        self._say({"folder": str(folder)})

    def _say(self, order: dict[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _let_go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(2 * GRACE_SECONDS)


@cache
def leash() -> Leash:
    """The leash of this test process."""
    return Leash()


def end(pid: int, ended_by: signal.Signals = signal.SIGKILL, started: float | None = None) -> None:
    """End a process and all that it started; only the very process that was started then, where that is given."""
    try:
        process = psutil.Process(pid)
        if started is not None and process.create_time() != started:
            return
        family = [process, *process.children(recursive=True)]
        process.send_signal(ended_by)
    except psutil.NoSuchProcess:
        return
    if ended_by != signal.SIGKILL and _have_ended(family):
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    assert _have_ended(family), "SIGKILL ends every process"


def _have_ended(family: list[psutil.Process]) -> bool:
    """Whether they all end within the grace. A process that nobody has asked for its status yet has ended too."""
    deadline = time.monotonic() + GRACE_SECONDS
    while any(_is_alive(process) for process in family):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def main() -> None:
    """Collect orders until the pipe closes, then carry them out."""
    orders = [json.loads(line) for line in sys.stdin]
    for order in orders:
        if "pid" in order:
            end(order["pid"], signal.Signals(order["signal"]), order["started"])
    for order in orders:
        if "folder" in order:
            shutil.rmtree(order["folder"], ignore_errors=True)


if __name__ == "__main__":
    os.chdir("/")
    main()
