"""The demo, as a newcomer starts it: what its page says, and that it serves what it says."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from sqlalchemy import URL

from service.cli import main
from service.command_line.http_server import address_of, bound
from tests.support.leash import end, leash
from tests.support.server import PLAIN, environment, firstclaim

LINES = (
    r"12 partners registered 200 deals\.",
    r"2026-01-12 10:00:00  northwind  registers Acme GmbH at position 32: first",
    r"2026-01-19 09:00 to 2026-01-26 10:00  fabrikam  until the decision",
    r"2026-03-04 09:00 to 2026-03-25 15:00  proseware  until it won the deal",
    r"tier 2       50,000\.00 USD  at 20 %  10,000\.00 USD",
    r"commission                           25,000\.00 USD",
    r"msg_acme_won     came again: duplicate",
    r"msg_acme_forged  .*: 401, BAD_SIGNATURE",
    r"closed 2026-Q1 for all 12 partners: [0-9,]+\.\d\d USD and [0-9,]+\.\d\d EUR",
    r"northwind   -6,000\.00 USD",
    r"hash chain         intact",
    r"closed statements  12 computed again, equal to the byte",
    r"views              rebuilt beside the live ones, equal row for row",
)


def test_the_demo_tells_its_story_and_ends(tmp_path: Path) -> None:
    """Exit status 0 means that all that the page claims was read back and checked; nothing is left behind."""
    (tmp_path / "temporary").mkdir()
    told = firstclaim("demo", "--exit", database=URL.create("none"), folder=tmp_path, TMPDIR=f"{tmp_path}/temporary")
    assert told.returncode == 0, told.stderr
    for line in LINES:
        assert re.search(line, told.stdout), f"{line} is not in\n{told.stdout}"
    assert "\x1b" not in told.stdout
    assert all(line == line.rstrip() for line in told.stdout.splitlines())
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_demo_goes_on_serving_until_it_is_asked_to_stop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A taken port is no obstacle, the keys that it prints are good for what one may ask; a used folder is refused."""
    folder = tmp_path / "demo"
    command = [sys.executable, "-P", "-m", "service.cli", "demo", "--folder", str(folder)]
    taken = bound("127.0.0.1", 0)
    with (
        taken,
        subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment(URL.create("none"), tmp_path, FIRSTCLAIM_PORT=str(taken.getsockname()[1])),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        leash().hold(process.pid)
        try:
            assert process.stdout is not None
            told = ""
            for line in process.stdout:
                told += line
                if "The database is in" in line:
                    break
            tries = re.findall(r"\n  [A-Z]+=(\S+)\n  curl .* '(http://\S+)'(.*)", told)
            assert len(tries) == 7, told
            assert address_of(taken) not in told
            for key, url, more in tries:
                method = "POST" if "-X POST" in more else "GET"
                answer = httpx.request(
                    method, url, headers={"Authorization": f"Bearer {key}"}, timeout=60, verify=PLAIN
                )
                assert answer.status_code == 200, (url, answer.text)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            end(process.pid)
    assert main(["demo", "--folder", str(folder), "--port", "0"]) == 2
    assert "the demo needs a fresh database" in capsys.readouterr().err
