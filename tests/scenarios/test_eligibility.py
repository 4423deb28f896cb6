"""Who may register what, as callers see it: stages, segments, certifications, squatting (rules §3, §8; situations)."""

from datetime import timedelta
from typing import Any

from tests.support.api import Sandbox, wanted

REGISTRATIONS = "/v1/registrations"


def account(name: str = "acme", **facts: Any) -> dict[str, Any]:
    """An account in Germany."""
    return {"name": f"{name.title()} GmbH", "country": "DE", "domain": f"{name}.example"} | facts


def test_a_partner_registers_once_it_has_come_to_be_active(sandbox: Sandbox) -> None:
    """Identified, qualified, in negotiation, onboarding, active; without an agreement it is not active (rules §8)."""
    manager = sandbox.by("partner_manager")
    prospect = {"id": "fabrikam", "name": "Fabrikam Ltd", "currency": "USD"}
    assert manager.refused("POST", "/v1/partners", prospect) == (422, "MALFORMED")
    enrolled = manager.post("/v1/partners", prospect | {"stage": "identified"})
    assert (enrolled["stage"], enrolled["agreement"], enrolled["certifications"]) == ("identified", None, [])
    partner, advance = sandbox.by("partner", "fabrikam"), "/v1/partners/fabrikam/advance"
    for stage in ("qualified", "in_negotiation", "onboarding"):
        assert manager.post(advance, {"stage": stage})["stage"] == stage
        assert partner.refused("POST", REGISTRATIONS, wanted()) == (409, "PARTNER_NOT_ACTIVE")
    assert manager.refused("POST", advance, {"stage": "active"}) == (409, "WRONG_STATE")
    assert manager.refused("POST", "/v1/partners/fabrikam/suspend", {"reason": "?"}) == (409, "WRONG_STATE")
    agreement = {"products": ["edge"], "segments": ["enterprise"], "effective_from": "2026-01-01"}
    manager.post("/v1/partners/fabrikam/agreement", agreement)
    assert manager.post(advance, {"stage": "active", "reason": "Signed."})["stage"] == "active"
    assert manager.refused("POST", advance, {"stage": "qualified"}) == (409, "WRONG_STATE")
    assert manager.post(advance, {"stage": "active"})["position"] is None
    assert partner.refused("POST", REGISTRATIONS, wanted()) == (409, "OUTSIDE_AGREEMENT")
    registered = partner.post(REGISTRATIONS, wanted(account=account(segment="enterprise")))
    assert (registered["status"], registered["account"]["segment"]) == ("approved", "enterprise")
    assert manager.get("/v1/partners/fabrikam")["agreement"]["segments"] == ["enterprise"]


def test_an_engagement_asks_for_a_certification_on_the_day(sandbox: Sandbox) -> None:
    """Held, expired, renewed and revoked; other engagements are free (rules §8)."""
    sandbox.terms(required_certifications=[{"engagement": "resell", "level": "technical"}])
    partner, manager = sandbox.by("partner", "northwind"), sandbox.by("partner_manager")
    certifications = "/v1/partners/northwind/certifications"
    exam = {"level": "technical", "passed_on": "2026-01-01", "expires_on": "2026-01-31", "certificate": "T-17"}

    def resells(name: str) -> tuple[int, str | None]:
        answer = partner.ask("POST", REGISTRATIONS, wanted(name, engagement="resell"))
        return answer.status_code, answer.json().get("code")

    assert resells("one") == (409, "CERTIFICATION_MISSING")
    tomorrow = manager.ask("POST", certifications, exam | {"passed_on": "2026-01-02"})
    assert tomorrow.json()["errors"][0]["field"] == "passed_on"
    shown = manager.post(certifications, exam)["certifications"]
    assert shown == [{**exam, "revoked": False}]
    assert manager.post(certifications, exam)["position"] is None
    assert resells("one") == (201, None)
    sandbox.move_clock("2026-02-01T00:00:00+00:00")
    assert resells("two") == (409, "CERTIFICATION_MISSING")
    manager.post(certifications, {"level": "technical", "passed_on": "2026-02-01"})
    assert resells("two") == (201, None)
    manager.post(f"{certifications}/technical/revoke", {"reason": "Taken by somebody else."})
    assert resells("three") == (409, "CERTIFICATION_MISSING")
    assert manager.refused("POST", f"{certifications}/sales/revoke", {"reason": "?"}) == (409, "WRONG_STATE")
    assert manager.refused("POST", f"{certifications}/cooking/revoke", {"reason": "?"}) == (404, "NOT_FOUND")
    assert partner.post(REGISTRATIONS, wanted("three"))["status"] == "approved"


def test_squatting_on_an_account_ends_with_its_protection(sandbox: Sandbox) -> None:
    """Registering again the minute protection lapses is refused for a while; whoever waited was promoted before."""
    sandbox.terms(cool_down_days=10)
    sandbox.register("northwind", "acme")
    sandbox.register("northwind", "globex")
    waiting = sandbox.register("contoso", "globex")
    sandbox.move_clock(timedelta(days=30))
    again = sandbox.by("partner", "northwind").ask("POST", REGISTRATIONS, wanted("acme"))
    assert (again.status_code, again.json()["code"]) == (409, "COOL_DOWN")
    assert (again.json()["products"], again.json()["until"]) == (["edge"], "2026-02-10T09:00:00.000000Z")
    assert sandbox.register("contoso", "acme")["standing"][0]["rank"] == 1
    sandbox.move_clock(timedelta(days=10))
    behind = sandbox.register("northwind", "globex")
    assert (behind["status"], behind["standing"][0]["rank"]) == ("waiting", 2)
    assert sandbox.registration(waiting["id"])["status"] == "approved"
