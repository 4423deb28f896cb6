"""SPIFFs, targets and files of exchange rates through HTTP: who may, what is refused, who sees what (rules §6, §8)."""

from datetime import date
from typing import Any

import pytest

from tests.support.api import Sandbox, usd

SPIFF = {
    "id": "launch",
    "name": "Launch",
    "products": ["edge"],
    "first_on": "2026-02-01",
    "last_on": "2026-03-31",
    "rate_basis_points": 200,
}


def test_a_spiff_is_everybodys_and_a_target_is_its_partners(sandbox: Sandbox) -> None:
    """Every partner reads the SPIFFs; of targets each its own, and is told nothing of another's."""
    finance = sandbox.by("finance")
    finance.post("/v1/programme/spiffs", SPIFF)
    finance.put("/v1/partners/contoso/targets/2026-Q1", {"target": usd("100.00"), "bonus": usd("5.00")})
    northwind, contoso = sandbox.by("partner", "northwind"), sandbox.by("partner", "contoso")
    assert [spiff["id"] for spiff in northwind.get("/v1/programme/spiffs")["items"]] == ["launch"]
    assert [one["period"] for one in contoso.get("/v1/partners/contoso/targets")["items"]] == ["2026-Q1"]
    there, nowhere = (northwind.ask("GET", f"/v1/partners/{one}/targets") for one in ("contoso", "nobody"))
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace("contoso", "nobody") == nowhere.text
    assert finance.refused("GET", "/v1/partners/nobody/targets") == (404, "NOT_FOUND")
    assert northwind.refused("POST", "/v1/programme/spiffs", SPIFF) == (403, "FORBIDDEN")


def test_incentives_reach_into_no_closed_period(sandbox: Sandbox) -> None:
    """Nor does a target change that a closed period was measured by."""
    finance = sandbox.by("finance")
    finance.post("/v1/programme/spiffs", SPIFF)
    sandbox.move_clock(date(2026, 4, 1))
    sandbox.close("2026-Q1", partner="contoso")
    assert finance.refused("POST", "/v1/programme/spiffs", SPIFF) == (409, "ALREADY_EXISTS")
    assert finance.refused("POST", "/v1/programme/spiffs", SPIFF | {"id": "x"}) == (409, "PERIOD_CLOSED")
    body = {"last_on": "2026-02-28"}
    assert finance.refused("POST", "/v1/programme/spiffs/launch/end", body) == (409, "PERIOD_CLOSED")
    assert finance.refused("POST", "/v1/programme/spiffs/nothing/end", body) == (404, "NOT_FOUND")
    target = {"target": usd("100.00"), "accelerator_basis_points": 100}
    assert finance.refused("PUT", "/v1/partners/contoso/targets/2026-03", target) == (409, "PERIOD_CLOSED")
    assert finance.put("/v1/partners/northwind/targets/2026-03", target)["period"] == "2026-03"
    euros = {"target": {"amount": "1.00", "currency": "EUR"}, "accelerator_basis_points": 100}
    assert finance.refused("PUT", "/v1/partners/northwind/targets/2026-Q3", euros) == (409, "CURRENCY_MISMATCH")
    assert finance.refused("PUT", "/v1/partners/northwind/targets/2026-Q9", target) == (422, "MALFORMED")


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "5.00"},
        {"rate_basis_points": None},
        {"last_on": "2026-01-31"},
        {"rate_basis_points": None, "amount": "5.001"},
        {"rate_basis_points": None, "amount": "-5.00"},
    ],
)
def test_a_spiff_that_makes_no_sense_is_malformed(sandbox: Sandbox, change: dict[str, Any]) -> None:
    assert sandbox.by("finance").refused("POST", "/v1/programme/spiffs", SPIFF | change) == (422, "MALFORMED")


@pytest.mark.parametrize("body", [{"target": usd("5.00")}, {"target": usd("5.00"), "bonus": usd("0.00")}])
def test_a_target_earns_something(sandbox: Sandbox, body: dict[str, Any]) -> None:
    assert sandbox.by("finance").refused("PUT", "/v1/partners/contoso/targets/2026-Q1", body) == (422, "MALFORMED")


def test_a_file_of_exchange_rates_releases_what_waited_for_them(sandbox: Sandbox) -> None:
    """All or nothing: a file with a wrong line publishes nothing, and names it; the right one releases the line."""
    finance, path = sandbox.by("finance"), "/v1/programme/exchange-rates/import"
    value = {"amount": "100000.00", "currency": "EUR"}
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=value)
    sandbox.move_clock(date(2026, 2, 10))
    sandbox.won("D-1")
    assert sandbox.statement("northwind", "2026-Q1")["lines"][0]["held_because"] == ["RATE_MISSING"]
    wrong = "date,base,quote,rate\n2026-02-01,EUR,USD,1.1\n2026-02-30,EUR,USD,1.1\n2026-02-01,EUR,EUR,1\n"
    answer = finance.ask("POST", path, {"csv": wrong})
    assert [(error["field"], error["message"]) for error in answer.json()["errors"]] == [
        ("line 3", "'2026-02-30' is not a date such as 2026-10-01"),
        ("line 4", "a rate is between two currencies"),
    ]
    assert finance.get("/v1/programme/exchange-rates")["items"] == []
    right = "\ufeffdate,base,quote,rate\r\n2026-02-01,EUR,USD,1.1\r\n2026-02-01,GBP,USD,1.25\r\n"
    assert finance.post(path, {"csv": right})["published"] == 2
    assert finance.post(path, {"csv": right})["published"] == 0
    [line] = sandbox.statement("northwind", "2026-Q1")["lines"]
    assert (line["held_because"], line["credited"]["amount"]) == ([], "110000.00")
    answer = finance.ask("POST", path, {"csv": right.replace("1.25", "1.26")})
    assert (answer.status_code, answer.json()["code"]) == (409, "RATE_EXISTS")
    assert [error["field"] for error in answer.json()["errors"]] == ["line 3"]
    corrected = "date,base,quote,rate,replaces\n2026-02-01,EUR,USD,1.2,true\n2026-02-01,GBP,USD,1.25,\n"
    assert finance.post(path, {"csv": corrected})["published"] == 1
    [line] = sandbox.statement("northwind", "2026-Q1")["lines"]
    assert line["credited"]["amount"] == "120000.00"


@pytest.mark.parametrize(
    ("csv", "line"),
    [
        ("day,base,quote,rate\n", "line 1"),
        ("date,base,quote,rate\n", "line 2"),
        ("date,base,quote,rate\n2026-02-01,EUR,USD\n", "line 2"),
        ("date,base,quote,rate\n2026-02-01,EUR,USD,1,1\n", "line 2"),
        ("date,base,quote,rate\n2026-02-01,EUX,USD,1\n", "line 2"),
        ("date,base,quote,rate\n2026-02-01,EUR,USD,-1\n", "line 2"),
        ("date,base,quote,rate,replaces\n2026-02-01,EUR,USD,1,perhaps\n", "line 2"),
        ('date,base,quote,rate\n"2026-02-01"x,EUR,USD,1\n', "line 2"),
    ],
)
def test_each_line_that_cannot_be_read_is_named(sandbox: Sandbox, csv: str, line: str) -> None:
    answer = sandbox.by("finance").ask("POST", "/v1/programme/exchange-rates/import", {"csv": csv})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [line]


def test_what_was_settled_and_is_not_paid_in_time_is_proposed_to_be_taken_back(sandbox: Sandbox) -> None:
    """Nothing is taken back by itself; paid after all, nothing is proposed (rules §6, `payable_on`)."""
    sandbox.terms(payable_on="paid")
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("1000.00"))
    sandbox.move_clock(date(2026, 3, 10))
    sandbox.won("D-1")
    sandbox.move_clock(date(2026, 4, 1))
    sandbox.close("2026-Q1")
    finance, path = sandbox.by("finance"), "/v1/partners/northwind/clawbacks"
    assert finance.get(path)["items"] == []
    sandbox.move_clock(date(2026, 5, 9))
    [proposed] = finance.get(path)["items"]
    assert (proposed["period"], proposed["amount"]) == ("2026-Q1", usd("150.00"))
    assert sandbox.statement("northwind", "2026-Q2")["totals"]["adjustments"] == usd("0.00")
    assert sandbox.by("partner", "northwind").refused("GET", path) == (403, "FORBIDDEN")
    assert finance.refused("GET", "/v1/partners/nobody/clawbacks") == (404, "NOT_FOUND")
    sandbox.fact("paid", "D-1", amount=usd("1000.00"), paid_on="2026-05-09")
    assert finance.get(path)["items"] == []
