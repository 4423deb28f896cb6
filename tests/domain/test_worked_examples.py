"""Commission and closings as finance works them out with pencil and paper (rules §6, §7)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from domain.commission.lines import Statement
from domain.money import decimal_of, money_of
from domain.programme.terms import Method, Terms
from tests.support.commission import CONTOSO, NORTHWIND, Books

_FOLDER = Path(__file__).parent.parent / "worked_examples"
EXAMPLES = tomllib.loads((_FOLDER / "commission.toml").read_text("utf-8"))["example"]
STORIES = tomllib.loads((_FOLDER / "closings.toml").read_text("utf-8"))["story"]


@pytest.mark.parametrize("method", ["marginal", "retroactive"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["rule"])
def test_a_period_earns_what_the_worked_example_says(example: dict[str, Any], method: Method) -> None:
    books = Books(Terms(method=method))
    books.register(*example["deals"])
    for deal, won in example["deals"].items():
        share = won.get("share", 10_000)
        shares = [(NORTHWIND, share)] + ([(CONTOSO, 10_000 - share)] if share < 10_000 else [])
        books.win(deal, won["value"], won["won_on"], shares=shares, held_because=tuple(won.get("held", ())))
    period = "2026-Q1" if won["won_on"].month == 3 else "2026-Q4"
    assert books.commissions(period) == example[method]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["rule"])
def test_what_happens_after_closing_is_as_the_story_says(story: dict[str, Any]) -> None:
    minimum = money_of(story.get("minimum_payout", "0.00"), "USD").amount_minor
    books = Books(Terms(method=story["method"], minimum_payout_minor=minimum))
    for step in story["steps"]:
        match step:
            case {"won": deal, "value": value, "on": won_on}:
                books.win(deal, value, won_on, held_because=tuple(step.get("held", ())))
            case {"worth": deal, "value": value}:
                books.worth(deal, value)
            case {"held": deal, "because": reasons}:
                books.hold(deal, *reasons)
            case {"released": deal}:
                books.hold(deal)
            case {"lost": deal}:
                books.lose(deal)
            case {"closed": period}:
                books.close(period)
                assert told(books.statement(period)) == expected(step)
            case {"stated": period}:
                assert told(books.statement(period)) == expected(step)
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


def told(statement: Statement) -> dict[str, object]:
    def dollars(amount_minor: int) -> str:
        return decimal_of(amount_minor, statement.currency)

    return {
        "lines": {line.registration.removeprefix("reg_"): dollars(line.commission_minor) for line in statement.lines},
        "adjustments": {adjustment.period: dollars(adjustment.amount_minor) for adjustment in statement.adjustments},
        "held_back": dollars(statement.totals.held_minor),
        "opening": dollars(statement.totals.opening_balance_minor),
        "paid": dollars(statement.totals.payable_minor),
        "carried": dollars(statement.totals.closing_balance_minor),
    }
