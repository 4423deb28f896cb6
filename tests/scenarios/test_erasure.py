"""Erasing people: their data is gone, and amounts, priorities and hashes are what they were (rules §9; situations)."""

import json

from tests.support.api import Place, usd


def test_a_person_named_in_a_registration_is_forgotten_and_nothing_else_changes(place: Place) -> None:
    """The sales owner, the notes and the webhook's body are gone; replay, statement and a repeat are as before."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind")
    crm_asks = {
        "deal_id": "D-1",
        "partner": "northwind",
        "account": {"name": "Acme GmbH", "country": "DE"},
        "products": ["edge"],
        "value": usd("1000.00"),
        "engagement": "referral",
        "sales_owner": "Ada Lovelace",
        "notes": "Call Charles Babbage, +44 20 7946 0000.",
    }
    body = sandbox.webhook("deal.registered", crm_asks)
    registration = sandbox.deliver(body, "msg_people").json()["registration"]
    sandbox.won("D-1")
    auditor = sandbox.by("auditor")
    head, statement = auditor.get("/v1/audit/head"), sandbox.statement("northwind", "2026-Q1")
    assert sandbox.registration(registration)["sales_owner"] == "Ada Lovelace"

    path = f"/v1/registrations/{registration}/personal"
    assert sandbox.by("partner_manager").refused("DELETE", path) == (403, "FORBIDDEN")
    assert sandbox.admin.ask("DELETE", path).json() == {"erased": True, "position": None, "recorded_at": None}
    assert sandbox.admin.ask("DELETE", path).is_success, "again changes nothing"

    shown = sandbox.registration(registration)
    assert (shown["sales_owner"], shown["notes"]) == (None, None)
    delivery = auditor.get(f"/v1/deliveries/{sandbox.source}/msg_people")
    assert (delivery["body"], delivery["headers"], delivery["outcome"]) == (None, {}, "applied")
    everything = json.dumps([shown, delivery, auditor.ask("GET", "/v1/audit/events?limit=200").text])
    assert "Lovelace" not in everything and "Babbage" not in everything
    assert auditor.get("/v1/audit/head") == head
    assert sandbox.statement("northwind", "2026-Q1") == statement
    assert auditor.post("/v1/audit/replay")["first_disagreement"] is None
    assert sandbox.deliver(body, "msg_people").json()["outcome"] == "duplicate"


def test_a_deliverys_body_is_erased_alone_and_what_is_unknown_is_not_found(place: Place) -> None:
    """A parked delivery whose body is gone is never applied."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind")
    assert sandbox.won("D-9")["outcome"] == "parked"
    path = f"/v1/deliveries/{sandbox.source}/msg_1"
    assert sandbox.by("auditor").refused("DELETE", f"{path}/body") == (403, "FORBIDDEN")
    assert sandbox.admin.ask("DELETE", f"{path}/body").is_success
    sandbox.register("northwind", deal=sandbox.linked("D-9"))
    assert sandbox.admin.get(path)["outcome"] == "parked"
    assert sandbox.admin.refused("POST", f"{path}/retry") == (409, "WRONG_STATE")
    assert sandbox.statement("northwind", "2026-Q1")["lines"] == []
    assert sandbox.admin.refused("DELETE", f"/v1/deliveries/{sandbox.source}/msg_7/body") == (404, "NOT_FOUND")
    assert sandbox.admin.refused("DELETE", "/v1/registrations/reg_unknown/personal") == (404, "NOT_FOUND")
