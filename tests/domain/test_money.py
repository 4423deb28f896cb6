"""Money is whole minor units and a currency; one rounding, one split (rules §6)."""

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.currencies import DIGITS
from domain.ids import PartnerId
from domain.money import (
    AMOUNT_LIMIT_MINOR,
    Money,
    allocate,
    convert,
    decimal_of,
    exact_decimal_of,
    figure_in,
    money_of,
    rate_of,
    round_half_up,
)

EXAMPLES = tomllib.loads((Path(__file__).parent.parent / "worked_examples" / "amounts.toml").read_text("utf-8"))

amounts = st.integers(min_value=1 - AMOUNT_LIMIT_MINOR, max_value=AMOUNT_LIMIT_MINOR - 1)
currencies = st.sampled_from(sorted(DIGITS))
share_lists = st.dictionaries(
    st.sampled_from(["adatum", "contoso", "fabrikam", "northwind", "tailspin"]),
    st.integers(min_value=1, max_value=10_000),
    min_size=1,
).map(lambda shares: [(PartnerId(partner), share) for partner, share in shares.items()])


@pytest.mark.parametrize("example", EXAMPLES["split"], ids=lambda example: example["rule"])
def test_an_amount_splits_as_in_the_worked_example(example: dict[str, Any]) -> None:
    """Splits use the largest remainder: ties to the lead partner, then by partner id."""
    whole = money_of(example["amount"], example["currency"])
    shares = [(PartnerId(partner), share) for partner, share in example["shares"].items()]
    parts = allocate(whole.amount_minor, shares, PartnerId(example["lead"]))
    stated = {partner: decimal_of(part, whole.currency) for (partner, _), part in zip(shares, parts, strict=True)}
    assert stated == example["parts"]


@pytest.mark.parametrize("example", EXAMPLES["conversion"], ids=lambda example: example["rule"])
def test_an_amount_converts_as_in_the_worked_example(example: dict[str, Any]) -> None:
    """A conversion rounds half up, by magnitude, to the digits of the currency it ends in."""
    money = money_of(example["amount"], example["currency"])
    assert str(convert(money, rate_of(example["rate"]), example["converted"][-3:])) == example["converted"]


def test_a_conversion_beyond_the_limit_is_an_overflow_and_never_a_wrong_amount() -> None:
    with pytest.raises(OverflowError):
        convert(Money(amount_minor=AMOUNT_LIMIT_MINOR - 1, currency="USD"), Fraction(2), "EUR")


@given(amount=amounts, shares=share_lists)
def test_the_parts_always_sum_to_the_whole(amount: int, shares: list[tuple[PartnerId, int]]) -> None:
    """No cent is made or lost by a split."""
    assert sum(allocate(amount, shares, shares[0][0])) == amount


@given(amount=amounts, shares=share_lists)
def test_a_reversal_mirrors_its_original_to_the_cent(amount: int, shares: list[tuple[PartnerId, int]]) -> None:
    parts = allocate(amount, shares, shares[-1][0])
    assert allocate(-amount, shares, shares[-1][0]) == tuple(-part for part in parts)


@given(amount=amounts, shares=share_lists)
def test_no_part_is_a_whole_cent_away_from_its_exact_share(amount: int, shares: list[tuple[PartnerId, int]]) -> None:
    total = sum(share for _, share in shares)
    for (_, share), part in zip(shares, allocate(amount, shares, shares[0][0]), strict=True):
        assert abs(part - Fraction(amount * share, total)) < 1


@given(amount=amounts, shares=share_lists)
def test_a_partners_part_does_not_depend_on_the_order_of_the_list(
    amount: int, shares: list[tuple[PartnerId, int]]
) -> None:
    parts = dict(zip(shares, allocate(amount, shares, shares[0][0]), strict=True))
    turned = shares[::-1]
    assert dict(zip(turned, allocate(amount, turned, shares[0][0]), strict=True)) == parts


@given(amount=amounts, currency=currencies)
def test_an_amount_reads_back_as_it_was_written(amount: int, currency: str) -> None:
    money = Money(amount_minor=amount, currency=currency)
    assert money_of(money.decimal, currency) == money


@pytest.mark.parametrize(
    ("decimal", "currency", "amount_minor"),
    [
        ("1234.50", "USD", 123450),
        ("-0.01", "USD", -1),
        ("1234", "JPY", 1234),
        ("1.234", "KWD", 1234),
        ("0.0001", "CLF", 1),
        ("0", "JPY", 0),
    ],
)
def test_an_amount_has_exactly_the_digits_of_its_currency(decimal: str, currency: str, amount_minor: int) -> None:
    money = money_of(decimal, currency)
    assert money == Money(amount_minor=amount_minor, currency=currency)
    assert money.decimal == decimal


@pytest.mark.parametrize(
    ("decimal", "currency", "said"),
    [
        ("1.00", "XXX", "not a currency"),
        ("1.00", "usd", "not a currency"),
        ("1.0", "USD", "exactly 2 digits"),
        ("1.000", "USD", "exactly 2 digits"),
        ("1", "USD", "exactly 2 digits"),
        ("1.0", "JPY", "exactly 0 digits"),
        ("1e3", "USD", "not a decimal amount"),
        ("+1.00", "USD", "not a decimal amount"),
        (" 1.00", "USD", "not a decimal amount"),
        ("1.00\n", "USD", "not a decimal amount"),
        ("01.00", "USD", "not a decimal amount"),
        (".50", "USD", "not a decimal amount"),
        ("1,000.00", "USD", "not a decimal amount"),
        ("١.٠٠", "USD", "not a decimal amount"),
        ("NaN", "USD", "not a decimal amount"),
        ("", "USD", "not a decimal amount"),
        ("-0.00", "USD", "never -0"),
        ("100000000000000.00", "USD", "is below 100000000000000.00"),
        ("92233720368547758.08", "USD", "is below"),
    ],
)
def test_an_amount_that_is_not_one_is_refused_with_the_reason(decimal: str, currency: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        money_of(decimal, currency)


def test_amounts_of_one_currency_add_and_subtract() -> None:
    one, two = money_of("1.25", "EUR"), money_of("2.50", "EUR")
    assert one + two == money_of("3.75", "EUR")
    assert one - two == money_of("-1.25", "EUR")
    assert str(one) == "1.25 EUR"


def test_amounts_of_two_currencies_are_never_added() -> None:
    with pytest.raises(AssertionError):
        money_of("1.25", "EUR") + money_of("1.25", "USD")


def test_money_is_only_in_a_currency_of_iso_4217() -> None:
    with pytest.raises(AssertionError):
        Money(amount_minor=1, currency="ABC")


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(49, 100), 0),
        (Fraction(-49, 100), 0),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(7), 7),
        (Fraction(0), 0),
    ],
)
def test_a_half_rounds_away_from_nothing(exact: Fraction, rounded: int) -> None:
    assert round_half_up(exact) == rounded


@given(exact=st.fractions())
def test_rounding_moves_by_half_a_cent_at_most_and_mirrors(exact: Fraction) -> None:
    assert abs(round_half_up(exact) - exact) <= Fraction(1, 2)
    assert round_half_up(-exact) == -round_half_up(exact)


@pytest.mark.parametrize(
    ("exact_minor", "currency", "written"),
    [
        (Fraction(1_500_000), "USD", "15000"),
        (Fraction(2_999_997, 2), "USD", "14999.985"),
        (Fraction(-2_999_997, 2), "USD", "-14999.985"),
        (Fraction(-1, 4), "JPY", "-0.25"),
        (Fraction(1, 10), "KWD", "0.0001"),
        (Fraction(0), "USD", "0"),
    ],
)
def test_a_working_is_written_exact_and_unrounded(exact_minor: Fraction, currency: str, written: str) -> None:
    assert exact_decimal_of(exact_minor, currency) == written


def test_a_working_without_an_end_is_a_mistake_and_not_rounded_in_silence() -> None:
    with pytest.raises(AssertionError):
        exact_decimal_of(Fraction(1, 3), "USD")


@pytest.mark.parametrize(("decimal", "rate"), [("1.1000", Fraction(11, 10)), ("150", Fraction(150))])
def test_a_rate_is_read_exactly(decimal: str, rate: Fraction) -> None:
    assert rate_of(decimal) == rate


@pytest.mark.parametrize(
    "decimal", ["0", "0.0000", "-1.1", "1.", "1.1234567890123", "abc", "", "1e2", "1234567890123", "١"]
)
def test_a_rate_that_is_not_one_is_refused(decimal: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        rate_of(decimal)


@pytest.mark.parametrize(
    ("written_in", "read_in", "minor"),
    [("USD", "EUR", 10_000_000), ("USD", "JPY", 100_000), ("USD", "KWD", 100_000_000)],
)
def test_a_figure_is_read_as_the_same_figure_in_another_currency(written_in: str, read_in: str, minor: int) -> None:
    """The band that begins at 100,000 begins at 100,000 in every statement, whatever its currency."""
    assert figure_in(10_000_000, written_in, read_in) == minor
