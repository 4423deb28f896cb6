"""What people ask of a programme's registrations (issue 3, questions answered)."""

from datetime import timedelta

from tests.support.api import Place, Sandbox


def test_who_would_have_been_first_had_somebody_registered_then(place: Place) -> None:
    """Behind all who were there at that instant, before all who came later; what time alone brought counts."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")
    first = sandbox.register("northwind")
    sandbox.move_clock(timedelta(days=10))
    second = sandbox.register("contoso")
    sandbox.move_clock(timedelta(days=25))
    ask = sandbox.by("sales")
    query = {"domain": "acme.example", "product": "edge"}
    before = ask.get("/v1/priority/what-if", at="2026-01-01T08:59:59Z", **query)
    assert (before["first"], before["rank"], before["would_hold_from"]) == (True, 1, "2026-01-01T08:59:59.000000Z")
    assert [one["registration"] for one in before["instead_of"]] == [first["id"], second["id"]]
    between = ask.get("/v1/priority/what-if", at="2026-01-05T09:00:00Z", **query)
    assert (between["rank"], between["would_hold_from"]) == (2, "2026-01-31T09:00:00.000000Z")
    assert between["ahead"] == [{"rank": 1, "registration": first["id"], "partner": "northwind"}]
    assert [one["registration"] for one in between["instead_of"]] == [second["id"]]
    now = ask.get("/v1/priority/what-if", at="2026-02-05T09:00:00Z", **query)
    assert (now["first"], now["would_hold_from"], now["instead_of"]) == (False, None, [])
    unknown = ask.get("/v1/priority/what-if", at="2026-01-05T09:00:00Z", domain="nobody.example", product="edge")
    assert (unknown["first"], unknown["would_hold_from"]) == (True, "2026-01-05T09:00:00.000000Z")
    assert sandbox.by("partner", "northwind").refused(
        "GET", "/v1/priority/what-if", query=query | {"at": "2026-01-05T09:00:00Z"}
    ) == (403, "FORBIDDEN")


def test_a_partners_list_says_how_long_and_what_is_stuck(sandbox: Sandbox) -> None:
    """Days of protection left, begun ones counted; whose answer is waited for, and whether it is late."""
    sandbox.register("northwind", "acme")
    sandbox.terms(approval="manual")
    sandbox.register("northwind", "globex")
    sandbox.move_clock(timedelta(days=25, hours=1))
    partner = sandbox.by("partner", "northwind")
    listed = partner.get("/v1/registrations", at_least=sandbox.position())["items"]
    assert [one["days_left"] for one in listed] == [5, None]
    assert [one["review"] for one in listed] == [
        None,
        {
            "waits_for": "reviewer",
            "subject": "approval",
            "since": "2026-01-01T09:00:00.000000Z",
            "due_at": "2026-01-03T09:00:00.000000Z",
            "overdue": True,
        },
    ]
    soon = partner.get("/v1/registrations", expiring_within_days=7)["items"]
    assert [one["id"] for one in soon] == [listed[0]["id"]]
    assert partner.get(f"/v1/registrations/{listed[0]['id']}")["days_left"] == 5


def test_what_is_won_does_not_run_out(sandbox: Sandbox) -> None:
    """Its protection would matter again if the deal were reopened; nobody has to hurry for it now."""
    registered = sandbox.register("northwind", "acme", deal=sandbox.linked("D-1"))
    partner = sandbox.by("partner", "northwind")
    path = f"/v1/registrations/{registered['id']}"

    def running_out() -> tuple[list[str], int | None]:
        at_least = sandbox.position()
        soon = partner.get("/v1/registrations", expiring_within_days=31, at_least=at_least)["items"]
        return [one["id"] for one in soon], partner.get(path, at_least=at_least)["days_left"]

    assert running_out() == ([registered["id"]], 30)
    sandbox.won("D-1")
    assert running_out() == ([], None)
    assert partner.get(path)["protection"] == registered["protection"]
    sandbox.move_clock(timedelta(days=2))
    sandbox.fact("reopened", "D-1")
    assert running_out() == ([registered["id"]], 28)


def test_a_report_says_how_registrations_fare(place: Place) -> None:
    """Answered how soon, rejected why, won, expired, contested: of those registered on some days."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")
    sandbox.register("northwind", "runs-out")
    sandbox.terms(approval="manual")
    manager = sandbox.by("partner_manager")
    won = sandbox.register("northwind", "acme", deal=sandbox.linked("D-1"))
    sandbox.register("contoso", "acme")
    rejected = sandbox.register("contoso", "globex")
    sandbox.move_clock(timedelta(hours=2))
    manager.post(f"/v1/registrations/{won['id']}/approve")
    sandbox.move_clock(timedelta(hours=4))
    manager.post(f"/v1/registrations/{rejected['id']}/reject", {"reason": "Too early.", "reason_code": "too_early"})
    sandbox.won("D-1")
    sandbox.move_clock(timedelta(days=31))
    sandbox.register("northwind", "later")
    query = {"from": "2026-01-01", "until": "2026-01-01"}
    found = sandbox.by("finance").get("/v1/reports/registrations", at_least=sandbox.position(), **query)
    assert {one["status"]: one["count"] for one in found["statuses"]} == {
        "expired": 1,
        "won": 1,
        "waiting": 1,
        "rejected": 1,
    }
    assert (found["registered"], found["contested"]) == (4, 1)
    assert found["rejections"] == [{"reason_code": "too_early", "count": 1}]
    assert found["review"] == {"count": 2, "median_seconds": 7200, "longest_seconds": 6 * 3600}
    assert found["rates_basis_points"] == {"won": 2500, "expired": 2500, "rejected": 2500, "contested": 2500}
    other = sandbox.by("finance").get("/v1/reports/registrations", partner="northwind", **query)
    assert (other["registered"], other["review"]["count"]) == (2, 1)
    none = sandbox.by("finance").get("/v1/reports/registrations", **{"from": "2020-01-01", "until": "2020-12-31"})
    assert (none["registered"], none["rates_basis_points"]["won"], none["review"]["median_seconds"]) == (0, None, None)
    assert sandbox.by("finance").refused(
        "GET", "/v1/reports/registrations", query={"from": "2026-01-02", "until": "2026-01-01"}
    ) == (422, "MALFORMED")
    assert sandbox.by("partner", "northwind").refused("GET", "/v1/reports/registrations", query=query) == (
        403,
        "FORBIDDEN",
    )
