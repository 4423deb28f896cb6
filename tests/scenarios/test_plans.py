"""Plans and incentives through HTTP, on both databases, from the tables that finance people read (rules §6, §8)."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.scenarios.test_worked_examples import Books, by_rule, cents, noon, table
from tests.support.api import Place, Sandbox, shares

PLANS = table("plans.toml", "example")
INCENTIVES = table("incentives.toml", "example")


def played(place: Place, example: dict[str, Any]) -> Books:
    """All that an example tells, in the order of its days."""
    books = Books(place)
    publish(books, example)
    days: list[tuple[date, int, str]] = []
    for deal, told in example["deals"].items():
        days.append((told.get("registered_on", date(2026, 1, 1)), 0, deal))
        days.append((told["won_on"], 1, deal))
        if "paid_on" in told:
            days.append((told["paid_on"], 2, deal))
    for day, step, deal in sorted(days, key=lambda one: one[:2]):
        told = example["deals"][deal]
        books.pass_time(noon(day) if step else max(books.sandbox.now, noon(day) - timedelta(hours=2)))
        if step == 0:
            register(books, deal, told)
        elif step == 1:
            books.win(deal, told["value"], day)
        else:
            books.sandbox.fact("paid", deal, amount=books.money(told["value"]), paid_on=str(day))
    for deal, told in example["deals"].items():
        if "refunded" in told:
            left = cents(told["value"]) - cents(told["refunded"])
            books.worth(deal, f"{left // 100}.{left % 100:02}")
    if "until" in example:
        books.pass_time(noon(example["until"]))
    return books


def publish(books: Books, example: dict[str, Any]) -> None:
    """What is in force from the beginning: terms, the partner's own, targets and SPIFFs."""
    for published in example.get("terms", ()):
        settings = {name: setting for name, setting in published.items() if name != "from"}
        books.sandbox.terms(published["from"].isoformat(), **settings)
    for agreed in example.get("own", ()):
        settings = {name: setting for name, setting in agreed.items() if name not in ("from", "to")}
        body = {"effective_from": str(agreed["from"]), "terms": settings, "reason": "As agreed."}
        last = {"ends_on": str(agreed["to"])} if "to" in agreed else {}
        books.sandbox.by("finance").post("/v1/partners/northwind/terms", body | last)
    for target in example.get("targets", ()):
        body = {"target": books.money(target["target"])}
        body |= {"bonus": books.money(target["bonus"])} if "bonus" in target else {}
        body |= {name: target[name] for name in ("accelerator_basis_points",) if name in target}
        books.sandbox.by("finance").put(f"/v1/partners/northwind/targets/{target['period']}", body)
    for spiff in example.get("spiffs", ()):
        stated = spiff | {"name": spiff["id"], "first_on": str(spiff["first_on"]), "last_on": str(spiff["last_on"])}
        books.sandbox.by("finance").post("/v1/programme/spiffs", stated)


def register(books: Books, deal: str, told: dict[str, Any]) -> None:
    """The registration of a deal, as far as the example tells of it."""
    changes: dict[str, Any] = {name: told[name] for name in ("products", "engagement") if name in told}
    if "share" in told:
        changes["shares"] = shares(northwind=told["share"], contoso=10_000 - told["share"])
    linked, value = books.sandbox.linked(deal), books.money(told["value"])
    books.sandbox.register("northwind", f"customer-{deal}", deal=linked, value=value, **changes)


@pytest.mark.parametrize("example", PLANS, ids=by_rule)
def test_a_plan_pays_what_the_example_says(place: Place, example: dict[str, Any]) -> None:
    """Rules §6: every setting, each line with its working."""
    books = played(place, example)
    assert {period: books.commissions(period) for period in example["lines"]} == example["lines"]
    found = {deal: line for period in example["lines"] for deal, line in books.lines(period).items()}
    for deal, steps in example.get("steps", {}).items():
        assert [in_words(step) for step in found[deal]["working"]["steps"]] == steps
    assert {deal: line["held_because"] for deal, line in found.items()} == {
        deal: example.get("held", {}).get(deal, []) for deal in example["deals"]
    }


@pytest.mark.parametrize("example", INCENTIVES, ids=by_rule)
def test_an_incentive_pays_what_the_example_says(place: Place, example: dict[str, Any]) -> None:
    """Rules §8: each is a line of its own, with its working; whatever is credited is credited once."""
    books = played(place, example)
    for period, expected in example["incentives"].items():
        statement = books.sandbox.statement("northwind", period)
        earned = [line for line in statement["lines"] if line["kind"] != "commission"]
        assert [told(line) for line in earned] == expected
        assert {line["credited"]["amount"] for line in earned} <= {"0.00"}
        assert cents(statement["totals"]["commission"]["amount"]) == sum(
            cents(line["commission"]["amount"]) for line in statement["lines"]
        )
    assert books.sandbox.by("auditor").post("/v1/audit/replay")["first_disagreement"] is None


def told(line: dict[str, Any]) -> str:
    words = f"{line['kind']} of {line['working']['incentive']} for {line['deal']['id']}: {line['commission']['amount']}"
    return " ".join([words, *line["held_because"]])


def in_words(step: dict[str, Any]) -> str:
    return f"{step['step']} {step['figure']['amount']} -> {step['commission']['amount']}"


@pytest.mark.parametrize(
    ("settings", "field", "message"),
    [
        ({"tiers": [{"from": "1.00", "rate_basis_points": 1}]}, "terms.tiers.0.from", "below 1.00"),
        (
            {"tiers": [{"from": "0.00", "rate_basis_points": 1}, {"from": "0.00", "rate_basis_points": 2}]},
            "terms.tiers.1.from",
            "more than the one before",
        ),
        (
            {
                "tiers": [
                    {"from": "0.00", "to": "5.00", "rate_basis_points": 1},
                    {"from": "6.00", "rate_basis_points": 2},
                ]
            },
            "terms.tiers.0.to",
            "a gap: nothing says what is earned from 5.00 to 6.00",
        ),
        (
            {
                "tiers": [
                    {"from": "0.00", "to": "7.00", "rate_basis_points": 1},
                    {"from": "6.00", "rate_basis_points": 2},
                ]
            },
            "terms.tiers.0.to",
            "an overlap: the next tier begins at 6.00",
        ),
        ({"tiers": [{"from": "0.00", "to": "7.00", "rate_basis_points": 1}]}, "terms.tiers.0.to", "from 7.00 on"),
        (
            {
                "tier_tables": [
                    {"name": "a", "products": ["edge", "core"], "tiers": [{"from": "0.00", "rate_basis_points": 1}]},
                    {"name": "b", "products": ["core"], "tiers": [{"from": "0.00", "rate_basis_points": 1}]},
                ]
            },
            "terms.tier_tables.1",
            "overlaps with table a",
        ),
        (
            {
                "tier_tables": [
                    {"name": "a", "products": ["edge"], "tiers": [{"from": "0.00", "rate_basis_points": 1}]},
                    {"name": "a", "products": ["core"], "tiers": [{"from": "0.00", "rate_basis_points": 1}]},
                ]
            },
            "terms.tier_tables.1.name",
            "another table is named a",
        ),
        ({"line_cap": "1.00", "line_floor": "2.00"}, "terms.line_floor", "more than the line_cap"),
    ],
)
def test_terms_that_contradict_themselves_are_refused_saying_where(
    sandbox: Sandbox, settings: dict[str, Any], field: str, message: str
) -> None:
    """Bands with a gap or an overlap, tables that could both be for a deal, a floor above its cap: nothing happens."""
    position = sandbox.position()
    body = {"effective_from": "2026-01-01", "terms": settings}
    answer = sandbox.admin.ask("POST", "/v1/programme/terms", body)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["field"] == field and message in error["message"]
    assert sandbox.position() == position


def test_own_terms_are_read_by_their_partner_and_by_no_other(sandbox: Sandbox) -> None:
    """Another partner is told what it is told of partners that do not exist."""
    body = {"effective_from": "2026-04-01", "terms": {"line_cap": "5.00"}, "reason": "So it is."}
    sandbox.by("finance").post("/v1/partners/contoso/terms", body)
    path = "/v1/partners/contoso/terms"
    [own] = sandbox.by("partner", "contoso").get(path)["items"]
    assert own["terms"]["line_cap"] == "5.00"
    there, nowhere = (
        sandbox.by("partner", "northwind").ask("GET", f"/v1/partners/{one}/terms") for one in ("contoso", "nobody")
    )
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace("contoso", "nobody") == nowhere.text
    assert sandbox.by("partner", "northwind").refused("POST", path, body) == (403, "FORBIDDEN")


def test_own_terms_reach_into_no_closed_period(sandbox: Sandbox) -> None:
    """Of that partner; and what is wrong with them is said by name."""
    sandbox.move_clock(date(2026, 4, 1))
    sandbox.close("2026-Q1", partner="contoso")
    body = {"effective_from": "2026-03-31", "terms": {"line_cap": "5.00"}, "reason": "So it is."}
    finance = sandbox.by("finance")
    assert finance.refused("POST", "/v1/partners/contoso/terms", body) == (409, "PERIOD_CLOSED")
    assert finance.post("/v1/partners/northwind/terms", body)["number"] == 1
    end = {"ends_on": "2026-06-30", "reason": "So it is."}
    assert finance.post("/v1/partners/northwind/terms/1/end", end)["ends_on"] == "2026-06-30"
    for number in ("2", "one", "9999999999"):
        assert finance.refused("POST", f"/v1/partners/northwind/terms/{number}/end", end) == (404, "NOT_FOUND")
    assert finance.refused("POST", "/v1/partners/nobody/terms", body) == (404, "NOT_FOUND")
