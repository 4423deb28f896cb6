"""What people do to closed statements: disputes, payouts, paperwork, adjustments (rules §7, §8; situations)."""

from typing import Any, Final

import pytest

from tests.support.api import Place, Sandbox, usd

Q1, Q2 = "2026-Q1", "2026-Q2"
Q1_IS_OVER: Final = "2026-04-01T00:00:00+00:00"
Q2_IS_OVER: Final = "2026-07-01T00:00:00+00:00"
STATEMENT: Final = f"/v1/statements/northwind/{Q1}"


@pytest.fixture
def closed(sandbox: Sandbox) -> Sandbox:
    """Northwind has won D-1 (80,000 earns 12,000.00) and D-2 (50,000 earns 9,000.00); the quarter is closed."""
    for deal, value in (("D-1", "80000.00"), ("D-2", "50000.00")):
        sandbox.register("northwind", f"account-{deal.lower()}", deal=sandbox.linked(deal), value=usd(value))
        sandbox.won(deal)
    sandbox.move_clock(Q1_IS_OVER)
    sandbox.close(Q1)
    return sandbox


def line_of(sandbox: Sandbox, deal: str) -> str:
    lines = sandbox.statement("northwind", Q1)["lines"]
    return next(str(line["id"]) for line in lines if line["deal"]["id"] == deal)


def dispute(sandbox: Sandbox, deal: str) -> Any:
    body = {"line": line_of(sandbox, deal), "reason": "The order was for more."}
    return sandbox.by("partner", "northwind").post(f"{STATEMENT}/dispute", body)


def settlement(sandbox: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.by("finance").get(f"{STATEMENT}/settlement")
    return found


def amounts(found: dict[str, Any]) -> dict[str, str]:
    names = ("payable", "paid", "forfeited", "withheld", "due")
    return {name: found[name]["amount"] for name in names if found[name]["amount"] != "0.00"}


def pay(sandbox: Sandbox, reference: str) -> Any:
    return sandbox.by("finance").post(f"{STATEMENT}/payout", {"reference": reference, "paid_on": "2026-04-10"})


def test_a_disputed_line_is_held_and_the_rest_is_paid(closed: Sandbox) -> None:
    """Each step with who, when and why; the statement itself never changes but for its status."""
    before = closed.statement("northwind", Q1)
    opened = dispute(closed, "D-2")
    assert (opened["state"], opened["held_because"], opened["at_stake"]) == ("open", ["DISPUTED"], usd("9000.00"))
    assert opened["opened"]["by"] is None, "a partner is not told which key"
    closed.move_clock("2026-04-04T12:00:00+00:00")
    found = settlement(closed)
    assert amounts(found) == {"payable": "21000.00", "withheld": "9000.00", "due": "12000.00"}
    assert [(one["age_days"], one["opened"]["reason"]) for one in found["disputes"]] == [(3, "The order was for more.")]
    assert found["disputes"][0]["opened"]["by"].startswith("key_")
    assert pay(closed, "run-1")["amount"] == usd("12000.00")
    assert closed.statement("northwind", Q1) == before | {"status": "disputed"}


def test_an_upheld_dispute_is_an_adjustment_in_the_open_period_and_releases_the_line(closed: Sandbox) -> None:
    one, finance = dispute(closed, "D-2"), closed.by("finance")
    pay(closed, "run-1")
    path = f"{STATEMENT}/disputes/{one['id']}/resolve"
    upheld = {"outcome": "upheld", "reason": "So the order says.", "amount": usd("1000.00")}
    resolved = finance.post(path, upheld)
    assert (resolved["state"], resolved["resolution"]["amount"]) == ("upheld", usd("1000.00"))
    [adjustment] = closed.statement("northwind", Q2)["adjustments"]
    assert (adjustment["kind"], adjustment["period"], adjustment["amount"]) == ("dispute", Q1, usd("1000.00"))
    assert adjustment["reason"] == "So the order says."
    assert adjustment["evidence"] == [one["position"], resolved["position"] - 1, resolved["position"]]
    assert pay(closed, "run-2")["amount"] == usd("9000.00")
    assert closed.statement("northwind", Q1)["status"] == "paid"
    head = closed.position()
    assert finance.post(path, upheld)["state"] == "upheld"
    assert closed.position() == head, "the same again is the same"
    closed.move_clock(Q2_IS_OVER)
    closed.close(Q2)
    assert closed.statement("northwind", "2026-Q3")["adjustments"] == [], "stated once"


def test_a_rejected_dispute_releases_the_line(closed: Sandbox) -> None:
    one = dispute(closed, "D-1")
    path = f"{STATEMENT}/disputes/{one['id']}/resolve"
    closed.by("finance").post(path, {"outcome": "rejected", "reason": "The order was for 80,000."})
    assert amounts(settlement(closed)) == {"payable": "21000.00", "due": "21000.00"}
    assert closed.statement("northwind", Q2)["adjustments"] == []
    assert closed.statement("northwind", Q1)["status"] == "closed"
    payout = pay(closed, "run-1")
    assert (payout["covers"], payout["lines"]) == ("all_but", [])


def test_what_a_dispute_may_not_do(closed: Sandbox) -> None:
    """By the partner alone, on a closed statement, of a line that is in it, one at a time."""
    partner, finance = closed.by("partner", "northwind"), closed.by("finance")
    body = {"line": line_of(closed, "D-1"), "reason": "So."}
    assert closed.admin.refused("POST", f"{STATEMENT}/dispute", body) == (403, "FORBIDDEN")
    assert closed.by("partner", "contoso").refused("POST", f"{STATEMENT}/dispute", body) == (404, "NOT_FOUND")
    assert partner.refused("POST", f"/v1/statements/northwind/{Q2}/dispute", body) == (409, "WRONG_STATE")
    assert partner.refused("POST", f"{STATEMENT}/dispute", body | {"line": "line_x"}) == (422, "MALFORMED")
    one = dispute(closed, "D-1")
    assert partner.refused("POST", f"{STATEMENT}/dispute", body) == (409, "ALREADY_EXISTS")
    assert partner.refused("POST", f"{STATEMENT}/acknowledge") == (409, "WRONG_STATE")
    path = f"{STATEMENT}/disputes/{one['id']}/resolve"
    head = closed.position()
    for wrong in (
        {"outcome": "upheld"},
        {"outcome": "upheld", "amount": usd("0.00")},
        {"outcome": "upheld", "amount": {"amount": "5.00", "currency": "EUR"}},
        {"outcome": "rejected", "amount": usd("5.00")},
    ):
        assert finance.refused("POST", path, wrong | {"reason": "So."}) == (422, "MALFORMED"), wrong
    unknown = f"{STATEMENT}/disputes/dsp_x/resolve"
    assert finance.refused("POST", unknown, {"outcome": "rejected", "reason": "So."}) == (404, "NOT_FOUND")
    assert closed.position() == head
    finance.post(path, {"outcome": "rejected", "reason": "So."})
    assert finance.refused("POST", path, {"outcome": "upheld", "reason": "So.", "amount": usd("5.00")}) == (
        409,
        "WRONG_STATE",
    )


def test_disputes_are_listed_by_state_and_a_partner_sees_its_own(closed: Sandbox) -> None:
    one = dispute(closed, "D-1")
    at_least = closed.position()
    finance = closed.by("finance")
    [listed] = finance.get("/v1/disputes", state="open", at_least=at_least)["items"]
    assert (listed["id"], listed["partner"], listed["period"]) == (one["id"], "northwind", Q1)
    assert finance.get("/v1/disputes", state="upheld", at_least=at_least)["items"] == []
    own = closed.by("partner", "northwind").get("/v1/disputes")["items"]
    assert [(d["id"], d["opened"]["by"]) for d in own] == [(one["id"], None)]
    other = closed.by("partner", "contoso")
    assert other.get("/v1/disputes")["items"] == []
    assert other.refused("GET", "/v1/disputes?partner=northwind") == (404, "NOT_FOUND")
    assert other.refused("GET", f"{STATEMENT}/settlement") == (404, "NOT_FOUND")


def test_a_failed_payout_is_payable_again_and_a_line_is_in_one_settled_payout_at_most(closed: Sandbox) -> None:
    finance = closed.by("finance")
    first = pay(closed, "run-1")
    assert (first["amount"], first["state"]) == (usd("21000.00"), "paid")
    head = closed.position()
    assert pay(closed, "run-1")["position"] is None, "the same payout again is the same"
    again = {"reference": "run-2", "paid_on": "2026-04-11"}
    assert finance.refused("POST", f"{STATEMENT}/payout", again) == (409, "NOTHING_PAYABLE")
    assert finance.refused("POST", f"{STATEMENT}/payout", again | {"reference": "run-1"}) == (409, "ALREADY_EXISTS")
    assert closed.position() == head
    failed = finance.post(f"{STATEMENT}/payout/fail", {"reference": "run-1", "reason": "No such account."})
    assert (failed["state"], failed["failed"]["reason"]) == ("failed", "No such account.")
    assert amounts(settlement(closed)) == {"payable": "21000.00", "due": "21000.00"}
    assert closed.statement("northwind", Q1)["status"] == "closed"
    assert finance.refused("POST", f"{STATEMENT}/payout", {"reference": "run-1", "paid_on": "2026-04-10"}) == (
        409,
        "ALREADY_EXISTS",
    )
    finance.post(f"{STATEMENT}/payout", again)
    unknown = {"reference": "run-9", "reason": "So."}
    assert finance.refused("POST", f"{STATEMENT}/payout/fail", unknown) == (404, "NOT_FOUND")
    listed = finance.get("/v1/payouts", period=Q1, at_least=closed.position())["items"]
    assert [(one["reference"], one["state"]) for one in listed] == [("run-1", "failed"), ("run-2", "paid")]
    assert finance.get("/v1/payouts", state="paid")["items"] == listed[1:]
    assert closed.by("partner", "contoso").get("/v1/payouts")["items"] == []
    assert [one["made"]["by"] for one in closed.by("partner", "northwind").get("/v1/payouts")["items"]] == [None, None]


def test_a_partner_below_the_minimum_payout_is_carried_forward(sandbox: Sandbox) -> None:
    """Shown on each statement, and paid with the one that reaches it."""
    sandbox.terms("2026-01-01", minimum_payout="100.00")
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("500.00"))
    sandbox.won("D-1")
    sandbox.move_clock(Q1_IS_OVER)
    sandbox.close(Q1)
    stated = sandbox.statement("northwind", Q1)["totals"]
    assert (stated["payable"], stated["closing_balance"]) == (usd("0.00"), usd("75.00"))
    body = {"reference": "run-1", "paid_on": "2026-04-10"}
    assert sandbox.by("finance").refused("POST", f"{STATEMENT}/payout", body) == (409, "NOTHING_PAYABLE")
    entered = {"kind": "manual", "amount": usd("25.00"), "reason": "Support for the spring fair."}
    sandbox.by("finance").post("/v1/partners/northwind/adjustments", entered)
    assert sandbox.statement("northwind", Q2)["totals"]["payable"] == usd("100.00")


def test_a_missing_tax_form_holds_the_payout_and_after_its_date_finance_may_forfeit_it(closed: Sandbox) -> None:
    """A hold with its reason; forfeiture is proposed and posted by people, in explicit events."""
    finance = closed.by("finance")
    closed.terms(payout_paperwork=["tax_form"], forfeit_after_days=180)
    body = {"reference": "run-1", "paid_on": "2026-04-10"}
    assert finance.refused("POST", f"{STATEMENT}/payout", body) == (409, "PAPERWORK_MISSING")
    assert settlement(closed)["holds"] == [{"because": "PAPERWORK_MISSING", "missing": ["tax_form"]}]
    because = {"reason": "No tax form for half a year."}
    propose, post = f"{STATEMENT}/forfeiture/propose", f"{STATEMENT}/forfeiture/post"
    assert finance.refused("POST", propose, because) == (409, "FORFEITURE_NOT_DUE")
    assert finance.refused("POST", post, because) == (409, "WRONG_STATE")
    closed.move_clock("2026-09-28T00:00:00+00:00")
    assert finance.post(propose, because)["forfeitures"][0]["state"] == "proposed"
    dismissed = finance.post(f"{STATEMENT}/forfeiture/dismiss", {"reason": "The form is in the mail."})
    assert amounts(dismissed) == {"payable": "21000.00", "due": "21000.00"}
    finance.post(propose, because)
    posted = finance.post(post, because)
    assert amounts(posted) == {"payable": "21000.00", "forfeited": "21000.00"}
    assert [step["reason"] for step in posted["forfeitures"][1]["steps"]] == [because["reason"]] * 2
    assert finance.refused("POST", f"{STATEMENT}/payout", body) == (409, "NOTHING_PAYABLE")


def test_paperwork_counts_to_its_last_day_and_until_it_is_revoked(closed: Sandbox) -> None:
    finance, path = closed.by("finance"), "/v1/partners/northwind/paperwork"
    closed.terms(payout_paperwork=["tax_form"])
    form = {"kind": "tax_form", "reference": "DMS-1", "expires_on": "2026-04-01"}
    assert finance.post(path, form)["missing"] == []
    assert finance.post(path, form)["position"] is None
    assert settlement(closed)["holds"] == []
    closed.move_clock("2026-04-02T00:00:00+00:00")
    assert closed.by("partner", "northwind").get(path)["missing"] == ["tax_form"]
    assert closed.by("partner", "contoso").refused("GET", path) == (404, "NOT_FOUND")
    assert finance.post(path, {"kind": "tax_form", "reference": "DMS-2"})["missing"] == []
    revoked = {"kind": "tax_form", "reason": "It names another company."}
    assert finance.post(f"{path}/revoke", revoked)["missing"] == ["tax_form"]
    assert finance.refused("POST", f"{path}/revoke", revoked) == (404, "NOT_FOUND")
    finance.post(path, {"kind": "tax_form", "reference": "DMS-3"})
    assert pay(closed, "run-1")["amount"] == usd("21000.00")


def test_a_suspended_partner_is_paid_once_it_is_reinstated(closed: Sandbox) -> None:
    manager = closed.by("partner_manager")
    manager.post("/v1/partners/northwind/suspend", {"reason": "An inquiry."})
    body = {"reference": "run-1", "paid_on": "2026-04-10"}
    assert closed.by("finance").refused("POST", f"{STATEMENT}/payout", body) == (409, "PARTNER_SUSPENDED")
    manager.post("/v1/partners/northwind/reinstate", {"reason": "Nothing found."})
    assert pay(closed, "run-1")["amount"] == usd("21000.00")


def test_a_partner_that_left_is_still_paid_and_for_fraud_only_once_somebody_says_so(closed: Sandbox) -> None:
    """Closed lines still pay; for fraud they are held and adjudicated; a clawback is an explicit adjustment."""
    manager, finance = closed.by("partner_manager"), closed.by("finance")
    path = "/v1/partners/northwind"
    released = {"outcome": "released", "reason": "The inquiry found nothing."}
    assert finance.refused("POST", f"{path}/adjudicate", released) == (409, "WRONG_STATE")
    manager.post(f"{path}/terminate", {"reason": "Forged orders.", "cause": "fraud"})
    body = {"reference": "run-1", "paid_on": "2026-04-10"}
    assert finance.refused("POST", f"{STATEMENT}/payout", body) == (409, "PARTNER_SUSPENDED")
    finance.post(f"{path}/adjudicate", {"outcome": "forfeited", "reason": "Proven."})
    assert finance.refused("POST", f"{STATEMENT}/payout", body) == (409, "PARTNER_SUSPENDED")
    finance.post(f"{path}/adjudicate", released)
    clawback = {"kind": "clawback", "amount": usd("-500.00"), "reason": "The forged one.", "period": Q1}
    assert finance.refused("POST", f"{path}/adjustments", clawback | {"amount": usd("500.00")}) == (422, "MALFORMED")
    finance.post(f"{path}/adjustments", clawback)
    assert pay(closed, "run-1")["amount"] == usd("21000.00")
    assert closed.statement("northwind", Q2)["totals"]["closing_balance"] == usd("-500.00")
    assert closed.statement("northwind", Q2)["totals"]["payable"] == usd("0.00"), "never collected"


def test_a_partner_terminated_without_cause_is_still_paid(closed: Sandbox) -> None:
    path = "/v1/partners/northwind/terminate"
    closed.by("partner_manager").post(path, {"reason": "The agreement was not renewed.", "cause": "other"})
    assert pay(closed, "run-1")["amount"] == usd("21000.00")


def test_the_held_pay_of_a_partner_that_was_suspended_and_left_is_released_or_forfeited(sandbox: Sandbox) -> None:
    """A suspended partner's protected deal accrues and is held; leaving alone does not release it."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("80000.00"))
    manager, finance = sandbox.by("partner_manager"), sandbox.by("finance")
    manager.post("/v1/partners/northwind/suspend", {"reason": "An inquiry."})
    sandbox.won("D-1")
    manager.post("/v1/partners/northwind/terminate", {"reason": "It went on.", "cause": "other"})
    held = sandbox.statement("northwind", Q1)
    assert held["lines"][0]["held_because"] == ["PARTNER_SUSPENDED"]
    sandbox.move_clock(Q1_IS_OVER)
    sandbox.close(Q1)
    finance.post("/v1/partners/northwind/adjudicate", {"outcome": "released", "reason": "Nothing found."})
    [adjustment] = sandbox.statement("northwind", Q2)["adjustments"]
    assert (adjustment["amount"], adjustment["held"]) == (usd("12000.00"), usd("0.00"))


def test_what_is_entered_while_pay_is_held_is_held_and_paid_once(closed: Sandbox) -> None:
    manager, finance = closed.by("partner_manager"), closed.by("finance")
    manager.post("/v1/partners/northwind/suspend", {"reason": "An inquiry."})
    entered = {"kind": "variance", "amount": usd("70.00"), "reason": "The new calculation.", "period": Q1}
    one = finance.post("/v1/partners/northwind/adjustments", entered)
    closed.move_clock(Q2_IS_OVER)
    closed.close(Q2)
    assert closed.statement("northwind", Q2)["totals"]["held"] == usd("70.00")
    manager.post("/v1/partners/northwind/reinstate", {"reason": "Nothing found."})
    [again] = closed.statement("northwind", "2026-Q3")["adjustments"]
    assert (again["id"], again["amount"], again["held"]) == (one["id"], usd("70.00"), usd("0.00"))
    [listed] = closed.by("partner", "northwind").get("/v1/partners/northwind/adjustments")["items"]
    assert (listed["id"], listed["by"], listed["about"]["period"]) == (one["id"], None, Q1)
    path = "/v1/partners/northwind/adjustments"
    assert closed.by("partner", "contoso").refused("GET", path) == (404, "NOT_FOUND")
    for wrong in (usd("0.00"), {"amount": "5.00", "currency": "EUR"}, {"amount": "5", "currency": "USD"}):
        assert finance.refused("POST", path, entered | {"amount": wrong}) == (422, "MALFORMED")
    unknown = "/v1/partners/nobody/adjustments"
    assert finance.refused("POST", unknown, entered) == (404, "NOT_FOUND")


def test_a_period_is_paid_to_everybody_or_to_nobody(place: Place) -> None:
    """One reference for all; who may not be paid is listed with the reason; replay reproduces all of it."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso", "fabrikam", "tailspin")
    for partner in ("northwind", "contoso", "fabrikam"):
        sandbox.register(partner, f"of-{partner}", deal=sandbox.linked(partner), value=usd("10000.00"))
        sandbox.won(partner)
    sandbox.move_clock(Q1_IS_OVER)
    sandbox.close(Q1)
    sandbox.by("partner_manager").post("/v1/partners/contoso/suspend", {"reason": "An inquiry."})
    finance, path = sandbox.by("finance"), f"/v1/periods/{Q1}/payout"
    disputed = sandbox.statement("fabrikam", Q1)["lines"][0]["id"]
    fabrikam = f"/v1/statements/fabrikam/{Q1}"
    sandbox.by("partner", "fabrikam").post(f"{fabrikam}/dispute", {"line": disputed, "reason": "So."})
    body = {"reference": "run-1", "paid_on": "2026-04-10"}
    paid = finance.post(path, body)
    assert paid["paid"] == [{"partner": "northwind", "amount": usd("1500.00"), "withheld": usd("0.00")}]
    holds = [{"because": "PARTNER_SUSPENDED", "missing": []}]
    assert paid["held"] == [{"partner": "contoso", "due": usd("1500.00"), "holds": holds}]
    assert paid["totals"] == [usd("1500.00")]
    assert finance.post(path, body)["paid"] == paid["paid"], "the same again is the same"
    [dispute] = finance.get(f"{fabrikam}/settlement")["disputes"]
    rejected = {"outcome": "rejected", "reason": "So."}
    finance.post(f"{fabrikam}/disputes/{dispute['id']}/resolve", rejected)
    finance.post(f"{STATEMENT}/payout/fail", {"reference": "run-1", "reason": "Returned."})
    head = sandbox.position()
    assert finance.refused("POST", path, body) == (409, "ALREADY_EXISTS"), "a failed reference is not used again"
    assert sandbox.position() == head, "so nobody was paid"
    second = finance.post(path, body | {"reference": "run-2"})
    assert [one["partner"] for one in second["paid"]] == ["fabrikam", "northwind"]
    listed = finance.get("/v1/payouts", period=Q1, at_least=sandbox.position())["items"]
    assert [(one["partner"], one["reference"], one["state"]) for one in listed] == [
        ("northwind", "run-1", "failed"),
        ("fabrikam", "run-2", "paid"),
        ("northwind", "run-2", "paid"),
    ]
    assert sandbox.statement("northwind", Q1)["status"] == "paid"
    verdict = sandbox.by("auditor").post("/v1/audit/replay")
    assert verdict["first_disagreement"] is None, verdict


def test_no_variance_is_reported_while_no_calculation_has_changed(closed: Sandbox) -> None:
    finance = closed.by("finance")
    empty = {"partner": "northwind", "calculation": 1, "items": []}
    assert finance.get("/v1/partners/northwind/variances") == empty
    assert finance.refused("GET", "/v1/partners/nobody/variances") == (404, "NOT_FOUND")
