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
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import URL, update

from projections.registrations import view_registrations
from service.database import open_database, write
from tests.support.leash import end, leash
from tests.support.server import Server, environment, firstclaim, free_port

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
    return httpx.request(method, f"{server.url}{path}", params=query, json=body, headers=headers, timeout=30)


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
        assert httpx.get(f"{address}/healthz", timeout=30).status_code == 200
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


def sandbox(serve: Callable[..., Server], url: URL, folder: Path) -> tuple[Server, str]:
    """A running sandbox with a partner, a source and a registered deal, and the admin's key."""
    clock = ("--sandbox", "--clock", "2026-10-05T09:00:00Z")
    made = firstclaim("init", *clock, database=url, folder=folder)
    assert made.returncode == 0, made.stderr
    key = (folder / "admin-key").read_text().strip()
    server = serve(url)
    partner = {"id": "northwind", "name": "Northwind", "currency": "USD", "agreement": AGREEMENT}
    done(server, "POST", "/v1/partners", key, partner)
    done(server, "POST", "/v1/sources", key, {"id": "crm", "kind": "standard"})
    done(server, "POST", "/v1/registrations", key, REGISTRATION)
    return server, key


def test_keys_are_issued_and_end_by_command(serve: Callable[..., Server], engine_url: URL, tmp_path: Path) -> None:
    """A key is shown once and good at a running server; revoked, it is refused there within its stated time."""
    server, admin = sandbox(serve, engine_url, tmp_path)
    where: Any = {"database": engine_url, "folder": tmp_path}
    issued = firstclaim("keys", "issue", "partner", "portal", "--partner", "northwind", **where)
    assert issued.returncode == 0, issued.stderr
    found = re.search(r"(key_[0-9a-f]+) [\s\S]*(fc_default_[0-9a-f]+)", issued.stdout)
    assert found is not None, issued.stdout
    key_id, key = found.groups()
    assert [one["partner"] for one in done(server, "GET", "/v1/registrations", key)["items"]] == ["northwind"]
    stranger = firstclaim("keys", "issue", "partner", "portal", "--partner", "stranger", **where)
    assert (stranger.returncode, stranger.stderr) == (
        1,
        "firstclaim: There is no partner stranger. (UNKNOWN_PARTNER)\n",
    )
    assert firstclaim("keys", "revoke", key_id, **where).returncode == 0
    assert wait_until(lambda: ask(server, "GET", "/v1/registrations", key).status_code == 401)
    assert firstclaim("keys", "revoke", "key_0", **where).returncode == 1
    listed = firstclaim("keys", "list", **where).stdout.splitlines()
    assert [key_id in line and "revoked" in line for line in listed] == [False, True]
    assert not any(secret in line for line in listed for secret in (key, admin))


def test_a_deal_is_won_and_closed_by_command(serve: Callable[..., Server], engine_url: URL, tmp_path: Path) -> None:
    """`send` speaks as the source does, `close` closes by the same command as HTTP, `rebuild` finds an edited row."""
    server, key = sandbox(serve, engine_url, tmp_path)
    where: Any = {"database": engine_url, "folder": tmp_path}
    won = ("send", "crm", "deal.won", '{"deal_id": "D-1", "won_on": "2026-10-05"}', "--id", "msg_1")
    sent = firstclaim(*won, **where, FIRSTCLAIM_PUBLIC_URL=server.url)
    assert sent.returncode == 0, sent.stderr
    assert json.loads(sent.stdout)["outcome"] == "applied"
    refused = firstclaim("send", "crm", "deal.won", "{}", "--url", server.url, **where)
    assert (refused.returncode, json.loads(refused.stdout)["reason"]) == (1, "MALFORMED")
    unheard = firstclaim("send", "crm", "deal.won", "{}", "--url", f"http://127.0.0.1:{free_port()}", **where)
    assert unheard.returncode == 1
    assert unheard.stderr.startswith("firstclaim: no server answers at")
    assert firstclaim("send", "erp", "deal.won", "{}", **where).returncode == 2
    early = firstclaim("close", "2026-Q4", **where)
    assert early.returncode == 1
    assert early.stderr.endswith("(PERIOD_NOT_ENDED)\n")
    done(server, "POST", "/v1/sandbox/clock", key, {"now": "2027-01-02T00:00:00Z"})
    closed = firstclaim("close", "2026-Q4", **where)
    assert closed.returncode == 0, closed.stderr
    statement = done(server, "GET", "/v1/statements/northwind/2026-Q4", key)
    assert statement["status"] == "closed"
    assert closed.stdout.split()[:4] == ["northwind", "25000.00", "USD", statement["digest"]]
    again = firstclaim("close", "2026-Q4", **where)
    assert (again.returncode, "was closed before" in again.stdout) == (0, True)
    rebuilds_what_was_edited(engine_url, where)


def rebuilds_what_was_edited(url: URL, where: Any) -> None:
    """The rebuild names the row that was not as the log says; after it nothing differs."""
    asyncio.run(edit_a_view(url))
    for found in ("unlike what was live in view_registrations", "equal to what was live"):
        rebuilt = firstclaim("projections", "rebuild", "registrations", **where)
        assert rebuilt.returncode == 0, rebuilt.stderr
        assert found in rebuilt.stdout
    listed = firstclaim("projections", **where).stdout.splitlines()
    assert len([line for line in listed if "up to date" in line or "with each event" in line]) == len(listed)


async def edit_a_view(url: URL) -> None:
    """Somebody writes into a view by hand."""
    database = open_database(url)
    try:
        async with write(database.engine) as connection:
            await connection.execute(update(view_registrations).values(partner="nobody"))
    finally:
        await database.close()


def wait_until(holds: Callable[[], bool]) -> bool:
    """Look again and again, a bounded number of times."""
    for _ in range(TRIES):
        if holds():
            return True
        time.sleep(PAUSE_SECONDS)
    return False
