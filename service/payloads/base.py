"""What all that arrives is built from: strictness, and the few kinds of values that the contract is made of."""

import datetime
import re
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from domain.calendar import instant_from, period_from
from domain.currencies import DIGITS
from domain.ids import Instant
from domain.money import Money, money_of

INTEGER_LIMIT: Final = 2**63 - 1
"""The largest integer that every database holds."""

FIRST_DAY: Final = datetime.date(1900, 1, 1)
LAST_CLOCK_YEAR: Final = 9000


class Request(BaseModel):
    """Something that a caller sends: exactly the stated fields, exactly the stated types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _currency(text: str) -> str:
    if text not in DIGITS:
        raise ValueError("this is not a currency of ISO 4217")
    return text


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if _DAY.fullmatch(value) is None:
            raise ValueError("a date is written as YYYY-MM-DD")
        found = datetime.date.fromisoformat(value)
        if found < FIRST_DAY:
            raise ValueError(f"a date is not before {FIRST_DAY}")
        return found
    return value


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("an instant is a text in the form of RFC 3339")
    return instant_from(value)


def clock_instant(instant: Instant) -> Instant:
    """An instant that a programme's clock can show. Raises ValueError, with a sentence for the sender, on any other."""
    year = 1970 + instant // 31_556_952_000_000
    if not 1970 <= year < LAST_CLOCK_YEAR:
        raise ValueError(f"a clock shows a year from 1970 to {LAST_CLOCK_YEAR - 1}")
    return instant


def _period(text: str) -> str:
    return str(period_from(text))


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

SLUG_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]{0,62}$"

Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
"""An id chosen by the caller: lower-case letters, digits, `-` and `_`, at most 63 of them."""

SlugOrAny = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9][a-z0-9_-]{0,62})$")]

SHORT_TEXT_MOST: Final = 255

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=SHORT_TEXT_MOST, pattern=r"\S")]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"\S")]

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_currency), Field(examples=["USD"])]
"""An ISO 4217 code."""

Day = Annotated[
    datetime.date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-15"]}),
]
"""A date, `YYYY-MM-DD`."""

InstantIn = Annotated[
    int,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-21T10:00:00.000000Z"]}),
]
"""An instant of RFC 3339 in any offset, read as microseconds."""

ClockInstant = Annotated[InstantIn, AfterValidator(clock_instant)]

PeriodText = Annotated[
    str,
    StringConstraints(pattern=r"^[1-9][0-9]{3}-(Q[1-4]|0[1-9]|1[0-2])$"),
    AfterValidator(_period),
    Field(examples=["2026-Q4"]),
]
"""A commission period: `2026-Q4` or `2026-10`."""

BasisPoints = Annotated[int, Field(ge=1, le=10_000)]
Position = Annotated[int, Field(ge=1, le=INTEGER_LIMIT, examples=[21])]

Decimal = Annotated[
    str,
    StringConstraints(pattern=r"^-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,4})?$", max_length=24),
    Field(examples=["1234.50"]),
]


class MoneyIn(Request):
    """An amount of money that is not negative, with exactly the digits of its currency."""

    amount: Decimal = Field(description="A decimal string with exactly the currency's digits.", examples=["120000.00"])
    currency: Currency = Field(description="An ISO 4217 code.", examples=["USD"])

    @model_validator(mode="after")
    def _has_the_digits_of_its_currency(self) -> Self:
        if self.money.amount_minor < 0:
            raise ValueError("this amount may not be negative")
        return self

    @property
    def money(self) -> Money:
        """The amount as the rules know it."""
        return money_of(self.amount, self.currency)


class PositiveMoneyIn(MoneyIn):
    """An amount of money above zero, with exactly the digits of its currency."""

    @model_validator(mode="after")
    def _is_more_than_nothing(self) -> Self:
        if self.money.amount_minor == 0:
            raise ValueError("this amount is more than nothing")
        return self
