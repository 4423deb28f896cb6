"""The worked examples of rules §6 and §7 through HTTP, on both databases, from the tables that finance people read.

The tables are in `tests/worked_examples/`; each says at its top what its entries mean.
"""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Place, Sandbox, shares

FOLDER = Path(__file__).parents[1] / "worked_examples"


def table(file: str, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((FOLDER / file).read_text("utf-8"))[name]
    return found


COMMISSION = table("commission.toml", "example")
CLOSINGS = table("closings.toml", "story")
SPLITS = table("amounts.toml", "split")
CONVERSIONS = table("amounts.toml", "conversion")
FURTHER = table("currencies_and_terms.toml", "example")


class Books:
    """Northwind's deals and statements in a programme whose protection lasts for the whole year."""

    def __init__(self, place: Place, *, currency: str = "USD", **terms: Any) -> None:
        self.sandbox: Sandbox = place.sandbox()
        self.sandbox.enrol("northwind", "contoso", currency=currency)
        self.sandbox.terms(protection_days=365, **terms)
        self.currency = currency
        self.worth_now: dict[str, int] = {}
        self.refunded: dict[str, int] = {}
        self.cases: dict[str, str] = {}

    def register(self, deal: str, value: str, *, share: int = 10_000, contested: bool = False) -> None:
        """A registration, shared with Contoso where northwind has a part only, contested by Contoso if so said."""
        changes: dict[str, Any] = {"deal": self.sandbox.linked(deal), "value": self.money(value)}
        if share < 10_000:
            changes["shares"] = shares(northwind=share, contoso=10_000 - share)
        self.sandbox.register("northwind", f"customer-{deal}", **changes)
        if contested:
            self.cases[deal] = self.sandbox.register("contoso", f"customer-{deal}")["conflict"]

    def win(self, deal: str, value: str, on: date, *, held: bool = False) -> None:
        """The deal is won; for the second time, it was reopened before."""
        if held:
            self.sandbox.investigate(self.cases[deal])
        if deal in self.worth_now:
            self.pass_time()
            self.sandbox.fact("reopened", deal)
        self.pass_time(noon(on))
        self.sandbox.won(deal, on.isoformat(), at=noon(on), value=self.money(value))
        self.worth_now[deal], self.refunded[deal] = cents(value), 0

    def worth(self, deal: str, value: str) -> None:
        """What the deal is worth sinks by a refund, and rises because the CRM states another value."""
        self.pass_time()
        more = cents(value) - self.worth_now[deal]
        if more < 0:
            refund = {"refund_id": f"R-{self.sandbox.deliveries}", "refunded_on": self.sandbox.now.date().isoformat()}
            self.sandbox.fact("refunded", deal, amount=self.money(dollars(-more)), **refund)
            self.refunded[deal] -= more
        else:
            stated = cents(value) + self.refunded[deal]
            self.sandbox.fact("value_changed", deal, value=self.money(dollars(stated)))
        self.worth_now[deal] = cents(value)

    def lose(self, deal: str) -> None:
        self.pass_time()
        self.sandbox.fact("lost", deal)

    def close(self, period: str) -> None:
        """Finance closes the quarter on the day after its end."""
        year, quarter = int(period[:4]), int(period[-1])
        self.pass_time(noon(date(year + quarter // 4, quarter % 4 * 3 + 1, 1)))
        self.sandbox.close(period)

    def pass_time(self, to: datetime | None = None) -> None:
        """An hour passes, or the time up to an instant."""
        later = self.sandbox.now + timedelta(hours=1)
        self.sandbox.move_clock(later if to is None else max(later, to))

    def money(self, text: str) -> dict[str, str]:
        amount, _, currency = text.partition(" ")
        return {"amount": amount, "currency": currency or self.currency}

    def lines(self, period: str, partner: str = "northwind") -> dict[str, Any]:
        """The lines of a statement by deal."""
        return {line["deal"]["id"]: line for line in self.sandbox.statement(partner, period)["lines"]}

    def commissions(self, period: str) -> dict[str, str]:
        return {deal: line["commission"]["amount"] for deal, line in self.lines(period).items()}


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def cents(amount: str) -> int:
    return int(amount.split(maxsplit=1)[0].replace(".", ""))


def dollars(amount_minor: int) -> str:
    return f"{amount_minor // 100}.{amount_minor % 100:02}"


def by_rule(example: dict[str, Any]) -> str:
    return str(example["rule"])


@pytest.mark.parametrize("method", ["marginal", "retroactive"])
@pytest.mark.parametrize("example", COMMISSION, ids=by_rule)
def test_a_quarter_earns_what_the_worked_example_says(place: Place, example: dict[str, Any], method: str) -> None:
    """Rules §6, the table of examples."""
    books = Books(place, method=method)
    for deal, won in example["deals"].items():
        books.register(deal, won["value"], share=won.get("share", 10_000), contested="held" in won)
    for deal, won in example["deals"].items():
        books.win(deal, won["value"], won["won_on"], held="held" in won)
    period = "2026-Q1" if won["won_on"].month == 3 else "2026-Q4"
    assert books.commissions(period) == example[method]
    held = {deal: line["held_because"] for deal, line in books.lines(period).items()}
    assert held == {deal: won.get("held", []) for deal, won in example["deals"].items()}


@pytest.mark.parametrize("story", CLOSINGS, ids=by_rule)
def test_what_happens_after_closing_is_as_the_story_says(place: Place, story: dict[str, Any]) -> None:
    """Rules §7, every figure of every statement on the way."""
    books = Books(place, method=story["method"], minimum_payout=story.get("minimum_payout", "0.00"))
    wins = {step["won"]: step["value"] for step in reversed(story["steps"]) if "won" in step}
    contested = {step.get("won", step.get("held")) for step in story["steps"] if "held" in step}
    for deal in sorted(wins):
        books.register(deal, wins[deal], contested=deal in contested)
    for step in story["steps"]:
        match step:
            case {"won": deal, "value": value, "on": won_on}:
                books.win(deal, value, won_on, held="held" in step)
            case {"worth": deal, "value": value}:
                books.worth(deal, value)
            case {"held": deal}:
                books.sandbox.investigate(books.cases[deal])
            case {"released": deal}:
                books.sandbox.decide(books.cases[deal], "uphold")
            case {"lost": deal}:
                books.lose(deal)
            case {"closed": period}:
                books.close(period)
                assert told(books.sandbox.statement("northwind", period)) == expected(step)
            case {"stated": period}:
                assert told(books.sandbox.statement("northwind", period)) == expected(step)
            case _:
                pytest.fail(f"nobody knows what {step} means")


def expected(step: dict[str, Any]) -> dict[str, object]:
    return {
        "lines": step.get("lines", {}),
        "adjustments": step.get("adjustments", {}),
        "held_back": step.get("held_back", "0.00"),
        "opening": step.get("opening", "0.00"),
        "paid": step["paid"],
        "carried": step.get("carried", "0.00"),
    }


def told(statement: dict[str, Any]) -> dict[str, object]:
    totals = statement["totals"]
    return {
        "lines": {line["deal"]["id"]: line["commission"]["amount"] for line in statement["lines"]},
        "adjustments": {change["period"]: change["amount"]["amount"] for change in statement["adjustments"]},
        "held_back": totals["held"]["amount"],
        "opening": totals["opening_balance"]["amount"],
        "paid": totals["payable"]["amount"],
        "carried": totals["closing_balance"]["amount"],
    }


def can_be_a_deal(example: dict[str, Any]) -> bool:
    """Whether a split can be two partners' credits: an amount that is not taken back, in whole basis points."""
    return (
        sum(example["shares"].values()) == 10_000
        and cents(example["amount"]) > 0
        and 0 not in example["shares"].values()
    )


@pytest.mark.parametrize("example", [one for one in SPLITS if can_be_a_deal(one)], ids=by_rule)
def test_a_deal_is_credited_to_the_cent(place: Place, example: dict[str, Any]) -> None:
    """Rules §6: parts always sum to the whole; a fully refunded deal mirrors it and keeps its line of nothing."""
    books = Books(place, currency=example["currency"])
    changes = {"value": books.money(example["amount"]), "shares": shares(**example["shares"])}
    changes["deal"] = books.sandbox.linked("a")
    books.sandbox.register(example["lead"], "customer-a", **changes)
    books.win("a", example["amount"], date(2026, 2, 10))
    for partner, part in example["parts"].items():
        assert books.lines("2026-Q1", partner)["a"]["credited"]["amount"] == part
    books.sandbox.fact(
        "refunded", "a", refund_id="R-1", refunded_on="2026-02-10", amount=books.money(example["amount"])
    )
    for partner in example["parts"]:
        assert cents(books.lines("2026-Q1", partner)["a"]["credited"]["amount"]) == 0


@pytest.mark.parametrize("example", [one for one in CONVERSIONS if cents(one["amount"]) > 0], ids=by_rule)
def test_a_deal_in_another_currency_is_converted_as_the_example_says(place: Place, example: dict[str, Any]) -> None:
    """Rules §6: at the rate of the day it was won, rounded half up; the line shows the rate."""
    amount, currency = example["converted"].split()
    books = Books(place, currency=currency)
    rate = {"date": "2026-02-01", "base": example["currency"], "quote": currency, "rate": example["rate"]}
    books.sandbox.by("finance").post("/v1/programme/exchange-rates", rate)
    value = f"{example['amount']} {example['currency']}"
    books.register("a", value)
    books.win("a", value, date(2026, 2, 10))
    line = books.lines("2026-Q1")["a"]
    assert line["credited"] == {"amount": amount, "currency": currency}
    assert line["exchange_rate"] == rate


@pytest.mark.parametrize("example", FURTHER, ids=by_rule)
def test_other_currencies_and_terms_earn_what_the_example_says(place: Place, example: dict[str, Any]) -> None:
    """Rules §6: rates, digits, windows, periods, and the terms of the day."""
    books = Books(place, currency=example["currency"])
    for published in example.get("terms", ()):
        settings = {name: setting for name, setting in published.items() if name != "from"}
        books.sandbox.terms(published["from"].isoformat(), **settings)
    for published in example.get("rates", ()):
        rate = {"base": published["base"], "quote": example["currency"], "rate": published["rate"]}
        books.sandbox.by("finance").post("/v1/programme/exchange-rates", {"date": str(published["on"]), **rate})
    for deal, won in example["deals"].items():
        books.register(deal, won["value"])
    for deal, won in example["deals"].items():
        books.win(deal, won["value"], won["won_on"])
    assert {period: books.commissions(period) for period in example["lines"]} == example["lines"]
    found = {deal: line for period in example["lines"] for deal, line in books.lines(period).items()}
    for deal, amount in example.get("credited", {}).items():
        assert found[deal]["credited"]["amount"] == amount
    assert {deal: line["held_because"] for deal, line in found.items()} == {
        deal: example.get("held", {}).get(deal, []) for deal in example["deals"]
    }


def test_a_held_line_is_released_when_its_rate_is_published(place: Place) -> None:
    """Rules §6: used is the latest rate on or before `won_on`, whenever it was published."""
    books = Books(place)
    books.register("a", "100000.00 EUR")
    books.win("a", "100000.00 EUR", date(2026, 2, 10))
    assert books.lines("2026-Q1")["a"]["state"] == "held"
    rate = {"date": "2026-02-01", "base": "EUR", "quote": "USD", "rate": "1.1"}
    books.sandbox.by("finance").post("/v1/programme/exchange-rates", rate)
    assert books.commissions("2026-Q1") == {"a": "17000.00"}


def test_a_line_shows_its_working(place: Place) -> None:
    """Rules §6: slices show exact, unrounded figures; the line is their sum, rounded once."""
    books = Books(place)
    books.register("a", "150000.00")
    books.win("a", "150000.00", date(2026, 2, 10))
    [line] = books.sandbox.statement("northwind", "2026-Q1")["lines"]
    assert [(s["tier"], s["rate_basis_points"], s["base"]["amount"], s["commission"]) for s in line["slices"]] == [
        (1, 1500, "100000.00", "15000"),
        (2, 2000, "50000.00", "10000"),
    ]
    assert (line["cumulative_before"]["amount"], line["share_basis_points"]) == ("0.00", 10_000)
    assert line["credited"] == {"amount": "150000.00", "currency": "USD"}
