"""What the operator may set, and what holds where nothing is set."""

from pathlib import Path

import pytest

from service.settings import Settings


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder and no variables of ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "DATA_DIR", "HOST", "PORT", "PUBLIC_URL"):
        monkeypatch.delenv(f"FIRSTCLAIM_{name}", raising=False)


def test_the_embedded_database_is_the_default() -> None:
    """The first minute needs no settings: a file in the data folder, served on this machine only."""
    settings = Settings()
    assert settings.database_url.render_as_string() == "sqlite+aiosqlite:///.data/firstclaim.db"
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, None)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a compose file may name a variable without giving it a value."""
    for name in ("DATABASE_URL", "DATA_DIR", "HOST", "PORT", "PUBLIC_URL"):
        monkeypatch.setenv(f"FIRSTCLAIM_{name}", "")
    assert Settings() == Settings(data_dir=Path(".data"), host="127.0.0.1", port=8000, public_url=None)


def test_the_data_folder_moves_the_embedded_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever characters the folder's name has."""
    monkeypatch.setenv("FIRSTCLAIM_DATA_DIR", "/srv/deals & 100% ?")
    assert Settings().database_url.database == "/srv/deals & 100% ?/firstclaim.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_a_postgresql_url_is_taken_as_hosts_give_it(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """The driver is ours to know, and `sslmode` is what most hosts call it."""
    monkeypatch.setenv("FIRSTCLAIM_DATABASE_URL", f"{scheme}://app:secret@db/deals?sslmode=require")
    url = Settings().database_url
    assert url.render_as_string(hide_password=False) == "postgresql+asyncpg://app:secret@db/deals?ssl=require"


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` is for what is not set, and may hold variables of others."""
    Path(".env").write_text("FIRSTCLAIM_PORT=9000\nFIRSTCLAIM_HOST=::1\nFIRSTCLAIM_TEST_POSTGRES_URL=x\n")
    monkeypatch.setenv("FIRSTCLAIM_PORT", "9001")
    settings = Settings()
    assert (settings.host, settings.port) == ("::1", 9001)


def test_the_settings_never_show_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may be printed and logged."""
    monkeypatch.setenv("FIRSTCLAIM_DATABASE_URL", "postgresql://app:secret@db/deals")
    assert "secret" not in repr(Settings()) + str(Settings().database_url)
