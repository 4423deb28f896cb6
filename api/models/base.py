"""What all answers are built from. No field of an answer has a default: none is ever left out."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Something that the service answers. More fields may be added to it one day; none is ever left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)


InstantOut = Annotated[
    str,
    Field(
        json_schema_extra={"format": "date-time"},
        examples=["2026-11-21T10:00:00.000000Z"],
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$",
    ),
]
"""An instant in UTC with microseconds and `Z`."""


class MoneyOut(Answer):
    """An amount of money: a decimal string with exactly the digits of its currency. It may be negative."""

    amount: str = Field(description="A decimal string with exactly the currency's digits.", examples=["25000.00"])
    currency: str = Field(description="An ISO 4217 code.", examples=["USD"])


class Written(Answer):
    """What every answer to a write carries."""

    position: int | None = Field(
        description="Of the last event that the request wrote; null where it wrote none.", examples=[21]
    )
    recorded_at: InstantOut | None = Field(description="When that event was recorded; null where there is none.")


class Erased(Written):
    """What was asked to be forgotten is gone. It writes no event."""

    erased: bool = Field(description="Always true: what is not there is 404.", examples=[True])
