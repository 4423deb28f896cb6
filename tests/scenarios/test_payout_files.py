"""What finance takes to the bank and to the books (rules §7; field.md, payouts and accounting)."""

import csv
import io
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.support.api import Sandbox, problem, usd

XML = {"Accept": "application/xml"}
PERIOD = "2026-Q1"
NORTHWIND = {"holder": "Northwind Ltd", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}
VENDOR = {"holder": "Ächme & Söhne GmbH", "iban": "NL91ABNA0417164300"}


@pytest.fixture
def closed(sandbox: Sandbox) -> Sandbox:
    """The first quarter is closed: northwind is owed 25,000.00 USD, tailspin 150.00 EUR, contoso nothing."""
    sandbox.enrol("tailspin", currency="EUR")
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("150000.00"))
    sandbox.won("D-1")
    euros = {"amount": "1000.00", "currency": "EUR"}
    sandbox.register("tailspin", "globex", deal=sandbox.linked("D-2"), value=euros)
    sandbox.won("D-2")
    sandbox.move_clock("2026-04-02T09:00:00+00:00")
    sandbox.close(PERIOD)
    return sandbox


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def payments(sandbox: Sandbox, **query: Any) -> list[dict[str, str]]:
    return rows(sandbox.by("finance").ask("GET", f"/v1/periods/{PERIOD}/payout-file", query=query).text)


def test_what_is_due_and_what_was_recorded_under_a_reference_are_files_for_the_bank(closed: Sandbox) -> None:
    """What failed is due again; who may not be paid is left out."""
    finance = closed.by("finance")
    finance.put("/v1/partners/northwind/bank-account", NORTHWIND)
    due = payments(closed)
    assert [(row["partner"], row["amount"], row["currency"]) for row in due] == [
        ("northwind", "25000.00", "USD"),
        ("tailspin", "150.00", "EUR"),
    ]
    assert (due[0]["iban"], due[1]["iban"], due[0]["pay_on"]) == (NORTHWIND["iban"], "", "2026-04-02")
    finance.post(f"/v1/periods/{PERIOD}/payout", {"reference": "RUN-1", "paid_on": "2026-04-03"})
    assert payments(closed) == []
    recorded = payments(closed, reference="RUN-1")
    assert [(row["partner"], row["pay_on"], row["reference"]) for row in recorded] == [
        ("northwind", "2026-04-03", "RUN-1"),
        ("tailspin", "2026-04-03", "RUN-1"),
    ]
    finance.post(f"/v1/statements/tailspin/{PERIOD}/payout/fail", {"reference": "RUN-1", "reason": "No such account."})
    assert [row["partner"] for row in payments(closed, reference="RUN-1")] == ["northwind"]
    assert [row["partner"] for row in payments(closed)] == ["tailspin"]
    closed.by("partner_manager").post("/v1/partners/tailspin/suspend", {"reason": "An audit."})
    assert payments(closed) == []


def test_euros_are_a_sepa_credit_transfer_that_fits_its_schema(closed: Sandbox) -> None:
    finance, path = closed.by("finance"), f"/v1/periods/{PERIOD}/payout-file"
    assert problem(finance.ask("GET", path, headers=XML)) == (409, "CURRENCY_MISMATCH")
    euros = {"currency": "EUR"}
    assert problem(finance.ask("GET", path, headers=XML, query=euros)) == (409, "BANK_ACCOUNT_MISSING")
    finance.put("/v1/programme/bank-account", VENDOR)
    account = {"holder": "Tailspin Toys", "iban": "FR1420041010050500013M02606"}
    finance.put("/v1/partners/tailspin/bank-account", account)
    answer = finance.ask("GET", path, headers=XML, query={**euros, "pay_on": "2026-04-07"})
    assert answer.headers["content-type"] == "application/xml"
    elements = ET.fromstring(answer.content).iter()  # noqa: S314 - our own server's
    found = {element.tag.split("}")[1]: element.text for element in elements}
    assert (found["CtrlSum"], found["NbOfTxs"], found["InstdAmt"]) == ("150.00", "1", "150.00")
    assert found["Dt"] == "2026-04-07" and found["Ustrd"] == f"Commission {PERIOD}"
    again = finance.ask("GET", path, headers=XML, query={**euros, "pay_on": "2026-04-07"})
    assert f"<MsgId>{found['MsgId']}</MsgId>" in again.text, "a bank notices a repeat"
    assert problem(finance.ask("GET", path, headers=XML, query={"currency": "JPY"})) == (409, "NOTHING_PAYABLE")
    assert problem(finance.ask("GET", path, headers={"Accept": "image/png"})) == (406, "NOT_ACCEPTABLE")


def test_the_journal_balances_and_its_sums_are_the_statements(closed: Sandbox) -> None:
    """Closing, a payout that fails and is made again, and a hold: each entry's debits are its credits."""
    finance = closed.by("finance")
    pay = {"reference": "RUN-1", "paid_on": "2026-04-03"}
    finance.post(f"/v1/statements/northwind/{PERIOD}/payout", pay)
    finance.post(f"/v1/statements/northwind/{PERIOD}/payout/fail", {"reference": "RUN-1", "reason": "Bounced."})
    finance.post(f"/v1/statements/northwind/{PERIOD}/payout", pay | {"reference": "RUN-2"})
    answer = finance.ask("GET", f"/v1/periods/{PERIOD}/journal")
    assert answer.headers["content-disposition"] == f'attachment; filename="journal-{PERIOD}.csv"'
    entries = rows(answer.text)
    balance: dict[tuple[str, str], int] = {}
    by_entry: dict[str, int] = {}
    for row in entries:
        amount = int((row["debit"] or "0.00").replace(".", "")) - int((row["credit"] or "0.00").replace(".", ""))
        by_entry[row["entry"]] = by_entry.get(row["entry"], 0) + amount
        key = (row["account"], row["currency"])
        balance[key] = balance.get(key, 0) + amount
    assert set(by_entry.values()) == {0}
    assert balance == {
        ("Expenses:Commission", "USD"): 2_500_000,
        ("Liabilities:Payable", "USD"): 0,
        ("Assets:Bank", "USD"): -2_500_000,
        ("Expenses:Commission", "EUR"): 15_000,
        ("Liabilities:Payable", "EUR"): -15_000,
    }
    assert [row["kind"] for row in entries if row["account"] == "Assets:Bank"] == ["payout", "payout_failed", "payout"]
    statement = closed.statement("northwind", PERIOD)
    [accrual] = [row for row in entries if row["partner"] == "northwind" and row["account"] == "Expenses:Commission"]
    assert (accrual["date"], accrual["reference"]) == ("2026-03-31", statement["digest"])
    assert finance.refused("GET", "/v1/periods/2026-Q2/journal") == (409, "WRONG_STATE")
    assert closed.by("sales").refused("GET", f"/v1/periods/{PERIOD}/journal") == (403, "FORBIDDEN")
