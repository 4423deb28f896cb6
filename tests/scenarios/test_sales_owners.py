"""A sales owner has to be named before approval, where the terms say so (issue 3)."""

from typing import Any

from tests.support.api import Sandbox, wanted

CHECK = "/v1/registrations/check"


def what(registration: Any) -> list[str]:
    """A registration's history in words."""
    return [happening["what"] for happening in registration["history"]]


def test_a_registration_waits_for_its_sales_owner_and_says_so_everywhere(sandbox: Sandbox) -> None:
    """Its answer, the check, the review queue, the outbox and its history; naming one releases it."""
    sandbox.terms(sales_owner_required_for=["referral"])
    northwind, manager = sandbox.by("partner", "northwind"), sandbox.by("partner_manager")
    checked = northwind.post(CHECK, wanted())
    assert (checked["status"], checked["approval_awaits"]) == ("under_review", ["sales_owner"])
    named = northwind.post(CHECK, wanted(sales_owner="a.meyer"))
    assert (named["status"], named["approval_awaits"]) == ("approved", [])
    registered = sandbox.register("northwind", notes="Met at the fair.")
    assert (registered["status"], registered["approval_awaits"]) == ("under_review", ["sales_owner"])
    path = f"/v1/registrations/{registered['id']}"
    assert manager.refused("POST", f"{path}/approve") == (409, "SALES_OWNER_MISSING")
    (review,) = manager.get("/v1/reviews", at_least=sandbox.position())["items"]
    assert review["registration"]["approval_awaits"] == ["sales_owner"]
    (notice,) = manager.get("/v1/outbox", at_least=sandbox.position())["items"]
    assert (notice["kind"], notice["partner"]) == ("sales_owner_awaited", "northwind")
    owner = {"sales_owner": "a.meyer"}
    assert sandbox.by("partner", "contoso").refused("PUT", f"{path}/sales-owner", owner) == (404, "NOT_FOUND")
    assert sandbox.by("finance").refused("PUT", f"{path}/sales-owner", owner) == (403, "FORBIDDEN")
    assert northwind.refused("PUT", f"{path}/sales-owner", {"sales_owner": ""}) == (422, "MALFORMED")
    shown = northwind.put(f"{path}/sales-owner", owner)
    assert (shown["status"], shown["approval_awaits"]) == ("approved", [])
    now = northwind.get(path)
    assert (now["sales_owner"], now["notes"]) == ("a.meyer", "Met at the fair.")
    assert what(now)[1:3] == ["A sales owner has to be named before it is approved.", "A sales owner was named."]
    another = sandbox.by("sales").put(f"{path}/sales-owner", {"sales_owner": "b.meyer"})
    assert another["position"] is None
    assert northwind.get(path)["sales_owner"] == "b.meyer"


def test_the_name_is_forgotten_and_that_there_was_one_stays(sandbox: Sandbox) -> None:
    """No event ever held it, so replay gives the same; an answered return may name it, too."""
    sandbox.terms(sales_owner_required_for=["referral"])
    registered = sandbox.register("northwind")
    path = f"/v1/registrations/{registered['id']}"
    sandbox.by("sales").post(f"{path}/return", {"reason": "Who is it?", "fields": ["sales_owner"]})
    answered = sandbox.by("partner", "northwind").post(f"{path}/resubmit", {"sales_owner": "Erika Mustermann"})
    assert answered["status"] == "approved"
    assert sandbox.admin.ask("DELETE", f"{path}/personal").is_success
    events = sandbox.admin.ask("GET", "/v1/audit/events").text
    assert "Mustermann" not in events
    assert "deal_registration.sales_owner_named.v1" in events
    found = sandbox.registration(registered["id"])
    assert (found["sales_owner"], found["status"]) == (None, "approved")
    replayed = sandbox.admin.post("/v1/audit/replay")
    assert (replayed["chain"], replayed["views_equal"]) == ("intact", True)
