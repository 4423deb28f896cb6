"""A registration outside its partner's territory, as callers see it (rules §4, `territory`)."""

from tests.support.api import Sandbox, wanted

FRANCE = {"products": ["*"], "territories": ["FR"], "effective_from": "2026-01-01"}


def test_outside_its_territory_a_partner_is_refused_or_reviewed(sandbox: Sandbox) -> None:
    """Refused, unless the terms say review: then it waits for the decision of a case, which the check foretells."""
    sandbox.enrol("fabrikam", agreement=FRANCE)
    partner = sandbox.by("partner", "fabrikam")
    assert partner.refused("POST", "/v1/registrations", wanted()) == (409, "OUTSIDE_AGREEMENT")
    sandbox.terms(outside_territory="review")
    assert partner.post("/v1/registrations/check", wanted())["status"] == "under_review"
    first = partner.post("/v1/registrations", wanted())
    assert (first["status"], first["standing"][0]["rank"]) == ("under_review", 1)
    case = first["conflict"]
    assert sandbox.case(case)["kind"] == "territory"
    assert partner.get(f"/v1/conflicts/{case}")["registrations"][0]["id"] == first["id"]
    approve = f"/v1/registrations/{first['id']}/approve"
    assert sandbox.by("sales").refused("POST", approve) == (409, "WRONG_STATE")
    sandbox.decide(case, "uphold")
    shown = sandbox.registration(first["id"])
    assert (shown["status"], shown["conflict"]) == ("approved", None)
    second = partner.post("/v1/registrations", wanted("globex"))
    sandbox.decide(second["conflict"], "void")
    assert sandbox.registration(second["id"])["status"] == "rejected"
    assert sandbox.by("auditor").post("/v1/audit/replay")["views_equal"]
