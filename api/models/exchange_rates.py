"""Exchange rates, as finance publishes them."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.models.base import Answer, Written
from domain.money import rate_of
from service.payloads.base import Currency, Day, Request


def _rate(text: str) -> str:
    rate_of(text)
    return text


class PublishRate(Request):
    """What one unit of `base` is worth in `quote` on a date."""

    date: Day = Field(description="The day.", examples=["2026-10-01"])
    base: Currency = Field(description="The currency that is converted.", examples=["EUR"])
    quote: Currency = Field(description="The currency that it becomes.", examples=["USD"])
    rate: Annotated[
        str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?$"), AfterValidator(_rate)
    ] = Field(description="An exact decimal string above zero.", examples=["1.1000"])
    replaces: bool = Field(default=False, description="That it corrects the rate published before for this day.")

    @model_validator(mode="after")
    def _converts_between_two(self) -> Self:
        if self.base == self.quote:
            raise ValueError("a rate is between two currencies")
        return self


class ImportRates(Request):
    """The rates of a whole file."""

    csv: Annotated[str, StringConstraints(min_length=1, max_length=1_000_000)] = Field(
        description="CSV with a header: `date,base,quote,rate`, and `replaces` (`true`) where a line corrects one.",
        examples=["date,base,quote,rate\n2026-10-01,EUR,USD,1.1000\n"],
    )


class RatesImported(Written):
    """A file of exchange rates, published as a whole."""

    lines: int = Field(description="The lines of the file.", examples=[250])
    published: int = Field(description="The rates that were new; the others were published already.", examples=[250])


class ExchangeRate(Answer):
    """What one unit of `base` is worth in `quote` on a date."""

    date: Day = Field(description="The day.", examples=["2026-10-01"])
    base: str = Field(description="The currency that is converted.", examples=["EUR"])
    quote: str = Field(description="The currency that it becomes.", examples=["USD"])
    rate: str = Field(description="An exact decimal string.", examples=["1.1000"])
    position: int | None = Field(description="Its event's place in the log.", examples=[5])


class RatePublished(ExchangeRate, Written):
    """A rate, just published."""


class RatePage(Answer):
    """A page of exchange rates."""

    items: list[ExchangeRate] = Field(description="In the order of publication.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
