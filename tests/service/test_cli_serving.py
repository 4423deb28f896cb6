"""The commands beside a running server: `serve`, `work`, `keys`, `send`, `close`, `projections`."""

import asyncio
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import URL, update
from sqlalchemy.schema import DropTable

from projections.outbox import view_outbox
from projections.registrations import view_registrations
from service.cli import main
from service.database import open_database, write
from tests.support.leash import end, leash
from tests.support.server import PLAIN, Server, environment, firstclaim, free_port

TRIES: Final = 200
PAUSE_SECONDS: Final = 0.05
AGREEMENT: Final = {"products": ["*"], "territories": ["*"], "effective_from": "2020-01-01", "ends_on": None}
REGISTRATION: Final = {
    "partner": "northwind",
    "account": {"name": "Acme GmbH", "country": "DE", "domain": "acme.example"},
    "products": ["edge"],
    "value": {"amount": "150000.00", "currency": "USD"},
    "engagement": "referral",
    "deal": {"source": "crm", "id": "D-1"},
}


def ask(server: Server, method: str, path: str, key: str, body: object = None, **query: str | int) -> httpx.Response:
    """A request with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.request(
        method, f"{server.url}{path}", params=query, json=body, headers=headers, timeout=30, verify=PLAIN
    )


def done(server: Server, method: str, path: str, key: str, body: object = None, **query: str | int) -> Any:
    """What a request answers that must succeed."""
    answer = ask(server, method, path, key, body, **query)
    assert answer.is_success, answer.text
    return answer.json()


def test_the_first_serve_makes_the_programme_and_shows_its_key_once(
    serve: Callable[..., Server], engine_url: URL
) -> None:
    """An empty database becomes the programme `default`; a second start and a second process show no key."""
    server = serve(engine_url)
    key = (server.folder / "admin-key").read_text().strip()
    assert server.output().count(key) == 1
    shown = done(server, "GET", "/v1/programme", key)
    assert (shown["id"], shown["time_zone"], shown["currency"], shown["sandbox"]) == ("default", "UTC", "USD", False)
    assert server.stop() == 0
    server.start()
    second = serve(engine_url)
    assert "fc_default_" not in second.output()
    assert not (second.folder / "admin-key").exists()
    assert server.output().count("fc_default_") == 1
    done(second, "GET", "/v1/programme", key)


def test_of_two_that_start_at_once_one_makes_the_programme(engine_url: URL, tmp_path: Path) -> None:
    """Two processes on one empty database: one key, and it is good at both."""
    servers = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        servers.append(Server(engine_url, tmp_path / name))
        servers[-1].start_without_waiting()
    try:
        for server in servers:
            server.wait_until_ready()
        keys = [key for server in servers for key in re.findall(r"fc_default_[0-9a-f]+", server.output())]
        assert len(keys) == 1
        for server in servers:
            done(server, "GET", "/v1/programme", keys[0])
    finally:
        assert [server.stop() for server in servers] == [0, 0]


@contextmanager
def running(*arguments: str, database: URL, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on until it is ended."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "service.cli", *arguments],
        cwd=folder,
        env=environment(database, folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        leash().hold(process.pid)
        try:
            yield process
        finally:
            end(process.pid)


def line_with(process: subprocess.Popen[str], words: str) -> str:
    """The first line with these words that a process prints."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"the process ended without saying {words!r}")


def test_serve_says_where_it_listens_and_what_is_in_its_way(sqlite_url: URL, tmp_path: Path) -> None:
    """`--port 0` takes a free port and prints it; a port that somebody has is refused in one sentence."""
    with running("serve", "--port", "0", database=sqlite_url, folder=tmp_path) as process:
        address = re.findall(r"http://127\.0\.0\.1:\d+", line_with(process, "listens on"))[0]
        assert httpx.get(f"{address}/healthz", timeout=30, verify=PLAIN).status_code == 200
        asked = httpx.head(f"{address}/healthz", timeout=30, verify=PLAIN)
        assert (asked.status_code, asked.headers["content-length"], asked.content) == (200, "15", b"")
        port = address.rpartition(":")[2]
        refused = firstclaim("serve", "--port", port, database=sqlite_url, folder=tmp_path)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr == f"firstclaim: cannot listen on 127.0.0.1:{port}: Address already in use\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_a_separate_work_keeps_the_views_of_a_serve_that_does_not(
    serve: Callable[..., Server], engine_url: URL, tmp_path: Path
) -> None:
    """With `--no-work` nobody follows the log until a `work` does; it ends in peace when asked to."""
    server = serve(engine_url, "--no-work")
    key = (server.folder / "admin-key").read_text().strip()
    partner = {"id": "northwind", "name": "Northwind", "currency": "USD", "agreement": AGREEMENT}
    position = done(server, "POST", "/v1/partners", key, partner)["position"]
    behind = ask(server, "GET", "/v1/partners", key, at_least=position)
    assert (behind.status_code, behind.json()["code"]) == (503, "VIEW_BEHIND")
    with running("work", database=engine_url, folder=tmp_path) as process:
        line_with(process, "Firstclaim works.")
        listed = done(server, "GET", "/v1/partners", key, at_least=position)
        assert [one["id"] for one in listed["items"]] == ["northwind"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@dataclass(frozen=True, slots=True)
class Commands:
    """Commands given beside a running server, in the tests' own process."""

    output: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, status: int = 0) -> str:
        """Run one and give what it printed on standard output; its exit status is the expected one."""
        self.output.readouterr()
        found = main(arguments)
        printed = self.output.readouterr()
        assert found == status, printed.err
        assert bool(printed.err) == bool(status) or "outcome" in printed.out
        return printed.out if status == 0 or printed.out else printed.err


@pytest.fixture
def sandbox(
    serve: Callable[..., Server],
    engine_url: URL,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> tuple[Server, str, Commands]:
    """A running sandbox with a partner, a source and a registered deal, the admin's key, and commands beside it."""
    for name, value in environment(engine_url, tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    command = Commands(capsys)
    command("init", "--sandbox", "--clock", "2026-10-05T09:00:00Z")
    key = (tmp_path / "admin-key").read_text().strip()
    server = serve(engine_url)
    partner = {"id": "northwind", "name": "Northwind", "currency": "USD", "agreement": AGREEMENT}
    done(server, "POST", "/v1/partners", key, partner)
    done(server, "POST", "/v1/sources", key, {"id": "crm", "kind": "standard"})
    done(server, "POST", "/v1/registrations", key, REGISTRATION)
    return server, key, command


def test_keys_are_issued_and_end_by_command(sandbox: tuple[Server, str, Commands]) -> None:
    """A key is shown once and good at a running server; revoked, it is refused there within its stated time."""
    server, admin, command = sandbox
    issued = command("keys", "issue", "partner", "portal", "--partner", "northwind")
    found = re.search(r"(key_[0-9a-f]+) [\s\S]*(fc_default_[0-9a-f]+)", issued)
    assert found is not None, issued
    key_id, key = found.groups()
    position = done(server, "GET", "/v1/audit/head", admin)["position"]
    seen = done(server, "GET", "/v1/registrations", key, at_least=position)
    assert [one["partner"] for one in seen["items"]] == ["northwind"]
    stranger = command("keys", "issue", "partner", "portal", "--partner", "stranger", status=1)
    assert stranger == "firstclaim: There is no partner stranger. (UNKNOWN_PARTNER)\n"
    command("keys", "revoke", key_id)
    assert wait_until(lambda: ask(server, "GET", "/v1/registrations", key).status_code == 401)
    command("keys", "revoke", "key_0", status=1)
    listed = command("keys", "list").splitlines()
    assert [key_id in line and "revoked" in line for line in listed] == [False, True]
    assert not any(secret in line for line in listed for secret in (key, admin))


def test_a_deal_is_won_and_closed_by_command(sandbox: tuple[Server, str, Commands], engine_url: URL) -> None:
    """`send` speaks as the source does, `close` closes by the same command as HTTP, `rebuild` finds an edited row."""
    server, key, command = sandbox
    won = ("send", "crm", "deal.won", '{"deal_id": "D-1", "won_on": "2026-10-05"}', "--id", "msg_1")
    to = ("--url", server.url)
    assert json.loads(command(*won, *to))["outcome"] == "applied"
    assert json.loads(command(*won, *to))["outcome"] == "duplicate"
    assert json.loads(command("send", "crm", "deal.won", "{}", *to, status=1))["reason"] == "MALFORMED"
    unheard = command("send", "crm", "deal.won", "{}", "--url", f"http://127.0.0.1:{free_port()}", status=1)
    assert unheard.startswith("firstclaim: no server answers at")
    assert "there is no source 'erp'" in command("send", "erp", "deal.won", "{}", status=2)
    assert command("close", "2026-Q4", status=1).endswith("(PERIOD_NOT_ENDED)\n")
    done(server, "POST", "/v1/sandbox/clock", key, {"now": "2027-01-02T00:00:00Z"})
    closed = command("close", "2026-Q4")
    position = int(closed.rpartition("at position ")[2].partition(":")[0])
    statement = done(server, "GET", "/v1/statements/northwind/2026-Q4", key, at_least=position)
    assert statement["status"] == "closed"
    assert closed.split()[:4] == ["northwind", "25000.00", "USD", statement["digest"]]
    assert "was closed before: 1 statement." in command("close", "2026-Q4")
    asyncio.run(edit_a_view(engine_url))
    assert "unlike what was live in view_registrations" in command("projections", "rebuild", "registrations")
    assert "equal to what was live" in command("projections", "rebuild", "registrations")
    assert "equal to what was live" in command("projections", "rebuild", "priority")
    assert "there is no view 'moon'" in command("projections", "rebuild", "moon", status=2)
    asyncio.run(drop_a_view(engine_url))
    assert "view_outbox" in command("verify", status=1)
    assert "now live" in command("projections", "rebuild", "outbox")
    assert command("verify").endswith("everything agrees\n")
    listed = command("projections").splitlines()
    assert len([line for line in listed if "up to date" in line or "with each event" in line]) == len(listed)


async def edit_a_view(url: URL) -> None:
    """Somebody writes into a view by hand."""
    database = open_database(url)
    try:
        async with write(database.engine) as connection:
            await connection.execute(update(view_registrations).values(partner="nobody"))
    finally:
        await database.close()


async def drop_a_view(url: URL) -> None:
    """Somebody drops a view's table (design, The log: any of them may be, on any day)."""
    database = open_database(url)
    try:
        async with write(database.engine) as connection:
            await connection.execute(DropTable(view_outbox))
    finally:
        await database.close()


def wait_until(holds: Callable[[], bool]) -> bool:
    """Look again and again, a bounded number of times."""
    for _ in range(TRIES):
        if holds():
            return True
        time.sleep(PAUSE_SECONDS)
    return False
