"""Notices of proposed shares, leads and late cases (issue 3; decision 0013)."""

from datetime import timedelta
from typing import Any

from tests.support.api import Sandbox, shares

LEAD = {"account": {"name": "Hooli", "country": "US"}, "products": ["edge"]}


def read(sandbox: Sandbox, partner: str | None = None) -> Any:
    """The outbox as the mailer reads it, or a partner."""
    caller = sandbox.by("partner_manager") if partner is None else sandbox.by("partner", partner)
    return caller.get("/v1/outbox", at_least=sandbox.position())["items"]


def test_everybody_is_told_what_waits_for_an_answer_and_what_came_of_it(sandbox: Sandbox) -> None:
    """A partner reads its own alone, numbered by itself; what is late in a case is for the vendor's staff."""
    sandbox.enrol("fabrikam")
    sandbox.terms(case_investigation_hours=24)
    registration = sandbox.register("northwind", engagement="co_sell")
    path = f"/v1/registrations/{registration['id']}/share-proposals"
    parts = shares(northwind=5000, contoso=3000, fabrikam=2000)
    proposal = sandbox.by("partner", "northwind").post(path, {"shares": parts})
    lead = sandbox.by("partner", "northwind").post("/v1/leads", {"recipient": "fabrikam", **LEAD})
    contoso, fabrikam = sandbox.by("partner", "contoso"), sandbox.by("partner", "fabrikam")
    contoso.post(f"/v1/share-proposals/{proposal['id']}/accept")
    fabrikam.post(f"/v1/share-proposals/{proposal['id']}/accept")
    fabrikam.post(f"/v1/leads/{lead['id']}/decline", {"reason": "No time."})
    sandbox.register("contoso", "umbrella")
    sandbox.register("fabrikam", "umbrella")
    sandbox.move_clock(timedelta(days=2))
    found = read(sandbox)
    assert [(one["partner"], one["kind"]) for one in found] == [
        ("contoso", "shares_proposed"),
        ("fabrikam", "shares_proposed"),
        ("fabrikam", "lead_offered"),
        ("northwind", "shares_agreed"),
        ("contoso", "shares_agreed"),
        ("northwind", "lead_declined"),
        ("fabrikam", "case_opened"),
        ("contoso", "case_opened"),
        (None, "case_overdue"),
    ]
    offered, overdue = found[2], found[-1]
    assert (offered["lead"], offered["registration"], offered["account"]) == (lead["id"], None, "Hooli")
    assert overdue["awaited"] == "investigated"
    assert overdue["what"] == (
        "The conflict case about edge at Umbrella GmbH was to be investigated by 2026-01-02T09:00:00.000000Z."
    )
    assert len({one["id"] for one in found}) == len(found)
    own = read(sandbox, "fabrikam")
    assert [one["kind"] for one in own] == ["shares_proposed", "lead_offered", "case_opened"]
    assert (own[0]["id"].split("-")[1], own[0]["registration"], own[0]["basis_points"]) == ("1", None, 2000)
    assert sandbox.admin.post("/v1/audit/replay")["views_equal"]
