"""Money: whole minor units and a currency, the one rounding and the one split (rules §6). Never a float."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from domain.currencies import DIGITS
from domain.ids import PartnerId

AMOUNT_LIMIT_MINOR = 10**16
"""Every amount that is stated or converted is smaller than this, in minor units, by magnitude: so that the sum of
hundreds of the largest still fits a signed 64-bit integer, which is what databases and message formats hold."""

_AMOUNT = re.compile(r"(-?)(0|[1-9][0-9]{0,18})(?:\.([0-9]{1,4}))?")
_RATE = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,12}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in the minor units of its currency: 1234.50 USD is 123450, 1234 JPY is 1234."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        assert self.currency in DIGITS, f"{self.currency} is no currency of ISO 4217"

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, "amounts of two currencies are never added"
        return Money(amount_minor=self.amount_minor + other.amount_minor, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + -other

    def __neg__(self) -> "Money":
        return Money(amount_minor=-self.amount_minor, currency=self.currency)

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"

    @property
    def decimal(self) -> str:
        """The amount as a decimal string with exactly the currency's digits, such as `1234.50`."""
        return decimal_of(self.amount_minor, self.currency)


@lru_cache(maxsize=4_096)
def money_of(decimal: str, currency: str) -> Money:
    """Read an amount as the HTTP contract states it: a decimal string with exactly the currency's digits.

    Raises ValueError, with a sentence for the sender, on anything else: an unknown currency, other digits, an
    exponent, a plus sign, a negative zero, or an amount beyond `AMOUNT_LIMIT_MINOR`.
    """
    if currency not in DIGITS:
        raise ValueError(f"{currency!r} is not a currency of ISO 4217")
    digits = DIGITS[currency]
    found = _AMOUNT.fullmatch(decimal)
    if found is None:
        raise ValueError(f"{decimal!r} is not a decimal amount such as {decimal_of(123450, currency)!r}")
    sign, whole, fraction = found[1], found[2], found[3] or ""
    if len(fraction) != digits:
        raise ValueError(f"an amount in {currency} has exactly {digits} digits after the point, {decimal!r} has not")
    amount_minor = int(whole + fraction)
    if amount_minor >= AMOUNT_LIMIT_MINOR:
        raise ValueError(f"an amount in {currency} is below {decimal_of(AMOUNT_LIMIT_MINOR, currency)}")
    if sign and amount_minor == 0:
        raise ValueError("nothing is 0, never -0")
    return Money(amount_minor=-amount_minor if sign else amount_minor, currency=currency)


def decimal_of(amount_minor: int, currency: str) -> str:
    """Write an amount as a decimal string with exactly the currency's digits."""
    return _decimal(amount_minor, DIGITS[currency])


def exact_decimal_of(exact_minor: Fraction, currency: str) -> str:
    """Write an exact number of minor units as a decimal string of major units, unrounded and without trailing zeros.

    1500000 minor units of USD are `15000`, 1499998.5 are `14999.985`. Only a fraction whose decimal ends can be
    written; every one that comes from basis points does.
    """
    exact = exact_minor / 10 ** DIGITS[currency]
    places = 0
    while (exact.numerator * 10**places) % exact.denominator:
        places += 1
        assert places <= 60, f"{exact} has no finite decimal"
    return _decimal(exact.numerator * 10**places // exact.denominator, places)


def _decimal(scaled: int, places: int) -> str:
    whole, fraction = divmod(abs(scaled), 10**places)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{fraction:0{places}d}" if places else f"{sign}{whole}"


def round_half_up(exact: Fraction) -> int:
    """Round to a whole number, a half away from zero, so that a reversal mirrors its original."""
    magnitude = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return magnitude if exact >= 0 else -magnitude


def allocate(amount_minor: int, shares: Sequence[tuple[PartnerId, int]], lead: PartnerId) -> tuple[int, ...]:
    """Split an amount by shares so that the parts always sum to the whole (rules §6, largest remainder).

    Each part is first rounded down; the cents left over go to the largest remainders, ties to the lead partner and
    then by partner id. A negative amount is the exact mirror of the positive one. Parts stand in the shares' order.
    """
    total = sum(share for _, share in shares)
    assert total > 0 and all(share >= 0 for _, share in shares), "shares are positive"
    magnitude = abs(amount_minor)
    parts = [magnitude * share // total for _, share in shares]
    precedence = sorted(
        range(len(shares)),
        key=lambda place: (-(magnitude * shares[place][1] % total), shares[place][0] != lead, shares[place][0]),
    )
    for place in precedence[: magnitude - sum(parts)]:
        parts[place] += 1
    return tuple(parts) if amount_minor >= 0 else tuple(-part for part in parts)


def rate_of(decimal: str) -> Fraction:
    """Read an exchange rate, such as `1.1000`: what one unit of the base is worth in the quote.

    Raises ValueError, with a sentence for the sender, unless it is a positive decimal with at most twelve digits on
    either side of the point.
    """
    found = _RATE.fullmatch(decimal)
    if found is None:
        raise ValueError(f"{decimal!r} is not a rate such as '1.1000', with at most twelve digits on either side")
    rate = Fraction(int(found[1] + (found[2] or "")), 10 ** len(found[2] or ""))
    if rate == 0:
        raise ValueError("a rate is more than nothing")
    return rate


def convert(money: Money, rate: Fraction, currency: str) -> Money:
    """Convert at a rate (units of `currency` for one unit of the money's own), rounded half up.

    Raises OverflowError when the result would reach `AMOUNT_LIMIT_MINOR`.
    """
    exact = money.amount_minor * rate * Fraction(10 ** DIGITS[currency], 10 ** DIGITS[money.currency])
    amount_minor = round_half_up(exact)
    if abs(amount_minor) >= AMOUNT_LIMIT_MINOR:
        raise OverflowError(f"{money} at {rate} is beyond what an amount in {currency} can be")
    return Money(amount_minor=amount_minor, currency=currency)


def figure_in(amount_minor: int, written_in: str, read_in: str) -> Fraction:
    """Read a figure written in one currency as the same figure in another, in the latter's minor units.

    The bands of a programme in USD are read so for a partner paid in JPY: `100,000.00` is 100,000 yen (rules §6).
    """
    return Fraction(amount_minor * 10 ** DIGITS[read_in], 10 ** DIGITS[written_in])
