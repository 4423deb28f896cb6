"""Leads between partners and who sourced a deal, over HTTP (decision 18)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import Caller, Sandbox, shares, wanted

ACCOUNT = {"name": "Acme GmbH", "country": "DE", "domain": "acme.example"}


@pytest.fixture
def passing(sandbox: Sandbox) -> Sandbox:
    """A programme with two more partners."""
    sandbox.enrol("fabrikam", "tailspin")
    return sandbox


def offer(caller: Caller, recipient: str = "contoso", **changes: Any) -> Any:
    """A lead about Acme is offered."""
    body = {"recipient": recipient, "account": ACCOUNT, "products": ["edge"], "notes": "Ask for the CIO."} | changes
    return caller.post("/v1/leads", body)


def accepted(sandbox: Sandbox, lead: str, by: str = "contoso") -> Any:
    """The recipient takes it on."""
    return sandbox.by("partner", by).post(f"/v1/leads/{lead}/accept")


def test_a_registration_from_an_accepted_lead_keeps_its_origin(passing: Sandbox) -> None:
    """For ever, and replay says so; the win was sourced by who passed it on and influenced by who worked on it."""
    lead = offer(passing.by("partner", "northwind"))["id"]
    assert accepted(passing, lead)["status"] == "accepted"
    roles = [{"partner": "fabrikam", "role": "delivery"}]
    made = passing.register(
        "contoso", lead=lead, roles=roles, deal=passing.linked("D-1"), shares=shares(contoso=8000, tailspin=2000)
    )
    assert made["origin"] == {"lead": lead, "source": "northwind"}
    passing.won("D-1")
    shown = passing.registration(made["id"])
    assert shown["origin"] == {"lead": lead, "source": "northwind"}
    assert shown["roles"] == roles
    assert {one["partner"]: one["how"] for one in shown["attributions"]} == {
        "northwind": "sourced",
        "contoso": "influenced",
        "tailspin": "influenced",
        "fabrikam": "influenced",
    }
    assert passing.statement("northwind", "2026-Q1")["lines"] == []
    own = passing.by("partner", "contoso").get(f"/v1/registrations/{made['id']}")
    assert own["attributions"] == [{"partner": "contoso", "how": "influenced"}]
    assert own["roles"] == []
    verdict = passing.by("auditor").post("/v1/audit/replay")
    assert verdict["first_disagreement"] is None, verdict


def test_a_lead_gives_no_place_in_a_queue(passing: Sandbox) -> None:
    """Who registers first is first, whoever had a lead."""
    lead = offer(passing.by("partner", "northwind"))["id"]
    accepted(passing, lead)
    assert passing.queue()["queue"] == []
    assert passing.register("fabrikam")["status"] == "approved"
    assert passing.register("contoso", lead=lead)["status"] == "waiting"


def test_an_offer_that_is_not_answered_ends_at_its_instant(passing: Sandbox) -> None:
    """Half-open, written by the clock in order of instant with everything else, and told in every answer."""
    passing.terms(lead_offer_days=10, protection_days=10)
    lead = offer(passing.by("sales"))
    assert (lead["expires_at"], lead["source"]) == ("2026-01-11T09:00:00.000000Z", None)
    first = passing.register("fabrikam", "globex")
    passing.move_clock("2026-01-11T08:59:59.999999+00:00")
    late = offer(passing.by("sales"), "fabrikam")["id"]
    recipient = passing.by("partner", "contoso")
    assert recipient.get("/v1/leads", status="offered")["items"] != []
    passing.move_clock(timedelta(microseconds=1))
    assert recipient.refused("POST", f"/v1/leads/{lead['id']}/accept") == (409, "WRONG_STATE")
    assert recipient.get(f"/v1/leads/{lead['id']}")["status"] == "expired"
    passing.move_clock(timedelta(days=30))
    manager = passing.by("partner_manager")
    assert {one["id"] for one in manager.get("/v1/leads", status="expired")["items"]} == {lead["id"], late}
    assert manager.get("/v1/leads", status="offered")["items"] == []
    events = passing.by("auditor").ask("GET", "/v1/audit/events", query={"limit": 1000}).text
    order = [events.index('"lead.expired.v1"'), events.index('"deal_registration.protection_expired.v1"')]
    assert events.count('"lead.expired.v1"') == 2
    assert events.rindex('"lead.expired.v1"') > max(order)
    assert passing.registration(first["id"])["status"] == "expired"


def test_a_lead_is_for_the_two_partners_it_passes_between(passing: Sandbox) -> None:
    """Its notes for the recipient once it has accepted; of what it registers the source sees nothing."""
    source, recipient = passing.by("partner", "northwind"), passing.by("partner", "contoso")
    lead = offer(source)["id"]
    path = f"/v1/leads/{lead}"
    assert recipient.get(path)["notes"] is None
    assert source.get(path)["notes"] == "Ask for the CIO."
    stranger = passing.by("partner", "fabrikam")
    assert stranger.refused("GET", path) == (404, "NOT_FOUND")
    assert stranger.get("/v1/leads")["items"] == []
    for step in ("accept", "decline"):
        for nobody in (stranger, source):
            assert nobody.refused("POST", f"{path}/{step}", None if step == "accept" else {}) == (404, "NOT_FOUND")
    for nobody in (stranger, recipient):
        assert nobody.refused("POST", f"{path}/withdraw", {"reason": "No."}) == (404, "NOT_FOUND")
    accepted(passing, lead)
    assert recipient.get(path)["notes"] == "Ask for the CIO."
    before = source.ask("GET", path).json()
    made = passing.register("contoso", lead=lead, value={"amount": "77777.00", "currency": "USD"})
    assert source.ask("GET", path).json() == before
    assert made["id"] not in source.ask("GET", "/v1/leads").text


def test_a_lead_that_is_declined_or_taken_back_is_over(passing: Sandbox) -> None:
    """With the reason, for both."""
    source = passing.by("partner", "northwind")
    declined, taken_back = offer(source)["id"], offer(source)["id"]
    passing.by("partner", "contoso").post(f"/v1/leads/{declined}/decline", {"reason": "Not our region."})
    source.post(f"/v1/leads/{taken_back}/withdraw", {"reason": "A mistake."})
    listed = passing.by("partner", "contoso").get("/v1/leads")["items"]
    assert [(one["status"], one["reason"]) for one in listed] == [
        ("declined", "Not our region."),
        ("withdrawn", "A mistake."),
    ]
    refused = passing.by("partner", "contoso").refused("POST", "/v1/registrations", wanted(lead=declined))
    assert refused == (409, "LEAD_NOT_ACCEPTED")


def test_what_is_not_the_partners_own_lead_is_no_lead_to_it(passing: Sandbox) -> None:
    """The same for another's and for none; and a lead is about its account."""
    lead = offer(passing.by("partner", "northwind"))["id"]
    accepted(passing, lead)
    told = [
        passing.by("partner", "fabrikam").ask("POST", "/v1/registrations", wanted(lead=one)).json()["detail"]
        for one in (lead, "lead_0")
    ]
    assert told == ["There is no such lead for this partner."] * 2
    contoso = passing.by("partner", "contoso")
    assert contoso.refused("POST", "/v1/registrations", wanted("globex", lead=lead)) == (
        409,
        "LEAD_FOR_ANOTHER_ACCOUNT",
    )


def test_to_a_partner_nobody_is_like_somebody_who_is_not_active(passing: Sandbox) -> None:
    """Whether as a recipient, in shares or in roles: the answers differ in the name that it stated itself."""
    passing.by("partner_manager").post("/v1/partners/fabrikam/suspend", {"reason": "Papers are missing."})
    caller = passing.by("partner", "northwind")
    for path, body in (
        ("/v1/leads", {"recipient": "nobody", "account": ACCOUNT, "products": ["edge"]}),
        ("/v1/registrations", wanted(shares=shares(northwind=9000, nobody=1000))),
        ("/v1/registrations", wanted(roles=[{"partner": "nobody", "role": "influence"}])),
        ("/v1/registrations/check", wanted(shares=shares(northwind=9000, nobody=1000))),
        ("/v1/registrations/check", wanted(roles=[{"partner": "nobody", "role": "influence"}])),
    ):
        of_nobody = caller.ask("POST", path, body).text
        of_somebody = caller.ask("POST", path, json.loads(json.dumps(body).replace("nobody", "fabrikam"))).text
        assert of_somebody == of_nobody.replace("nobody", "fabrikam")
        assert "PARTNER_NOT_ACTIVE" in of_nobody
    manager = passing.by("partner_manager")
    lead = {"recipient": "nobody", "account": ACCOUNT, "products": ["edge"]}
    assert manager.refused("POST", "/v1/leads", lead) == (422, "UNKNOWN_PARTNER")
    assert caller.refused("POST", "/v1/leads", lead | {"source": "contoso"}) == (403, "FORBIDDEN")


def test_staff_states_roles_until_the_win(passing: Sandbox) -> None:
    """They take the place of those before; the partner sees its own only."""
    made = passing.register("northwind", deal=passing.linked("D-1"))["id"]
    path = f"/v1/registrations/{made}/roles"
    manager = passing.by("partner_manager")
    roles = [{"partner": "contoso", "role": "influence"}, {"partner": "northwind", "role": "source"}]
    manager.put(path, {"roles": roles})
    assert passing.registration(made)["roles"] == roles
    own = passing.by("partner", "northwind").ask("GET", f"/v1/registrations/{made}")
    assert own.json()["roles"] == [{"partner": "northwind", "role": "source"}]
    assert "contoso" not in own.text
    assert manager.refused("PUT", path, {"roles": [{"partner": "nobody", "role": "source"}]}) == (
        422,
        "UNKNOWN_PARTNER",
    )
    assert passing.by("partner", "northwind").refused("PUT", path, {"roles": []}) == (403, "FORBIDDEN")
    passing.won("D-1")
    assert manager.refused("PUT", path, {"roles": []}) == (409, "ALREADY_WON")
