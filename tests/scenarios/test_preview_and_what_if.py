"""What closing now would state, and what something else would have changed: nothing of it is stored (rules §7, §9)."""

from typing import Any, Final

import pytest

from tests.support.api import Place, Sandbox, usd

Q1, Q2 = "2026-Q1", "2026-Q2"
Q1_IS_OVER: Final = "2026-04-01T00:00:00+00:00"
PREVIEW: Final = f"/v1/periods/{Q1}/preview"


@pytest.fixture
def contested(sandbox: Sandbox) -> Sandbox:
    """Northwind won D-1, worth 120,000; contoso waited behind it, and their case is being investigated."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"))
    waiting = sandbox.register("contoso", deal=sandbox.linked("D-2"))
    sandbox.investigate(waiting["conflict"])
    sandbox.won("D-1")
    return sandbox


def asked(sandbox: Sandbox, **hypothesis: Any) -> Any:
    """The answer; the log is as long as before."""
    head = sandbox.position()
    found = sandbox.by("finance").post("/v1/audit/what-if", hypothesis)
    assert found["position"] == head == sandbox.position()
    return found


def landing(found: Any) -> list[tuple[str, str, str]]:
    return [
        (one["partner"], line["lands_in"], line["difference"]["amount"])
        for one in found["partners"]
        for line in one["lines"]
    ]


def test_a_preview_says_what_closing_would_state_and_why_each_line_is_held(contested: Sandbox) -> None:
    finance, head = contested.by("finance"), contested.position()
    found = finance.get(PREVIEW)
    contoso, northwind = found["items"]
    assert (found["ended"], contoso["states_something"], contoso["held"]) == (False, False, [])
    assert (northwind["closes"], northwind["refused"], northwind["closed"]) == ([Q1], None, False)
    assert northwind["totals"]["payable"] == usd("0.00")
    [held] = northwind["held"]
    assert (held["held"], held["held_because"], held["period"]) == (usd("19000.00"), ["CONFLICT_OPEN"], Q1)
    assert contested.position() == head
    page = finance.get(PREVIEW, limit=1)
    assert [one["partner"] for one in page["items"]] == ["contoso"]
    assert finance.get(PREVIEW, limit=1, after=page["next"])["items"] == [northwind]
    assert finance.get(PREVIEW, partner="northwind")["items"] == [northwind]
    assert finance.refused("GET", PREVIEW, query={"partner": "nobody"}) == (422, "UNKNOWN_PARTNER")
    assert finance.refused("GET", "/v1/periods/2026-03/preview") == (422, "MALFORMED")


def test_a_preview_tells_what_is_closed_first_and_what_is_closed(contested: Sandbox) -> None:
    """A held line of a closed period says in the next one why it is still held."""
    contested.move_clock(Q1_IS_OVER)
    finance = contested.by("finance")
    later = finance.get(f"/v1/periods/{Q2}/preview", partner="northwind")["items"][0]
    assert later["refused"]["code"] == "EARLIER_PERIOD_OPEN"
    contested.close(Q1)
    closed = finance.get(PREVIEW, partner="northwind")
    assert (closed["ended"], closed["items"][0]["closed"], closed["items"][0]["closes"]) == (True, True, [])
    later = finance.get(f"/v1/periods/{Q2}/preview", partner="northwind")["items"][0]
    assert [(one["period"], one["held_because"]) for one in later["held"]] == [(Q1, ["CONFLICT_OPEN"])]


def test_longer_protection_shows_whose_win_it_would_have_been(place: Place) -> None:
    """30 → 90 days, over the whole programme, with everything decided again."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("10000.00"))
    sandbox.move_clock("2026-02-14T12:00:00+00:00")
    sandbox.register("contoso", deal=sandbox.linked("D-2"), value=usd("10000.00"))
    sandbox.won("D-2")
    found = asked(sandbox, terms={"protection_days": 90})
    assert found["told_again"]
    assert landing(found) == [("contoso", Q1, "-1500.00"), ("northwind", Q1, "1500.00")]
    [gained] = found["partners"][1]["lines"]
    assert (gained["before"]["amount"], gained["after"]["held"]) == (usd("0.00"), usd("1500.00"))


def test_another_method_lands_in_open_periods_and_as_an_adjustment_for_closed_ones(
    sandbox: Sandbox,
) -> None:
    """150,000 at 20 %: +5,000.00, without a fact; new bands likewise."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("150000.00"))
    sandbox.won("D-1")
    assert landing(asked(sandbox, terms={"method": "retroactive"})) == [("northwind", Q1, "5000.00")]
    sandbox.move_clock(Q1_IS_OVER)
    sandbox.close(Q1)
    found = asked(sandbox, terms={"method": "retroactive"})
    assert (landing(found), found["told_again"]) == ([("northwind", Q2, "5000.00")], False)
    [change] = found["partners"][0]["lines"]
    assert (change["kind"], change["period"]) == ("prior_period", Q1)
    flat = asked(sandbox, terms={"tiers": [{"from": "0.00", "rate_basis_points": 1000}]})
    assert flat["partners"][0]["difference"] == usd("-10000.00")
    assert flat["partners"][0]["by_period"] == [{"period": Q2, "difference": usd("-10000.00")}]


def test_a_hypothetical_refund_is_what_the_refund_then_does(sandbox: Sandbox) -> None:
    """The ripple preview and the deed agree to the cent: 120,000 closed, 30,000 back, −5,500.00."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"))
    sandbox.won("D-1")
    sandbox.move_clock(Q1_IS_OVER)
    sandbox.close(Q1)
    data = {"deal_id": "D-1", "refund_id": "R-1", "amount": usd("30000.00"), "refunded_on": "2026-04-01"}
    fact = {"source": sandbox.source, "type": "deal.refunded", "data": data}
    assert landing(asked(sandbox, facts=[fact])) == [("northwind", Q2, "-5500.00")]
    sandbox.fact("refunded", "D-1", refund_id="R-1", amount=usd("30000.00"), refunded_on="2026-04-01")
    assert sandbox.statement("northwind", Q2)["totals"]["adjustments"] == usd("-5500.00")
    assert landing(asked(sandbox, facts=[fact])) == [], "counted once"


def test_a_hypothetical_decision_moves_the_credit(contested: Sandbox) -> None:
    [case] = contested.admin.get("/v1/conflicts")["items"]
    found = asked(contested, decisions=[{"case": case["id"], "outcome": "reassign"}])
    assert [(partner, amount) for partner, _, amount in landing(found)] == [
        ("contoso", "19000.00"),
        ("northwind", "-19000.00"),
    ]
    assert contested.case(case["id"])["decision"] is None


def test_a_hypothesis_that_cannot_be_is_refused(sandbox: Sandbox) -> None:
    finance, path = sandbox.by("finance"), "/v1/audit/what-if"
    late = {"source": sandbox.source, "type": "deal.reopened", "data": {"deal_id": "D-9"}}
    for wrong, where in (
        ({}, ""),
        ({"facts": [late]}, "facts.0"),
        ({"facts": [late | {"data": {}}]}, "facts.0.data.deal_id"),
        ({"decisions": [{"case": "cft_none", "outcome": "void"}]}, "decisions.0"),
        ({"terms": {"tiers": [{"from": "5.00", "rate_basis_points": 1}]}}, "terms.tiers"),
    ):
        answer = finance.ask("POST", path, wrong)
        assert answer.status_code == 422, answer.text
        assert where in answer.json()["errors"][0]["field"], answer.text
    assert sandbox.by("partner", "northwind").refused("POST", path, {}) == (403, "FORBIDDEN")
