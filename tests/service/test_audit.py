"""Verifying a log in the database tells the first position that is not what was recorded (design, Replay)."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import URL

from service.audit import replay, verify_database
from service.audit_chain import Receipt
from service.audit_findings import Verdict
from service.cli import main
from service.database import Database
from service.running import Service
from service.work import Unavailable
from tests.service import audit_history
from tests.service.audit_history import PROGRAMME
from tests.service.audit_tampering import position_of, rows_of, run
from tests.support.server import firstclaim

AGREES, DIFFERS, WRONG_USE = 0, 1, 2
MIDDLE = 20
WON = "deal_registration.won.v1"


@pytest.fixture
def verify(
    history_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Runs `firstclaim verify` on the history: the exit status and the page."""
    for name in [name for name in os.environ if name.startswith("FIRSTCLAIM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FIRSTCLAIM_DATABASE_URL", history_url.render_as_string(hide_password=False))
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments: str) -> tuple[int, str]:
        status = main(["verify", *arguments])
        return status, capsys.readouterr().out

    return run_it


async def verified(verify: Callable[..., tuple[int, str]], *arguments: str) -> tuple[int, str]:
    """The command in a thread, since it brings its own loop."""
    return await asyncio.to_thread(verify, *arguments)


def test_the_command_verifies_an_untouched_log_and_finds_a_changed_one(history_url: URL, tmp_path: Path) -> None:
    """As an operator types it: status 0 and what was checked; status 1 and the first position."""
    done = firstclaim("verify", database=history_url, folder=tmp_path)
    assert done.returncode == AGREES, done.stdout + done.stderr
    assert "chain       intact" in done.stdout
    assert "closed ones checked: intact, byte for byte; recomputing agrees" in done.stdout
    assert "views       equal to a rebuild, row for row" in done.stdout
    assert done.stdout.rstrip().endswith("everything agrees")
    file = tmp_path / "log.ndjson"
    exported = firstclaim("export", str(file), database=history_url, folder=tmp_path)
    assert exported.returncode == AGREES, exported.stderr
    receipt = exported.stdout.split()[-1]
    assert firstclaim("verify", "--receipt", receipt, database=history_url, folder=tmp_path).returncode == AGREES
    file.write_bytes(file.read_bytes().replace(b"northwind", b"northwine", 1))
    nowhere = URL.create("sqlite+aiosqlite", database=str(tmp_path / "nowhere.db"))
    found = firstclaim("verify", str(file), database=nowhere, folder=tmp_path)
    assert found.returncode == DIFFERS
    assert "chain       broken" in found.stdout


async def test_what_replay_answers_is_the_contracts_document(history: Service) -> None:
    """The members of `POST /v1/audit/replay`, and nothing left behind in the views."""
    rows = await rows_of(history.engine)
    verdict = await replay(history, PROGRAMME)
    assert verdict.document() == {
        "events": len(rows),
        "chain": "intact",
        "statements_checked": 10,
        "statements_not_recomputed": 0,
        "statements_equal": True,
        "deliveries_intact": True,
        "views_equal": True,
        "first_disagreement": None,
    }
    assert verdict.ledger.accounts and verdict.ledger.cases
    again = await asyncio.gather(*(replay(history, PROGRAMME) for _ in range(6)), return_exceptions=True)
    told = [found.document() for found in again if isinstance(found, Verdict)]
    assert told == [verdict.document()] * 4, "one at a time, and a few that wait"
    assert sum(isinstance(found, Unavailable) for found in again) == 2


def changes(assignment: str) -> str:
    """One event changed in place."""
    return f"UPDATE record_events SET {assignment} WHERE position = {MIDDLE}"


IN_PLACE = {
    "a byte of the body": changes("body = :body"),
    "the type": changes("type = 'deal_registration.withdrawn.v1'"),
    "the time": changes("recorded_at = recorded_at + 1"),
    "the actor": changes("actor = 'somebody'"),
    "a cause added": changes("cause = ''"),
    "the stream": changes("stream = 'deal_registration/reg_other'"),
    "the version": changes("version = version + 1000"),
    "the hash": changes("hash = :hash"),
    "the row": f"DELETE FROM record_events WHERE position = {MIDDLE}",
}


@pytest.mark.parametrize("what", IN_PLACE)
async def test_a_change_to_an_event_is_found_at_its_position(
    verify: Callable[..., tuple[int, str]], history: Service, what: str
) -> None:
    """Whatever of the event is changed, and when it is gone."""
    row = (await rows_of(history.engine))[MIDDLE - 1]
    assert row.cause is None
    values = {"body": row.body[:-2] + b" " + row.body[-2:], "hash": bytes(32)}
    statement = IN_PLACE[what]
    await run(history.engine, statement, **{name: value for name, value in values.items() if f":{name}" in statement})
    status, page = await verified(verify)
    assert status == DIFFERS
    assert f"first       position {MIDDLE}\n" in page
    assert "chain       broken" in page


async def test_a_changed_cause_is_found(verify: Callable[..., tuple[int, str]], history: Service) -> None:
    """The cause of an event from a delivery holds the digest of its raw body."""
    place = position_of(await rows_of(history.engine), WON)
    await run(history.engine, f"UPDATE record_events SET cause = replace(cause, 'a', 'b') WHERE position = {place}")
    status, page = await verified(verify)
    assert (status, f"first       position {place}\n" in page) == (DIFFERS, True)


async def test_swapped_events_are_found_at_the_first_of_them(
    verify: Callable[..., tuple[int, str]], history: Service
) -> None:
    """Two rows that changed places."""
    await run(
        history.engine,
        f"UPDATE record_events SET position = -1 WHERE position = {MIDDLE}",
        f"UPDATE record_events SET position = {MIDDLE} WHERE position = {MIDDLE + 1}",
        f"UPDATE record_events SET position = {MIDDLE + 1} WHERE position = -1",
    )
    status, page = await verified(verify)
    assert (status, f"first       position {MIDDLE}\n" in page) == (DIFFERS, True)


APPEND = (
    "INSERT INTO record_events (programme, position, stream, version, type, body, recorded_at, actor, cause, hash)"
    " SELECT programme, position + 1, stream, version + 1, type, body, recorded_at, actor, cause, hash"
    " FROM record_events ORDER BY position DESC LIMIT 1"
)
BEFORE = APPEND.replace("position + 1", "0").replace("version + 1", "version - 100")


@pytest.mark.parametrize(
    ("what", "statements", "behind_the_end"),
    [
        ("an event without its hash, the head moved", (APPEND, "UPDATE record_heads SET position = position + 1"), 1),
        ("an event behind the head", (APPEND,), 1),
        ("an event before the first", (BEFORE,), None),
        ("the last event gone", ("DELETE FROM record_events WHERE position = :last",), 0),
        ("another hash in the head", ("UPDATE record_heads SET hash = :other",), 0),
        ("another instant in the head", ("UPDATE record_heads SET recorded_at = recorded_at + 1",), 0),
    ],
)
async def test_the_ends_of_the_log_are_found(
    verify: Callable[..., tuple[int, str]],
    history: Service,
    what: str,
    statements: Sequence[str],
    behind_the_end: int | None,
) -> None:
    """What is added before or behind the log, what is missing at its end, and a head that does not fit."""
    last = (await rows_of(history.engine))[-1].position
    for statement in statements:
        values = {"last": last, "other": bytes(32)}
        await run(history.engine, statement, **{n: v for n, v in values.items() if f":{n}" in statement})
    place = 0 if behind_the_end is None else last + behind_the_end
    status, page = await verified(verify)
    assert (status, f"first       position {place}\n" in page) == (DIFFERS, True), what


CUT = (
    "DELETE FROM record_events WHERE position = :last",
    "UPDATE record_heads SET position = :before, hash = :hash, recorded_at = :at",
)


async def test_a_cut_tail_is_found_by_the_receipt(verify: Callable[..., tuple[int, str]], history: Service) -> None:
    """When the head was made to fit, the log itself cannot tell; whoever kept its end can."""
    rows = await rows_of(history.engine)
    last, before = rows[-1], rows[-2]
    values = {"last": last.position, "before": before.position, "hash": before.hash, "at": before.recorded_at}
    for statement in CUT:
        await run(history.engine, statement, **{n: v for n, v in values.items() if f":{n}" in statement})
    status, page = await verified(verify, "--receipt", f"{last.position}:{last.hash.hex()}")
    assert (status, f"first       position {last.position}\n" in page) == (DIFFERS, True)
    status, page = await verified(verify, "--receipt", f"{before.position}:{last.hash.hex()}")
    assert (status, f"first       position {before.position}\n" in page) == (DIFFERS, True)
    verdict = await verify_database(history, PROGRAMME, receipt=Receipt(before.position, before.hash))
    assert verdict.chain.receipt is None and verdict.chain.first is None
    assert verdict.first_disagreement is not None and verdict.first_disagreement.view == "view_checkpoints"


@pytest.mark.parametrize("receipt", ["20", "20:abc", "x:" + "0" * 64, "20:" + "0" * 63])
async def test_a_receipt_of_another_form_is_wrong_use(verify: Callable[..., tuple[int, str]], receipt: str) -> None:
    """Position, colon, hash."""
    assert (await verified(verify, "--receipt", receipt))[0] == WRONG_USE


async def test_many_events_are_folded_in_processes_of_their_own(
    history: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long log's verdict is the one that a short log's thread would give."""
    short = await verify_database(history, PROGRAMME)
    monkeypatch.setattr("service.audit_processes.SHORT_LOG", 0)
    told: list[tuple[int, int]] = []
    assert await verify_database(history, PROGRAMME, moved=lambda *moved: told.append(moved)) == short
    assert told[-1][0] <= told[-1][1] and told == sorted(told)
    await run(history.engine, changes("actor = 'somebody'"))
    found = await verify_database(history, PROGRAMME)
    assert found.first_disagreement is not None and found.first_disagreement.position == MIDDLE


async def test_a_log_that_grows_meanwhile_agrees(database: Database) -> None:
    """Verifying ends at the head that it found, and views that move on are no disagreement."""
    story = await audit_history.told(database)
    done = asyncio.Event()

    async def go_on() -> int:
        steps = 0
        while not done.is_set():
            await story.step()
            await audit_history.followed(story)
            steps += 1
        return steps

    writing = asyncio.create_task(go_on())
    try:
        verdicts = [await verify_database(story.service, PROGRAMME) for _ in range(3)]
    finally:
        done.set()
        steps = await writing
        await story.service.close()
    assert [verdict.first_disagreement for verdict in verdicts] == [None, None, None]
    assert steps
