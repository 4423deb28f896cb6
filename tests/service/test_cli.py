"""The command line: what each command does, what it prints, and its exit status (api.md, Command line)."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from service.cli import main
from tests.support.server import environment, firstclaim

REFUSED, WRONG = 1, 2


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run commands in, with none of our variables set."""
    for name in [name for name in os.environ if name.startswith("FIRSTCLAIM_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What a command said on standard error, which is one line."""
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("firstclaim: ")
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["tidy"], "invalid choice: 'tidy'"),
        ([], "COMMAND"),
        (["serve", "--port", "70000"], "'70000' is not a port"),
        (["init", "--programme", "No Slug"], "'No Slug' is not made of"),
        (["init", "--time-zone", "Mars/Olympus"], "'Mars/Olympus' is not a time zone"),
        (["init", "--currency", "usd"], "'usd' is not a currency"),
        (["init", "--clock", "2026-01-05T08:00:00Z"], "add --sandbox"),
        (["init", "--sandbox", "--clock", "yesterday"], "'yesterday' is not an RFC 3339"),
        (["init", "--sandbox", "--clock", "1969-12-31T23:59:59Z"], "a clock shows a year from 1970"),
        (["close", "2026-13"], "'2026-13' is not a period"),
        (["keys", "issue", "boss", "somebody"], "invalid choice: 'boss'"),
        (["keys", "issue", "partner", "portal"], "--partner is stated for the role partner"),
        (["keys", "issue", "auditor", " "], "one line of 1 to 255 characters"),
        (["keys", "issue", "auditor", "year-end\naudit"], "one line of 1 to 255 characters"),
        (["send", "crm", "deal.won", "{}", "--id", "m\u00fcller"], "visible ASCII characters"),
        (["send", "crm", "deal.won", "[1]"], "the data is a JSON object"),
        (["send", "crm", "deal.won", "{"], "the data is not JSON"),
        (["keys"], "make one with `firstclaim init`"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """Exit status 2, and nothing is made."""
    assert main(arguments) == WRONG
    assert says in told(capsys)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("PORT=many", "FIRSTCLAIM_PORT"),
        ("DATABASE_URL=somewhere", "not a database's URL"),
        ("DATABASE_URL=mysql://host/db", "it can be of postgresql or sqlite"),
        ("DATABASE_URL=sqlite://", "an SQLite log is a file"),
    ],
)
def test_a_wrong_setting_is_named(here: Path, capsys: pytest.CaptureFixture[str], setting: str, says: str) -> None:
    """Exit status 2, also where it stands in `.env`."""
    (here / ".env").write_text(f"FIRSTCLAIM_{setting}\n")
    assert main(["keys"]) == WRONG
    assert says in told(capsys)
    assert [file.name for file in here.iterdir()] == [".env"]


def test_the_status_of_the_process_is_the_command_s(empty_sqlite_url: URL, tmp_path: Path) -> None:
    """0, 1 and 2 as a shell sees them; answers on standard output, what went wrong on standard error."""
    made = firstclaim("init", database=empty_sqlite_url, folder=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    again = firstclaim("init", database=empty_sqlite_url, folder=tmp_path)
    assert (again.returncode, again.stdout) == (REFUSED, "")
    assert again.stderr == "firstclaim: programme default exists already\n"
    assert firstclaim("init", "--sandboxes", database=empty_sqlite_url, folder=tmp_path).returncode == WRONG


def test_an_unreachable_database_is_said_to_be_one(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not wrong use: exit status 1."""
    monkeypatch.setenv("FIRSTCLAIM_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert main(["keys"]) == REFUSED
    assert "the database cannot be reached" in told(capsys)
    assert list(here.iterdir()) == []


def test_a_database_that_does_not_exist_is_said_to_be_missing(
    here: Path, postgres_url: URL, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that lets nobody in, or not there, says why; that is one sentence too."""
    missing = postgres_url.set(database="firstclaim_nowhere")
    monkeypatch.setenv("FIRSTCLAIM_DATABASE_URL", missing.render_as_string(hide_password=False))
    assert main(["migrate"]) == REFUSED
    assert "firstclaim_nowhere" in told(capsys)
    assert list(here.iterdir()) == []


def test_an_empty_variable_counts_as_unset(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The embedded database is made in the data folder, and the key in a file that is its owner's alone."""
    for name in ("DATABASE_URL", "DATA_DIR", "HOST", "PORT", "PUBLIC_URL"):
        monkeypatch.setenv(f"FIRSTCLAIM_{name}", "")
    assert main(["init"]) == 0
    key_file = here / ".data" / "admin-key"
    assert key_file.read_text().strip() in capsys.readouterr().out
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert (here / ".data" / "firstclaim.db").exists()


def test_several_programmes_share_a_database(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that needs one asks for it; each has keys of its own, and no key file is ever written over."""
    assert main(["init", "--programme", "first"]) == 0
    first = (here / ".data" / "admin-key").read_text()
    assert main(["init", "--programme", "second", "--currency", "JPY", "--time-zone", "Asia/Tokyo"]) == 0
    said = capsys.readouterr().out
    assert (here / ".data" / "admin-key").read_text() == first
    assert said.count("shown this once") == 2
    assert main(["keys"]) == WRONG
    assert "first, second" in told(capsys)
    assert main(["keys", "--programme", "third"]) == WRONG
    assert "there is no programme 'third'" in told(capsys)
    assert main(["keys", "--programme", "second"]) == 0
    assert capsys.readouterr().out.count("first admin") == 1
    assert main(["init", "--programme", "second"]) == REFUSED
    assert "exists already" in told(capsys)
    assert main(["init", "--programme", "fourth", "--admin-key-file", ".data/admin-key"]) == WRONG
    assert "may hold another key" in told(capsys)
    assert main(["keys", "--programme", "fourth"]) == WRONG


def test_a_schema_is_migrated_by_hand_on_postgresql_alone(
    here: Path, empty_url: URL, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL is an operator's: `init` and `serve` refuse an old schema. The embedded database is brought up."""
    monkeypatch.setenv("FIRSTCLAIM_DATABASE_URL", empty_url.render_as_string(hide_password=False))
    if empty_url.get_backend_name() == "postgresql":
        for command in (["init"], ["serve", "--port", "0"], ["work"], ["keys"]):
            assert main(command) == REFUSED
            assert told(capsys).endswith("an older schema than this release: run `firstclaim migrate` first")
        assert main(["migrate"]) == 0
        assert capsys.readouterr().out == "The schema is current now.\n"
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "The schema was current already.\n"


def test_the_contract_in_the_repository_is_the_generated_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`openapi --check` names each file that is out of date, and fails for it (design, layout)."""
    assert main(["openapi", "--check"]) == 0, capsys.readouterr().out
    assert list(here.iterdir()) == []


def test_a_file_of_rates_is_published_whole_or_not_at_all(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same again publishes nothing; each line that stands in the way is named, and exit status 1."""
    file = here / "rates.csv"
    file.write_text("date,base,quote,rate\n2026-10-01,EUR,USD,1.1000\n2026-10-02,EUR,USD,1.1010\n")
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(["rates", "rates.csv"]) == 0
    assert capsys.readouterr().out == "2 rates are published; 0 were published already.\n"
    assert main(["rates", "rates.csv"]) == 0
    assert capsys.readouterr().out == "0 rates are published; 2 were published already.\n"
    file.write_text("date,base,quote,rate\n2026-10-03,EUR,USD,1.2\n2026-10-01,EUR,USD,1.3\n")
    assert main(["rates", "rates.csv"]) == REFUSED
    said = capsys.readouterr()
    assert said.out.startswith("line 3: ")
    assert said.err.endswith("(RATE_EXISTS)\n")
    file.write_text("date,base,quote,rate\nyesterday,EUR,USD,1.2\n")
    assert main(["rates", "rates.csv"]) == REFUSED
    assert capsys.readouterr().out == "line 2: 'yesterday' is not a date such as 2026-10-01\n"
    file.write_bytes(b"\xff\xfe")
    assert main(["rates", "rates.csv"]) == REFUSED
    assert told(capsys) == "firstclaim: rates.csv is not UTF-8"
    assert main(["rates", "none.csv"]) == REFUSED
    assert "none.csv" in told(capsys)


def test_a_folder_that_cannot_be_used_is_named(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands where the data folder should be: exit status 1, and the path is in the sentence."""
    (here / "taken").write_text("not a folder")
    monkeypatch.setenv("FIRSTCLAIM_DATA_DIR", "taken")
    assert main(["init"]) == REFUSED
    assert "taken" in told(capsys)


def test_who_reads_no_further_is_not_shouted_at(sqlite_url: URL, tmp_path: Path) -> None:
    """`firstclaim projections | head -1`: what is left of the output goes nowhere, and nothing is said of it."""
    assert firstclaim("init", database=sqlite_url, folder=tmp_path).returncode == 0
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        told_nobody = subprocess.run(
            [sys.executable, "-P", "-m", "service.cli", "projections"],
            check=False,
            cwd=tmp_path,
            env=environment(sqlite_url, tmp_path, PYTHONUNBUFFERED=""),
            stdout=nobody,
            stderr=subprocess.PIPE,
            timeout=120,
        )
    assert (told_nobody.returncode, told_nobody.stderr) == (0, b"")
