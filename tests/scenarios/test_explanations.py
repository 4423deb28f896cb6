"""Every line and adjustment walked back to the webhook's bytes, in JSON and in sentences (rules §9)."""

import hashlib
from typing import Any, Final

import pytest

from tests.support.api import Sandbox, shares, usd

Q1, Q2 = "2026-Q1", "2026-Q2"
PATH: Final = "/v1/audit/explain"


@pytest.fixture
def told(sandbox: Sandbox) -> Sandbox:
    """Northwind leads a EUR deal shared with tailspin; contoso waited behind it; terms and rates are published."""
    sandbox.enrol("tailspin")
    for day, rate in (("2025-12-31", "1.0500"), ("2026-01-01", "1.1000")):
        body = {"date": day, "base": "EUR", "quote": "USD", "rate": rate}
        sandbox.by("finance").post("/v1/programme/exchange-rates", body)
    parts = shares(northwind=6000, tailspin=4000)
    value = {"amount": "150000.00", "currency": "EUR"}
    sandbox.register("northwind", deal=sandbox.linked("D-1"), shares=parts, value=value)
    sandbox.register("contoso")
    sandbox.won("D-1")
    sandbox.terms("2026-02-01", protection_days=60)
    return sandbox


def line_of(sandbox: Sandbox, partner: str = "northwind", period: str = Q1) -> str:
    found: str = sandbox.statement(partner, period)["lines"][0]["id"]
    return found


def chosen(found: Any, about: str) -> tuple[str, str, list[str]]:
    one = next(choice for choice in found["choices"] if choice["about"] == about)
    return one["chosen"], one["because"], [other["what"] for other in one["not_chosen"]]


def test_every_choice_says_what_was_considered_and_not_chosen(told: Sandbox) -> None:
    """90,000 EUR at 1.10 are 99,000.00: 60 % of a deal, all in the first band, with terms of a later day."""
    found = told.by("auditor").get(PATH, statement_line=line_of(told))
    assert found["now"]["commission"] == usd("14850.00")
    assert chosen(found, "terms")[0::2] == ("version 1", ["version 2"])
    assert "begins on 2026-02-01" in found["choices"][0]["not_chosen"][0]["because"]
    assert chosen(found, "rate")[0::2] == ("1.1000 of 2026-01-01", ["1.0500 of 2025-12-31"])
    assert chosen(found, "share")[0::2] == ("6000 basis points", ["tailspin: 4000 basis points"])
    bands, because, others = chosen(found, "bands")
    assert (bands, because) == (
        "tier 1 at 15 % on 99000.00 USD",
        "marginal: 0.00 USD counted before it in its window",
    )
    assert others == ["tier 2 (from 100000.00 USD, 20 %)", "tier 3 (from 500000.00 USD, 25 %)"]
    hold, _, considered = chosen(found, "hold")
    assert (hold, len(considered)) == ("payable", 9)
    assert [(one["partner"], one["credited"]) for one in found["credit"]["claims"]] == [
        ("northwind", True),
        ("contoso", False),
    ]
    assert [one["registration"] for one in found["credit"]["timeline"]] == [found["credit"]["registration"]]


def test_a_line_ends_at_the_webhooks_bytes(told: Sandbox) -> None:
    """The delivery, its hash and its body; nothing in between is missing."""
    found = told.by("finance").get(PATH, statement_line=line_of(told))
    [won] = [event for event in found["evidence"] if event["type"] == "deal_registration.won.v1"]
    cause = won["cause"]
    assert (cause["kind"], cause["source"]) == ("delivery", told.source)
    assert hashlib.sha256(cause["body"].encode()).hexdigest() == cause["body_hash"]
    assert '"deal.won"' in cause["body"]
    assert [event["position"] for event in found["evidence"]] == found["now"]["evidence"]
    assert found["evidence"][0]["what"].startswith("Registered for edge with Acme GmbH")
    assert {len(event["hash"]) for event in found["evidence"]} == {64}


def test_a_partner_reads_of_nobody_but_itself(told: Sandbox) -> None:
    """No key, no other partner, no raw body; another partner's line is not there."""
    line = line_of(told)
    answer = told.by("partner", "northwind").ask("GET", PATH, query={"statement_line": line})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert "contoso" not in answer.text.lower() and "tailspin" not in answer.text.lower()
    assert {event["by"] for event in found["evidence"]} == {None}
    assert {event["cause"]["body"] for event in found["evidence"]} == {None}
    assert [one["partner"] for one in found["credit"]["claims"]] == ["northwind"]
    other = told.by("partner", "contoso")
    assert other.refused("GET", PATH, query={"statement_line": line}) == (404, "NOT_FOUND")
    assert other.refused("GET", PATH, query={"statement_line": "line_x", "partner": "northwind"}) == (404, "NOT_FOUND")
    sentences = told.by("partner", "tailspin").ask(
        "GET", PATH, query={"statement_line": line_of(told, "tailspin")}, headers={"Accept": "text/plain"}
    )
    assert "northwind" not in sentences.text and "contoso" not in sentences.text


def test_it_is_told_in_plain_sentences(told: Sandbox) -> None:
    answer = told.by("auditor").ask(
        "GET", PATH, query={"statement_line": line_of(told)}, headers={"Accept": "text/plain"}
    )
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    text = answer.text
    for sentence in (
        "The open statement of 2026-Q1 states 14850.00 USD as a line.",
        "Acme GmbH was won on 2026-01-01 for 150000.00 EUR, of which 99000.00 USD count.",
        "Terms: version 1, because it is in force on 2026-01-01, when the deal was won.",
        "  Not version 2: it begins on 2026-02-01, after 2026-01-01.",
        "Exchange rate: 1.1000 of 2026-01-01, because it is the last one dated on or before 2026-01-01.",
        "Payment: payable, because nothing holds it.",
        "    from webhook msg_1 of ",
    ):
        assert sentence in text, text


def test_adjustments_are_explained_like_lines(told: Sandbox) -> None:
    """A prior-period one by its line, an entered one by its id; and a line that recomputing finds no more."""
    line = line_of(told)
    told.move_clock("2026-04-01T00:00:00+00:00")
    told.close(Q1)
    told.fact("reopened", "D-1")
    body = {"kind": "manual", "amount": usd("25.00"), "reason": "Support for the fair.", "period": Q1}
    entered = told.by("finance").post("/v1/partners/northwind/adjustments", body)
    auditor = told.by("auditor")
    found = auditor.get(PATH, statement_line=line)
    assert [(one["period"], one["closed"], one["kind"], one["amount"]["amount"]) for one in found["statements"]] == [
        (Q1, True, "commission", "14850.00"),
        (Q2, False, "prior_period", "-14850.00"),
    ]
    assert (found["now"]["commission"], found["credit"]) == (usd("14850.00"), None)
    assert "deal_registration.reopened.v1" in {event["type"] for event in found["evidence"]}
    text = auditor.ask("GET", PATH, query={"statement_line": line}, headers={"Accept": "text/plain"}).text
    assert "The open statement of 2026-Q2 states -14850.00 USD as an adjustment (prior_period) for 2026-Q1." in text
    by_hand = auditor.get(PATH, statement_line=entered["id"], partner="northwind")
    assert (by_hand["entered"]["reason"], by_hand["now"]) == ("Support for the fair.", None)
    assert [one["kind"] for one in by_hand["statements"]] == ["manual"]
    assert [event["position"] for event in by_hand["evidence"]] == [entered["position"]]
    text = auditor.ask(
        "GET", PATH, query={"statement_line": entered["id"], "partner": "northwind"}, headers={"Accept": "text/plain"}
    ).text
    assert "A person entered 25.00 USD (manual): Support for the fair." in text
    assert auditor.refused("GET", PATH, query={"statement_line": entered["id"]}) == (422, "MALFORMED")
    assert auditor.refused("GET", PATH, query={"statement_line": "line_x", "partner": "northwind"}) == (
        404,
        "NOT_FOUND",
    )


def test_a_held_line_says_why(told: Sandbox) -> None:
    told.by("partner_manager").post("/v1/partners/northwind/suspend", {"reason": "An inquiry."})
    found = told.by("auditor").get(PATH, statement_line=line_of(told))
    assert chosen(found, "hold")[:2] == ("held", "the partner is suspended, or left for fraud (PARTNER_SUSPENDED)")


def test_what_stands_beside_commission_is_explained_as_well(sandbox: Sandbox) -> None:
    """A SPIFF, a bonus with its accelerator and a floor: what each is for, and which others are not."""
    finance = sandbox.by("finance")
    spiff = {"name": "X", "products": ["edge"], "first_on": "2026-01-01", "last_on": "2026-01-31"}
    for name, changes in (
        ("launch", {"rate_basis_points": 200}),
        ("welcome", {"amount": "50.00"}),
        ("core", {"products": ["core"], "rate_basis_points": 100}),
        ("later", {"first_on": "2026-02-01", "last_on": "2026-02-28", "rate_basis_points": 100}),
    ):
        finance.post("/v1/programme/spiffs", spiff | {"id": name} | changes)
    for period in (Q1, Q2):
        target = {"target": usd("1000.00"), "bonus": usd("5.00"), "accelerator_basis_points": 100}
        finance.put(f"/v1/partners/northwind/targets/{period}", target)
    sandbox.terms("2026-01-01", period_floor="500.00")
    registered = sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("3000.00"))["id"]
    sandbox.won("D-1")
    sandbox.move_clock("2027-01-02T00:00:00+00:00")
    finance.post("/v1/rewards/2026/evaluate", {"rewards": ["100.00"]})
    lines = [
        line for period in (Q1, "2027-Q1") for line in sandbox.statement("northwind", period)["lines"][period == Q1 :]
    ]
    auditor = sandbox.by("auditor")
    explained = [auditor.get(PATH, statement_line=line["id"]) for line in lines]
    assert [chosen(found, "incentive")[0::2] for found in explained] == [
        ("target 2026-Q1", ["target 2026-Q2"]),
        ("target 2026-Q1", ["target 2026-Q2"]),
        ("launch", ["welcome", "core", "later"]),
        ("welcome", ["launch", "core", "later"]),
        ("floor 2026-Q1", []),
        ("reward 2026", []),
    ]
    reasons = " ".join(
        [chosen(found, "incentive")[1] for found in explained]
        + [one["because"] for one in explained[2]["choices"][0]["not_chosen"]]
    )
    for words in (
        "this deal is the one that reaches the target of 1000.00 USD, for a bonus of 5.00 USD",
        "beyond the target of 1000.00 USD earns 100 basis points more",
        "it is for deals with edge won from 2026-01-01 to 2026-01-31, and this one was won on 2026-01-01",
        "the deal earns it as well, on a line of its own",
        "it is for core, which the deal does not name",
        "it is for deals won from 2026-02-01 to 2026-02-28",
        "less than its floor of 500.00 USD",
        "among the first of the year",
    ):
        assert words in reasons, reasons
    assert {found["credit"] and found["credit"]["registration"] for found in explained} == {registered, None}
    text = auditor.ask("GET", PATH, query={"statement_line": lines[3]["id"]}, headers={"Accept": "text/plain"}).text
    assert "  The SPIFF for the whole deal is 50.00 USD: 50.00 USD." in text, text


def test_it_says_by_what_a_win_is_somebodys(sandbox: Sandbox) -> None:
    """First when it was won, or by a decision, which staff read with its case, or the last that was first."""
    auditor = sandbox.by("auditor")

    def because(partner: str) -> str:
        [line] = sandbox.statement(partner, Q1)["lines"]
        why: str = auditor.get(PATH, statement_line=line["id"])["credit"]["because"]
        return why

    sandbox.register("northwind", deal=sandbox.linked("D-1"))
    case = sandbox.register("contoso")["conflict"]
    sandbox.won("D-1")
    assert because("northwind") == "its claim was first when the deal was won"
    sandbox.investigate(case)
    sandbox.decide(case, "reassign", rule="first contact")
    assert because("contoso") == f"a person decided so in {case} (reassign: first contact)"
    [line] = sandbox.statement("contoso", Q1)["lines"]
    own = sandbox.by("partner", "contoso").get(PATH, statement_line=line["id"])
    assert own["credit"]["because"] == "a person decided so"

    sandbox.enrol("fabrikam")
    sandbox.register("fabrikam", "globex", deal=sandbox.linked("D-2"))
    sandbox.move_clock("2026-02-10T09:00:00+00:00")
    sandbox.won("D-2")
    assert "had been the last to be (credit_after_expiry)" in because("fabrikam")
