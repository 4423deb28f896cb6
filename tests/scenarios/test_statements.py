"""Statements and closings as callers see them (rules §7; api.md, Statements and periods; situations)."""

import csv
import io

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.support.api import Sandbox, problem, usd

Q1_IS_OVER = "2026-04-01T00:00:00+00:00"


@pytest.fixture
def earning(sandbox: Sandbox) -> Sandbox:
    """Northwind has won D-1, worth 150,000, in the first quarter."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("150000.00"))
    sandbox.won("D-1")
    return sandbox


def test_a_period_is_closed_after_its_end_unless_forced(earning: Sandbox) -> None:
    finance, path = earning.by("finance"), "/v1/periods/2026-Q1/close"
    head = earning.position()
    assert finance.refused("POST", path, {}) == (409, "PERIOD_NOT_ENDED")
    earning.move_clock("2026-03-31T23:59:59.999999+00:00")
    assert finance.refused("POST", path, {}) == (409, "PERIOD_NOT_ENDED")
    assert earning.position() == head + 1, "the clock was moved, and nothing else"
    assert earning.close("2026-Q1", force=True)["closed"][0]["payable"] == usd("25000.00")


def test_closing_answers_what_it_closed_and_closing_again_the_same(earning: Sandbox) -> None:
    """Closing twice is a no-op: the first result again."""
    earning.move_clock(Q1_IS_OVER)
    closed = earning.close("2026-Q1")
    statement = earning.statement("northwind", "2026-Q1")
    assert closed["period"] == "2026-Q1"
    assert closed["closed"] == [{"partner": "northwind", "digest": statement["digest"], "payable": usd("25000.00")}]
    assert closed["position"] == earning.position()
    again = earning.close("2026-Q1")
    assert again["closed"] == closed["closed"]
    assert earning.position() == closed["position"]


def test_an_earlier_period_with_something_to_state_is_closed_first(earning: Sandbox) -> None:
    """One refusal closes nothing."""
    earning.move_clock("2026-07-01T00:00:00+00:00")
    head = earning.position()
    finance = earning.by("finance")
    assert finance.refused("POST", "/v1/periods/2026-Q2/close", {}) == (409, "EARLIER_PERIOD_OPEN")
    assert finance.refused("POST", "/v1/periods/2026-Q2/close", {"partner": "northwind"}) == (
        409,
        "EARLIER_PERIOD_OPEN",
    )
    assert earning.position() == head
    assert earning.close("2026-Q2", partner="contoso")["closed"][0]["partner"] == "contoso"
    assert earning.statement("contoso", "2026-Q1")["status"] == "closed"
    assert earning.statement("northwind", "2026-Q1")["status"] == "open"


def test_an_unknown_partner_is_not_closed(earning: Sandbox) -> None:
    refused = earning.by("finance").refused("POST", "/v1/periods/2026-Q1/close", {"partner": "nobody"})
    assert refused == (422, "UNKNOWN_PARTNER")


def test_terms_do_not_reach_into_a_closed_period(earning: Sandbox) -> None:
    earning.move_clock(Q1_IS_OVER)
    earning.close("2026-Q1")
    body = {"effective_from": "2026-03-31", "terms": {"protection_days": 60}}
    assert earning.admin.refused("POST", "/v1/programme/terms", body) == (409, "PERIOD_CLOSED")
    assert earning.terms("2026-04-01", protection_days=60)["version"] == 2


def test_a_statement_is_reproducible_as_it_was_known_at_any_position(earning: Sandbox) -> None:
    """The March statement as known on 5 April and as known today: the first equals the closed digest."""
    before = earning.statement("northwind", "2026-Q1")
    won = earning.position()
    earning.move_clock("2026-04-05T09:00:00+00:00")
    earning.close("2026-Q1")
    closed, then = earning.statement("northwind", "2026-Q1"), earning.position()
    refund = {"refund_id": "R-1", "refunded_on": "2026-04-05", "amount": usd("30000.00")}
    earning.deliver(earning.webhook("deal.refunded", {"deal_id": "D-1", **refund}))
    today = earning.statement("northwind", "2026-Q2")
    assert [(a["period"], a["amount"]) for a in today["adjustments"]] == [("2026-Q1", usd("-6000.00"))]
    assert earning.position() in today["adjustments"][0]["evidence"]
    known = {"as_of_position": then}
    assert earning.statement("northwind", "2026-Q1", **known) == closed == earning.statement("northwind", "2026-Q1")
    assert earning.statement("northwind", "2026-Q2", **known)["adjustments"] == []
    assert earning.statement("northwind", "2026-Q1", as_of_position=won) == before
    finance, path = earning.by("finance"), "/v1/statements/northwind/2026-Q1"
    assert finance.refused("GET", path, query={"as_of_position": earning.position() + 1}) == (422, "MALFORMED")


def test_a_closed_statements_position_is_where_it_was_closed_and_only_its_status_changes(earning: Sandbox) -> None:
    """Acknowledged by the partner itself, not by the admin either."""
    earning.move_clock(Q1_IS_OVER)
    path = "/v1/statements/northwind/2026-Q1/acknowledge"
    partner = earning.by("partner", "northwind")
    assert partner.refused("POST", path) == (409, "WRONG_STATE")
    closed_at = earning.close("2026-Q1")["position"]
    closed = earning.statement("northwind", "2026-Q1")
    assert closed["position"] <= closed_at and closed["closed_at"] == "2026-04-01T00:00:00.000000Z"
    assert earning.admin.refused("POST", path) == (403, "FORBIDDEN")
    assert earning.by("partner", "contoso").refused("POST", path) == (404, "NOT_FOUND")
    assert partner.post(path)["status"] == "acknowledged"
    head = earning.position()
    assert partner.post(path)["status"] == "acknowledged"
    assert earning.position() == head
    assert earning.statement("northwind", "2026-Q1") == closed | {"status": "acknowledged"}


def test_a_known_partners_period_with_nothing_to_state_is_an_empty_open_statement(sandbox: Sandbox) -> None:
    """Not a 404; an unknown partner's is."""
    empty = sandbox.statement("northwind", "2031-Q3")
    assert (empty["lines"], empty["status"], empty["closed_at"]) == ([], "open", None)
    assert {total["amount"] for total in empty["totals"].values()} == {"0.00"}
    assert sandbox.by("finance").refused("GET", "/v1/statements/nobody/2026-Q1") == (404, "NOT_FOUND")
    assert sandbox.by("finance").refused("GET", "/v1/statements/northwind/2026-Q5")[0] in (404, 422)


def test_statements_are_listed_without_their_lines(earning: Sandbox) -> None:
    finance, at_least = earning.by("finance"), earning.position()
    [listed] = finance.get("/v1/statements", at_least=at_least, period="2026-Q1")["items"]
    shown = earning.statement("northwind", "2026-Q1")
    assert listed == {name: shown[name] for name in shown if name not in ("lines", "adjustments")}
    assert finance.get("/v1/statements", at_least=at_least, partner="contoso")["items"] == []


def test_an_etag_is_the_digest_whatever_the_statements_status(earning: Sandbox) -> None:
    """The answer is always whole: with the same digest its `status` may have changed."""
    finance, path = earning.by("finance"), "/v1/statements/northwind/2026-Q1"
    digest = earning.statement("northwind", "2026-Q1")["digest"]
    first = finance.ask("GET", path, headers={"If-None-Match": f'"{digest}"'})
    assert (first.status_code, first.headers["etag"]) == (200, f'"{digest}"')
    earning.fact("value_changed", "D-1", value=usd("90000.00"))
    changed = earning.statement("northwind", "2026-Q1")["digest"]
    assert finance.ask("GET", path).headers["etag"] == f'"{changed}"' != f'"{digest}"'


def test_a_statement_is_given_as_a_table_for_spreadsheets(earning: Sandbox) -> None:
    """`Accept: text/csv`: lines, then totals; a form that there is not is 406."""
    earning.statement("northwind", "2026-Q1")
    finance, path = earning.by("finance"), "/v1/statements/northwind/2026-Q1"
    answer = finance.ask("GET", path, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["deal_id"], row["amount"], row["won_on"]) for row in rows if row["row"] == "commission"] == [
        ("D-1", "25000.00", "2026-01-01")
    ]
    totals = {row["id"]: row["amount"] for row in rows if row["row"] == "total"}
    assert (totals["payable"], totals["held"]) == ("25000.00", "0.00")
    assert {row["currency"] for row in rows} == {"USD"}
    assert problem(finance.ask("GET", path, headers={"Accept": "image/png"})) == (406, "NOT_ACCEPTABLE")
    assert finance.ask("GET", path, headers={"Accept": "text/csv;q=0.5, application/json"}).json()["lines"]


def test_a_statement_is_a_workbook_or_a_page_under_the_vendors_letterhead(earning: Sandbox) -> None:
    """PDF and XLSX; the partner gets its own; the letterhead changes no digest."""
    finance, path = earning.by("finance"), "/v1/statements/northwind/2026-Q1"
    before = earning.statement("northwind", "2026-Q1")
    assert finance.get("/v1/programme/letterhead")["name"] == earning.programme
    head = earning.position()
    finance.put("/v1/programme/letterhead", {"name": "Acme Software GmbH", "lines": ["Hafenstraße 1", "20457 Hamburg"]})
    assert earning.position() == head, "no event is written for it"
    page = earning.by("partner", "northwind").ask("GET", path, headers={"Accept": "application/pdf"})
    assert page.headers["content-type"] == "application/pdf"
    assert page.headers["content-disposition"] == 'attachment; filename="northwind-2026-Q1.pdf"'
    text = PdfReader(io.BytesIO(page.content)).pages[0].extract_text()
    assert "Acme Software GmbH" in text and "Northwind Ltd" in text and "25,000.00 USD" in text
    workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    table = finance.ask("GET", path, headers={"Accept": workbook})
    assert table.headers["content-type"] == workbook
    summary = dict(load_workbook(io.BytesIO(table.content))["Statement"].iter_rows(values_only=True))
    assert summary["Payable"] == 25_000 and summary["Digest (SHA-256)"] == before["digest"]
    assert page.headers["etag"] == table.headers["etag"] == f'"{before["digest"]}"'
    foreign = earning.by("partner", "contoso").ask("GET", path, headers={"Accept": "application/pdf"})
    assert problem(foreign) == (404, "NOT_FOUND")
