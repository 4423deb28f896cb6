"""Partner tiers and rewards through HTTP: evaluated once, stored with the population, replayed alike (rules §8)."""

from datetime import date

import pytest

from tests.support.api import Place, Sandbox, usd

VALUES = {"northwind": "300000.00", "contoso": "200000.00", "fabrikam": "100000.00"}


@pytest.fixture
def year(place: Place) -> Sandbox:
    """Three partners have each won a deal in 2026; the year is over."""
    sandbox = place.sandbox()
    sandbox.enrol(*VALUES, "tailspin")
    sandbox.terms(protection_days=365)
    for partner, value in VALUES.items():
        sandbox.register(partner, partner, deal=sandbox.linked(partner), value=usd(value))
    sandbox.move_clock(date(2026, 5, 10))
    for partner in VALUES:
        sandbox.won(partner)
    sandbox.move_clock(date(2027, 1, 2))
    return sandbox


def test_a_year_is_compared_once_and_everybody_told_of_itself(year: Sandbox) -> None:
    """Tiers, rewards as statement lines, and a replay that sees the same population."""
    finance, path = year.by("finance"), "/v1/partner-tiers/2026-Q4"
    evaluated = finance.post(f"{path}/evaluate", {})
    assert [(one["partner"], one["rank"]) for one in evaluated["population"]] == [
        ("northwind", 1),
        ("contoso", 2),
        ("fabrikam", 3),
        ("tailspin", 4),
    ]
    assert finance.refused("POST", f"{path}/evaluate", {}) == (409, "ALREADY_EXISTS")
    shown = finance.get(path)
    assert shown == {name: evaluated[name] for name in shown}
    tiers = {one: finance.get(f"/v1/partners/{one}/tier")["current"]["tier"] for one in (*VALUES, "tailspin")}
    assert tiers == {"northwind": "platinum", "contoso": "silver", "fabrikam": "bronze", "tailspin": "bronze"}
    rewards = {"rewards": ["10000.00", "5000.00"]}
    assert finance.post("/v1/rewards/2026/evaluate", rewards)["evaluated_on"] == "2027-01-02"
    assert finance.get("/v1/rewards/2026")["rewards"] == [usd("10000.00"), usd("5000.00")]
    [line] = year.statement("contoso", "2027-Q1")["lines"]
    assert (line["kind"], line["commission"], line["working"]["incentive"]) == ("reward", usd("5000.00"), "reward 2026")
    assert year.statement("fabrikam", "2027-Q1")["lines"] == []
    year.fact("refunded", "northwind", refund_id="R-1", refunded_on="2027-01-02", amount=usd("300000.00"))
    verdict = year.by("auditor").post("/v1/audit/replay")
    assert verdict["first_disagreement"] is None, verdict
    assert finance.get("/v1/partners/northwind/tier")["current"]["tier"] == "platinum"
    check_privacy(year)


def check_privacy(year: Sandbox) -> None:
    """A partner's key reads its own tier and no other's, and nothing of the population."""
    northwind = year.by("partner", "northwind")
    own = northwind.ask("GET", "/v1/partners/northwind/tier").text
    own += northwind.ask("GET", "/v1/statements/northwind/2027-Q1").text
    assert not any(other in own for other in ("contoso", "fabrikam", "tailspin", "rank"))
    there, nowhere = (northwind.ask("GET", f"/v1/partners/{one}/tier") for one in ("contoso", "nobody"))
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace("contoso", "nobody") == nowhere.text
    for path in ("/v1/partner-tiers/2026-Q4", "/v1/rewards/2026"):
        assert northwind.refused("GET", path) == (403, "FORBIDDEN")


def test_what_cannot_be_evaluated_is_refused(sandbox: Sandbox) -> None:
    """Too early, backwards, not a quarter, not a year, nothing there: and nothing is written."""
    finance, position = sandbox.by("finance"), sandbox.position()
    assert finance.refused("POST", "/v1/partner-tiers/2026-Q1/evaluate", {}) == (409, "PERIOD_NOT_ENDED")
    backwards = {"effective_from": "2025-12-31"}
    assert finance.refused("POST", "/v1/partner-tiers/2025-Q4/evaluate", backwards) == (409, "EFFECTIVE_IN_THE_PAST")
    for quarter in ("2026-01", "soon"):
        assert finance.refused("POST", f"/v1/partner-tiers/{quarter}/evaluate", {}) == (422, "MALFORMED")
    assert finance.refused("POST", "/v1/rewards/2026/evaluate", {"rewards": ["1.00"]}) == (409, "PERIOD_NOT_ENDED")
    assert finance.refused("POST", "/v1/rewards/26/evaluate", {"rewards": ["1.00"]}) == (422, "MALFORMED")
    assert finance.refused("POST", "/v1/rewards/2025/evaluate", {"rewards": ["-1.00"]}) == (422, "MALFORMED")
    assert finance.refused("GET", "/v1/partner-tiers/2026-Q1") == (404, "NOT_FOUND")
    assert finance.refused("GET", "/v1/rewards/2026") == (404, "NOT_FOUND")
    assert finance.refused("GET", "/v1/partners/nobody/tier") == (404, "NOT_FOUND")
    assert finance.get("/v1/partners/contoso/tier") == {"partner": "contoso", "current": None, "history": []}
    assert sandbox.position() == position


@pytest.mark.parametrize(
    ("tiers", "field"),
    [
        ([("gold", 1500), ("gold", 10_000)], "terms.partner_tiers.1.tier"),
        ([("gold", 1500), ("silver", 1500), ("bronze", 10_000)], "terms.partner_tiers.1.top_basis_points"),
        ([("gold", 1500), ("silver", 3000)], "terms.partner_tiers.1.top_basis_points"),
    ],
)
def test_partner_tiers_that_leave_somebody_out_are_refused(
    sandbox: Sandbox, tiers: list[tuple[str, int]], field: str
) -> None:
    stated = [
        {
            "tier": tier,
            "top_basis_points": top,
            "discount_from_basis_points": 0,
            "discount_to_basis_points": 100,
            "co_marketing_budget": "0.00",
        }
        for tier, top in tiers
    ]
    body = {"effective_from": "2026-01-01", "terms": {"partner_tiers": stated}}
    answer = sandbox.admin.ask("POST", "/v1/programme/terms", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
