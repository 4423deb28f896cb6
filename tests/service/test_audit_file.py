"""An exported log is verified without any database, and every edit of the file is found (log.md, The record)."""

import json
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from service.audit import verify_database, verify_file
from service.audit_findings import Verdict
from service.chain import EventRow, Tip, first_hash
from service.cli import main
from service.export import NotText, export_log, written_whole
from service.log_lines import event_line, head_line
from service.running import Service
from tests.service.audit_history import PROGRAMME
from tests.service.audit_tampering import chained, edited, position_of, rows_of, run

AGREES, DIFFERS, WRONG_USE = 0, 1, 2
MIDDLE = 20

Lines = list[bytes]


@pytest.fixture
def verify(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Runs `firstclaim verify FILE` where there is no database: the exit status and all that it said."""
    for name in [name for name in os.environ if name.startswith("FIRSTCLAIM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FIRSTCLAIM_DATABASE_URL", f"sqlite:///{tmp_path / 'nowhere' / 'none.db'}")
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments: str) -> tuple[int, str]:
        status = main(["verify", str(exported), *arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run_it


async def verdict_on(lines: Lines) -> Verdict:
    """What verifying these lines finds."""
    return await verify_file(BytesIO(b"".join(lines)), size=0)


async def test_of_a_file_whose_size_nobody_knows_only_what_is_done_is_told(exported: Path) -> None:
    """Standard input has no end that is known ahead."""
    told: list[tuple[int, int | None]] = []
    with exported.open("rb") as lines:
        assert (await verify_file(lines, size=None, moved=lambda *moved: told.append(moved))).agrees
    assert told and {total for _, total in told} == {None}


async def test_a_file_gives_the_verdict_that_the_database_gives(history: Service, tmp_path: Path) -> None:
    """Replay from the file is replay from the log, the views apart."""
    live = await verify_database(history, PROGRAMME)
    file = tmp_path / "again.ndjson"
    with written_whole(file) as to:
        head = await export_log(history.engine, PROGRAMME, to, lambda _done, _total: None)
    with file.open("rb") as lines:
        found = await verify_file(lines, size=file.stat().st_size)
    assert found.agrees
    assert (found.chain, found.ledger, found.programme) == (live.chain, live.ledger, live.programme)
    assert found.views_equal is None
    last = file.read_bytes().splitlines()[-1]
    assert json.loads(last) == {"position": head.position, "hash": head.hash.hex()}


def test_a_file_is_verified_without_any_database(
    verify: Callable[..., tuple[int, str]], exported: Path, tmp_path: Path
) -> None:
    """Nothing is opened but the file."""
    status, page = verify()
    assert (status, page.rstrip().endswith("everything agrees")) == (AGREES, True)
    assert not (tmp_path / "nowhere").exists()
    head = json.loads(exported.read_bytes().splitlines()[-1])
    assert (verify("--receipt", f"{head['position']}:{head['hash']}"))[0] == AGREES
    assert (verify("--programme", "story"))[0] == AGREES
    assert (verify("--programme", "other"))[0] == WRONG_USE
    exported.unlink()
    assert verify()[0] == WRONG_USE


def changed(lines: Lines, place: int, **members: Any) -> Lines:
    """The file with members of one line changed."""
    line = json.dumps({**json.loads(lines[place - 1]), **members}).encode() + b"\n"
    return [*lines[: place - 1], line, *lines[place:]]


def of_line(name: str) -> Callable[[Lines], Any]:
    """A member of the middle line."""
    return lambda lines: json.loads(lines[MIDDLE - 1])[name]


EDITS: dict[str, Callable[[Lines], Lines]] = {
    "a byte of the body": lambda ls: [*ls[: MIDDLE - 1], ls[MIDDLE - 1].replace(b'\\"', b' \\"', 1), *ls[MIDDLE:]],
    "the actor": lambda ls: changed(ls, MIDDLE, actor="somebody"),
    "the cause": lambda ls: changed(ls, MIDDLE, cause="request:key:1"),
    "the time": lambda ls: changed(ls, MIDDLE, recorded_at=of_line("recorded_at")(ls) + 1),
    "the type": lambda ls: changed(ls, MIDDLE, type="deal_registration.withdrawn.v1"),
    "the stream": lambda ls: changed(ls, MIDDLE, stream="partner/other"),
    "the version": lambda ls: changed(ls, MIDDLE, version=9),
    "the position": lambda ls: changed(ls, MIDDLE, position=MIDDLE + 1),
    "the programme": lambda ls: changed(ls, MIDDLE, programme="other"),
    "the hash": lambda ls: changed(ls, MIDDLE, hash="0" * 64),
    "the hash in capitals": lambda ls: changed(ls, MIDDLE, hash=of_line("hash")(ls).upper()),
    "the hash before": lambda ls: changed(ls, MIDDLE, previous_hash="0" * 64),
    "a member added": lambda ls: changed(ls, MIDDLE, note="trust me"),
    "a line deleted": lambda ls: [*ls[: MIDDLE - 1], *ls[MIDDLE:]],
    "two lines swapped": lambda ls: [*ls[: MIDDLE - 1], ls[MIDDLE], ls[MIDDLE - 1], *ls[MIDDLE + 1 :]],
    "a line twice": lambda ls: [*ls[: MIDDLE - 1], ls[MIDDLE - 2], *ls[MIDDLE - 1 :]],
    "a line that is no JSON": lambda ls: [*ls[: MIDDLE - 1], b"\xff\xfe\n", *ls[MIDDLE:]],
    "the rest gone": lambda ls: ls[: MIDDLE - 1],
    "the head in the middle": lambda ls: [*ls[: MIDDLE - 1], ls[-1], *ls[MIDDLE - 1 :]],
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_is_found_at_its_line(verify: Callable[..., tuple[int, str]], exported: Path, what: str) -> None:
    """Whatever is changed, left out, repeated or moved."""
    lines = exported.read_bytes().splitlines(keepends=True)
    exported.write_bytes(b"".join(EDITS[what](lines)))
    status, page = verify()
    assert status == DIFFERS
    assert f"first       position {MIDDLE}\n" in page
    assert "chain       broken" in page or "file" in page or "line" in page or "head" in page


async def test_the_end_of_a_file_is_checked(history: Service) -> None:
    """The head must be there, last, and fit the last event."""
    lines = lines_of(await rows_of(history.engine))
    head = json.loads(lines[-1])
    last = head["position"]

    def ending(*further: bytes) -> Lines:
        return [*lines[:-1], *further]

    for given, place in (
        (ending(), last + 1),
        (ending(lines[-1], b"\n"), last + 1),
        (ending(json.dumps({**head, "hash": "0" * 64}).encode()), last),
        (ending(json.dumps({**head, "position": last + 1}).encode()), last + 1),
        (ending(json.dumps({**head, "position": last - 1}).encode()), last),
        (ending(json.dumps({**head, "hash": "nothing"}).encode()), last + 1),
        ([], 1),
        ([lines[-1]], 1),
    ):
        found = (await verdict_on(given)).first_disagreement
        assert found is not None and found.position == place


def test_a_cut_file_with_a_fitting_head_is_found_by_the_receipt(
    verify: Callable[..., tuple[int, str]], exported: Path
) -> None:
    """The file itself cannot tell; whoever kept the end of the log can."""
    lines = exported.read_bytes().splitlines(keepends=True)
    whole = json.loads(lines[-1])
    last = json.loads(lines[-3])
    head = json.dumps({"position": last["position"], "hash": last["hash"]}).encode()
    exported.write_bytes(b"".join([*lines[:-2], head]))
    assert verify()[0] == AGREES
    status, page = verify("--receipt", f"{whole['position']}:{whole['hash']}")
    assert (status, f"first       position {whole['position']}\n" in page) == (DIFFERS, True)


def lines_of(rows: list[EventRow]) -> Lines:
    """The rows as they would be exported."""
    lines, previous = [], first_hash(PROGRAMME)
    for row in rows:
        lines.append(json.dumps(event_line(PROGRAMME, row, previous)).encode() + b"\n")
        previous = row.hash
    end = Tip(rows[-1].position, rows[-1].hash, rows[-1].recorded_at)
    return [*lines, json.dumps(head_line(end)).encode() + b"\n"]


async def test_a_file_with_its_whole_chain_rewritten_is_caught_by_its_statements(history: Service) -> None:
    """As in the database: what was closed does not follow any more."""
    rows = await rows_of(history.engine)
    assert (await verdict_on(lines_of(rows))).agrees

    def larger(body: dict[str, Any]) -> None:
        body["value"]["amount_minor"] += 100

    place = position_of(rows, "deal_registration.value_stated.v1")
    verdict = await verdict_on(lines_of(chained(edited(rows, place, larger))))
    assert verdict.chain.first is None and not verdict.recomputing_agrees
    found = verdict.first_disagreement
    assert found is not None and found.position is not None
    assert rows[found.position - 1].type_name == "commission_period.closed.v1"


async def test_an_export_is_there_only_when_it_is_whole(history: Service, tmp_path: Path) -> None:
    """Bytes that no text can hold end it, and neither the file nor its beginning is left."""
    await run(history.engine, f"UPDATE record_events SET body = :body WHERE position = {MIDDLE}", body=b"\xff")
    file = tmp_path / "log.ndjson"
    with pytest.raises(NotText, match=f"position {MIDDLE} "), written_whole(file) as to:
        await export_log(history.engine, PROGRAMME, to, lambda _done, _total: None)
    assert not file.exists()
