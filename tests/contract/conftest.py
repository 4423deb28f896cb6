"""One real server for the whole contract, with a programme in which there is something to ask for."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.support.api import Place, Sandbox, running, shares, usd


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server on an SQLite file."""
    folder = tmp_path_factory.mktemp("contract")
    with running(URL.create("sqlite+aiosqlite", database=str(folder / "firstclaim.db")), folder) as place:
        yield place


@pytest.fixture(scope="session")
def lived_in(place: Place) -> Sandbox:
    """A sandbox programme with registrations, conflict cases, a win, a closed quarter and a parked delivery."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso", "fabrikam")
    parts = shares(northwind=6000, contoso=4000)
    sandbox.register("northwind", "acme", deal=sandbox.linked("D-1"), value=usd("120000.00"), shares=parts)
    sandbox.register("contoso", "acme")
    sandbox.register("northwind", "globex", deal=sandbox.linked("D-2"))
    rate = {"date": "2026-01-01", "base": "EUR", "quote": "USD", "rate": "1.1"}
    sandbox.by("finance").post("/v1/programme/exchange-rates", rate)
    sandbox.won("D-1")
    sandbox.move_clock("2026-04-01T09:00:00+00:00")
    sandbox.close("2026-Q1")
    sandbox.fact("lost", "D-9")
    sandbox.register("contoso", "initech", deal=sandbox.linked("D-3"))
    sandbox.register("fabrikam", "initech")
    return sandbox
