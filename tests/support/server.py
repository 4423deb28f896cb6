"""The service as a process of its own, as an operator runs it: started, asked, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import URL

from tests.support.leash import end, leash

ROOT: Final = Path(__file__).parents[2]
READY_SECONDS: Final = 60
STOP_SECONDS: Final = 30
PLAIN: Final = False
"""As `verify`: no certificates are read for what is asked over plain HTTP, which would cost more than the asking."""


class Server:
    """`firstclaim serve` on a free port of this machine, which it keeps through kills and restarts."""

    def __init__(self, database: URL, folder: Path, *arguments: str, **settings: str) -> None:
        """`folder` becomes its data folder and its working directory; `settings` are further FIRSTCLAIM_… variables."""
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = environment(database, folder, **settings)
        self._command = [sys.executable, "-P", "-m", "service.cli", "serve"]
        self._command += ["--host", "127.0.0.1", "--port", str(self.port), *arguments]
        self._log = folder / f"server-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it is ready to serve."""
        self.start_without_waiting()
        self.wait_until_ready()

    def start_without_waiting(self) -> None:
        """Start, and return at once."""
        assert self._process is None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        leash().hold(self._process.pid)

    def wait_until_ready(self) -> None:
        """Return when `/readyz` says 200; fail with the server's output where it ends instead or takes too long."""
        assert self._process is not None
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            assert self._process.poll() is None, f"the server ended by itself:\n{self.output()}"
            assert time.monotonic() < deadline, f"the server is not ready:\n{self.output()}"
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """What `/readyz` says now."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, verify=PLAIN).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """`kill -9`."""
        assert self._process is not None
        end(self._process.pid)
        self._process.wait(STOP_SECONDS)
        self._process = None

    def stop(self) -> int:
        """Ask it to stop (SIGTERM) and return its exit status; nothing where it is not running."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_SECONDS)
        finally:
            end(process.pid)

    def output(self) -> str:
        """All that it has printed, over all its lives."""
        return self._log.read_text(errors="replace")


def environment(database: URL, folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a command of the project: our own without its FIRSTCLAIM_… variables, and with these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTCLAIM_")}
    return inherited | {
        "FIRSTCLAIM_DATABASE_URL": database.render_as_string(hide_password=False),
        "FIRSTCLAIM_DATA_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **settings,
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def firstclaim(*arguments: str, database: URL, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the command line to its end, and return its status and what it printed."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "service.cli", *arguments],
        check=False,
        cwd=folder,
        env=environment(database, folder, **settings),
        capture_output=True,
        text=True,
        timeout=120,
    )
