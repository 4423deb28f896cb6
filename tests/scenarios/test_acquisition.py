"""A partner is bought by another one: what goes over, what stays, and who sees what (issue 3; decision 0009)."""

from typing import Any

from tests.support.api import Place, Sandbox, lines, shares, usd

BOUGHT = {"by": "contoso", "reason": "Contoso has bought Northwind."}
ACQUIRED = "/v1/partners/northwind/acquired"


def what(registration: Any) -> list[str]:
    """A registration's history in words."""
    return [happening["what"] for happening in registration["history"]]


def place_of(registration: Any) -> Any:
    """Where a registration stands, and until when."""
    return registration["standing"], registration["protection"], registration["status"]


def agrees(sandbox: Sandbox) -> bool:
    """Whether replay gives every closed statement and every view again."""
    found = sandbox.admin.post("/v1/audit/replay")
    return bool(found["chain"] == "intact" and found["statements_equal"] and found["views_equal"])


def test_registrations_shares_proposals_and_leads_go_over(place: Place) -> None:
    """With their places; the bought partner sees them no more, the buyer sees their history, rivals notice nothing."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso", "fabrikam")
    first = sandbox.register("northwind", notes="Met at the fair.")
    rival = sandbox.register("fabrikam")
    own = sandbox.register("contoso")
    shared = sandbox.register("fabrikam", "globex", shares=shares(fabrikam=6000, northwind=4000))
    fabrikam, northwind = sandbox.by("partner", "fabrikam"), sandbox.by("partner", "northwind")
    contoso, manager = sandbox.by("partner", "contoso"), sandbox.by("partner_manager")
    path = f"/v1/registrations/{sandbox.register('fabrikam', 'initech')['id']}/share-proposals"
    proposal = fabrikam.post(path, {"shares": shares(fabrikam=5000, northwind=5000)})
    lead = fabrikam.post(
        "/v1/leads",
        {"recipient": "northwind", "account": {"name": "Hooli", "country": "US"}, "products": ["edge"]},
    )
    before = {one["id"]: place_of(sandbox.registration(one["id"])) for one in (first, rival)}
    told = fabrikam.get(f"/v1/registrations/{rival['id']}")
    sandbox.terms(max_live_registrations=1)
    bought = manager.post(ACQUIRED, BOUGHT)
    assert (bought["stage"], bought["acquired_by"]) == ("terminated", "contoso")
    assert bought["transferred"] == {"registrations": 1, "parts": 1, "share_proposals": 1, "leads": 1}
    assert manager.post(ACQUIRED, BOUGHT)["transferred"]["registrations"] == 0
    assert {one: place_of(sandbox.registration(one)) for one in before} == before
    now = contoso.get(f"/v1/registrations/{first['id']}")
    assert (now["partner"], now["shares"], now["notes"]) == ("contoso", shares(contoso=10_000), "Met at the fair.")
    assert what(now)[-2] == "Transferred from northwind to contoso, which acquired it; its place stays."
    assert fabrikam.get(f"/v1/registrations/{rival['id']}") == told
    assert northwind.refused("GET", f"/v1/registrations/{first['id']}") == (404, "NOT_FOUND")
    assert northwind.get("/v1/registrations", at_least=sandbox.position())["items"] == []
    assert northwind.get("/v1/conflicts")["items"] == []
    assert northwind.refused("GET", f"/v1/share-proposals/{proposal['id']}") == (404, "NOT_FOUND")
    assert northwind.get("/v1/leads")["items"] == []
    assert contoso.get(f"/v1/leads/{lead['id']}")["recipient"]["id"] == "contoso"
    contoso.post(f"/v1/share-proposals/{proposal['id']}/accept")
    assert fabrikam.get(f"/v1/registrations/{shared['id']}")["shares"] == shares(fabrikam=6000, contoso=4000)
    moot = sandbox.case(own["conflict"])
    assert (moot["status"], moot["steps"][-1]["because"]) == ("moot", "same_partner")
    assert [item["id"] for item in contoso.get("/v1/conflicts", status="identified")["items"]] == [rival["conflict"]]
    assert [(held["partner"], held["ended_by"]) for held in sandbox.queue()["timeline"]] == [
        ("northwind", "transferred"),
        ("contoso", None),
    ]
    kinds = [(n["partner"], n["kind"]) for n in manager.get("/v1/outbox", at_least=sandbox.position())["items"]]
    assert kinds.count(("contoso", "transferred")) == 1
    body = {"account": {"name": "Late Ltd", "country": "DE"}, "products": ["edge"], "value": usd("1.00")}
    late = northwind.refused("POST", "/v1/registrations", {**body, "engagement": "referral"})
    assert late == (409, "PARTNER_NOT_ACTIVE")
    assert agrees(sandbox)


def test_what_was_won_stays_and_what_is_won_is_credited_by_who_held(place: Place) -> None:
    """A closed statement never changes; a later refund adjusts the bought partner's; a late win of before is its."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")
    for deal, account in (("D-1", "acme"), ("D-2", "globex"), ("D-3", "initech"), ("D-4", "hooli")):
        sandbox.register("northwind", account, deal=sandbox.linked(deal), value=usd("10000.00"))
        if deal == "D-1":
            sandbox.won("D-1")
            sandbox.move_clock("2026-04-01T09:00:00+00:00")
            sandbox.close("2026-Q1", partner="northwind")
    sandbox.won("D-2")
    before = sandbox.now
    closed = sandbox.statement("northwind", "2026-Q1")
    sandbox.move_clock("2026-04-03T09:00:00+00:00")
    sandbox.by("partner_manager").post(ACQUIRED, BOUGHT)
    sandbox.move_clock("2026-04-05T09:00:00+00:00")
    sandbox.won("D-3", at=before, on="2026-04-01")
    sandbox.won("D-4")
    sandbox.fact("refunded", "D-1", refund_id="R-1", amount=usd("4000.00"), refunded_on="2026-04-05")
    assert sandbox.statement("northwind", "2026-Q1") == closed
    of_northwind = sandbox.statement("northwind", "2026-Q2")
    assert lines(of_northwind) == [("D-2", "1500.00", []), ("D-3", "1500.00", [])]
    assert [one["amount"] for one in of_northwind["adjustments"]] == [usd("-600.00")]
    assert lines(sandbox.statement("contoso", "2026-Q2")) == [("D-4", "1500.00", [])]
    own = sandbox.by("partner", "northwind").get("/v1/statements/northwind/2026-Q2")
    assert lines(own) == lines(of_northwind)
    explained = sandbox.by("partner", "northwind").get("/v1/audit/explain", statement_line=own["lines"][1]["id"])
    assert [(one["partner"], one["credited"]) for one in explained["credit"]["claims"]] == [("northwind", True)]
    assert [one["ended_by"] for one in explained["credit"]["timeline"]] == ["transferred"]
    assert sandbox.by("partner", "contoso").refused("GET", "/v1/statements/northwind/2026-Q2") == (404, "NOT_FOUND")
    sandbox.move_clock("2026-07-01T09:00:00+00:00")
    sandbox.close("2026-Q2")
    sandbox.fact("reopened", "D-2")
    assert sandbox.registration(of_northwind["lines"][0]["registration"])["partner"] == "contoso"
    assert agrees(sandbox)


def test_who_may_buy_whom(sandbox: Sandbox) -> None:
    """By a partner manager; another partner, active and with an agreement."""
    manager = sandbox.by("partner_manager")
    assert sandbox.by("partner", "contoso").refused("POST", ACQUIRED, BOUGHT) == (403, "FORBIDDEN")
    assert manager.refused("POST", ACQUIRED, {**BOUGHT, "by": "nobody"}) == (422, "UNKNOWN_PARTNER")
    assert manager.refused("POST", ACQUIRED, {**BOUGHT, "by": "northwind"}) == (422, "MALFORMED")
    assert manager.refused("POST", "/v1/partners/nobody/acquired", BOUGHT) == (404, "NOT_FOUND")
    manager.post("/v1/partners/contoso/suspend", {"reason": "Papers."})
    assert manager.refused("POST", ACQUIRED, BOUGHT) == (409, "PARTNER_NOT_ACTIVE")
