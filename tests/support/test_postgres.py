"""The tests' own PostgreSQL: it starts from any binaries, as root too, survives its kill, and ends with the tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.support.postgres import PostgresServer, embedded_binaries, start_postgres, system_binaries

ROOT = Path(__file__).parents[2]
WAYS = [
    pytest.param((find, as_nobody), id=f"{find.__name__}-{'as nobody' if as_nobody else 'as we are'}")
    for find in (system_binaries, embedded_binaries)
    for as_nobody in (None, True)
]

needs_binaries = pytest.mark.skipif(
    system_binaries() is None and embedded_binaries() is None, reason="no PostgreSQL's binaries on this machine"
)


@pytest.fixture(params=WAYS)
def server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A server from each of the binaries, in each of the ways that this user can start one."""
    find, as_nobody = request.param
    if find() is None:
        pytest.skip(f"{find.__name__}: none on this machine")
    if as_nobody and os.geteuid() != 0:
        pytest.skip("only root can become nobody")
    server = PostgresServer(find(), careful=True, as_nobody=as_nobody)
    server.start()
    yield server
    server.stop()


async def ask(server: PostgresServer, *statements: str) -> list[object]:
    url = server.url().set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetchval(statement) for statement in statements]
    finally:
        await connection.close()


async def test_what_is_committed_survives_a_kill(server: PostgresServer) -> None:
    """`kill -9` of every process of the server, and a new start from its own log."""
    await ask(server, "CREATE TABLE kept AS SELECT 7 AS seven")
    server.kill()
    with pytest.raises(OSError, match=r"refused|No such file"):
        await ask(server, "SELECT 1")
    server.start()
    assert await ask(server, "SELECT seven FROM kept") == [7]


@needs_binaries
def test_nothing_is_left_when_it_stops() -> None:
    """Neither a process nor a folder."""
    server = start_postgres(careful=False)
    family = [process for process in psutil.process_iter(["cmdline"]) if _belongs(process, server.folder)]
    assert family
    server.stop()
    assert not server.folder.exists()
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family)


@needs_binaries
def test_nothing_is_left_when_the_tests_are_killed() -> None:
    """Even a test process that gets no chance to clean up takes its server with it."""
    script = (
        "from tests.support.postgres import start_postgres\n"
        "server = start_postgres(careful=False)\n"
        "print(server.folder, flush=True)\n"
        "input()\n"
    )
    tests = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert tests.stdout is not None
    folder = Path(tests.stdout.readline().strip())
    assert folder.exists()
    tests.send_signal(signal.SIGKILL)
    tests.communicate()
    deadline = time.monotonic() + 30
    while folder.exists() or any(_belongs(process, folder) for process in psutil.process_iter(["cmdline"])):
        assert time.monotonic() < deadline, "the server outlived its tests"
        time.sleep(0.05)


def _belongs(process: psutil.Process, folder: Path) -> bool:
    return any(str(folder) in word for word in process.info["cmdline"] or ())
