"""Partners that are suspended, leave, or have a limited agreement, as callers see it (rules §3, §7, §8; situations)."""

from datetime import timedelta
from typing import Any

from tests.support.api import Place, Sandbox, lines, shares, usd, wanted


def test_a_suspended_partners_win_is_held_until_it_is_reinstated(sandbox: Sandbox) -> None:
    """Accrued and held; new registrations are refused meanwhile."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("100000.00"))
    manager, partner = sandbox.by("partner_manager"), sandbox.by("partner", "northwind")
    suspended = manager.post("/v1/partners/northwind/suspend", {"reason": "Unpaid fees."})
    assert suspended["stage"] == "suspended"
    sandbox.won("D-1")
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", ["PARTNER_SUSPENDED"])]
    assert partner.refused("POST", "/v1/registrations", wanted("globex")) == (409, "PARTNER_NOT_ACTIVE")
    body = wanted("globex", shares=shares(contoso=5000, northwind=5000))
    refused = sandbox.by("partner", "contoso").refused("POST", "/v1/registrations", body)
    assert refused == (409, "PARTNER_NOT_ACTIVE")
    assert manager.post("/v1/partners/northwind/reinstate", {"reason": "Paid."})["stage"] == "active"
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", [])]


def test_existing_protection_runs_out_when_a_partner_is_terminated(sandbox: Sandbox) -> None:
    """Terminated on day 12 of protection without fault, won on day 25: paid. New registrations are refused at once."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("100000.00"))
    waiting = sandbox.register("northwind", "globex", products=["core"])
    sandbox.move_clock(timedelta(days=12))
    body = {"reason": "The agreement was not renewed.", "cause": "other"}
    ended = sandbox.by("partner_manager").post("/v1/partners/northwind/terminate", body)
    assert (ended["stage"], ended["ends_at"]) == ("terminated", "2026-01-13T09:00:00.000000Z")
    refused = sandbox.by("partner", "northwind").refused("POST", "/v1/registrations", wanted("initech"))
    assert refused == (409, "PARTNER_NOT_ACTIVE")
    sandbox.move_clock(timedelta(days=13))
    sandbox.won("D-1")
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", [])]
    assert sandbox.registration(waiting["id"])["protection"]["until"] == "2026-01-31T09:00:00.000000Z"


def test_fraud_ends_protection_at_once_and_holds_what_is_unpaid(sandbox: Sandbox) -> None:
    """Finished history is unchanged; whoever waited is first at that instant."""
    sandbox.register("northwind", "acme", deal=sandbox.linked("D-1"), value=usd("100000.00"))
    sandbox.won("D-1")
    sandbox.move_clock("2026-04-01T00:00:00+00:00")
    ended = sandbox.register("northwind", "initech")
    waiting = sandbox.register("contoso", "initech")
    sandbox.close("2026-Q1")
    closed = sandbox.statement("northwind", "2026-Q1")
    body = {"reason": "Forged orders.", "cause": "fraud"}
    sandbox.by("partner_manager").post("/v1/partners/northwind/terminate", body)
    assert sandbox.registration(ended["id"])["status"] == "rejected"
    promoted = sandbox.registration(waiting["id"])
    assert (promoted["status"], promoted["protection"]["from"]) == ("approved", "2026-04-01T00:00:00.000000Z")
    assert sandbox.statement("northwind", "2026-Q1") == closed


def test_a_last_day_is_included_and_ends_in_the_programmes_zone(place: Place) -> None:
    """31 January in a New York programme ends 2026-02-01T05:00Z, whoever enters it."""
    sandbox = place.sandbox(clock="2026-01-20T12:00:00Z", time_zone="America/New_York")
    sandbox.enrol("northwind", currency="JPY")
    body = {"reason": "Not renewed.", "cause": "other", "last_day": "2026-01-31"}
    ended = sandbox.by("partner_manager").post("/v1/partners/northwind/terminate", body)
    assert ended["ends_at"] == "2026-02-01T05:00:00.000000Z"
    again = sandbox.by("partner_manager").ask("POST", "/v1/partners/northwind/terminate", body | {"cause": "fraud"})
    assert (again.status_code, again.json()["code"]) == (409, "WRONG_STATE")


def test_an_agreement_limits_products_territories_and_days(sandbox: Sandbox) -> None:
    """A limited agreement needs a stated country; its last day is included."""
    limited = {
        "products": ["edge"],
        "territories": ["DE", "AT"],
        "effective_from": "2026-01-01",
        "ends_on": "2026-01-31",
    }
    sandbox.enrol("fabrikam", agreement=limited)
    partner = sandbox.by("partner", "fabrikam")

    def refused(account: str, /, **changes: Any) -> tuple[int, str]:
        return partner.refused("POST", "/v1/registrations", wanted(account, **changes))

    outside = (409, "OUTSIDE_AGREEMENT")
    assert refused("one", products=["edge", "core"]) == outside
    assert refused("two", account={"name": "Two AG", "country": "CH"}) == outside
    assert refused("three", account={"name": "Three", "domain": "three.example"}) == outside
    sandbox.move_clock("2026-01-31T23:59:59+00:00")
    assert sandbox.register("fabrikam", "four")["status"] == "approved"
    sandbox.move_clock("2026-02-01T00:00:00+00:00")
    assert refused("five") == outside
    sandbox.by("partner_manager").post("/v1/partners/fabrikam/agreement", limited | {"ends_on": None})
    assert sandbox.register("fabrikam", "five")["status"] == "approved"
    assert refused("six", products=["core"]) == outside


def test_partners_are_listed_and_shown_with_their_stage(sandbox: Sandbox) -> None:
    """In the order in which they came."""
    auditor = sandbox.by("auditor")
    at_least = sandbox.position()
    assert [one["id"] for one in auditor.get("/v1/partners", at_least=at_least)["items"]] == ["northwind", "contoso"]
    shown = auditor.get("/v1/partners/northwind")
    assert (shown["stage"], shown["currency"], shown["agreement"]["territories"]) == ("active", "USD", ["*"])
    assert auditor.refused("GET", "/v1/partners/nobody") == (404, "NOT_FOUND")
