"""Version 1 of the calculation, held to the digests that it had before plans and incentives were added to it.

A statement under the settings of that day comes out byte for byte as it did then (decision 0019).
"""

import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest

from domain.commission.document import digest_of
from domain.commission.statement import open_periods
from domain.money import decimal_of
from domain.programme.terms import Band, Terms
from tests.support.commission import CONTOSO, NORTHWIND, Books

FOLDER = Path(__file__).parent / "golden"
GOLDEN = FOLDER / "statements_of_calculation_1.json"
STORIES = 24


def played(seed: int) -> Books:
    """A history of 25 steps, chosen by the seed: wins, changes of value and hold, losses, rates, terms and closings."""
    chance = random.Random(seed)
    method: Literal["marginal", "retroactive"] = "marginal" if seed % 2 else "retroactive"
    terms = Terms(
        method=method,
        accumulate_over=chance.choice(["period", "year"]),
        period=chance.choice(["quarter", "month"]),
        fiscal_year_start_month=chance.choice([1, 7]),
        minimum_payout_minor=chance.choice([0, 50_000]),
    )
    books = Books(terms, currency=chance.choice(["USD", "USD", "JPY"]))
    for step in range(25):
        deal = f"d{chance.randrange(8)}"
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(365))
        value = decimal_of(chance.randrange(60_000_000), "USD")
        kind = chance.choice(["win", "win", "win", "worth", "hold", "lose", "rate", "close", "terms"])
        if kind == "win":
            share = chance.choice([10_000, 6_667])
            parts = [(NORTHWIND, share)] + ([(CONTOSO, 10_000 - share)] if share < 10_000 else [])
            books.win(deal, value, day, currency=chance.choice(["USD", "EUR"]), shares=parts)
        elif kind == "rate":
            books.rate(chance.choice(["USD", "EUR"]), chance.choice(["1.1000", "149.95"]), day, books.partner.currency)
        elif kind == "close":
            books.close(next(iter(open_periods(books.inputs())))[0], forced=True)
        elif kind == "terms":
            tiers = (Band(from_minor=0, rate_basis_points=1000 + step), Band(from_minor=5_000_000, rate_basis_points=1))
            books.publish(day, Terms(method=method, tiers=tiers))
        elif deal in books.outcomes:
            if kind == "worth":
                books.worth(deal, value)
            elif kind == "hold":
                books.hold(deal, "CONFLICT_OPEN")
            else:
                books.lose(deal)
    return books


def digests(books: Books) -> dict[str, str]:
    closed = {closing.period: closing.digest for closing in books.closed}
    return closed | {str(period): digest_of(found) for period, found in open_periods(books.inputs())}


@pytest.mark.parametrize("seed", range(STORIES))
def test_a_statement_under_the_settings_of_that_day_is_as_it_was(seed: int) -> None:
    assert digests(played(seed)) == json.loads(GOLDEN.read_text("utf-8"))[str(seed)]
