"""What finance may post for a partner, or let be."""

from typing import Literal

from pydantic import Field

from api.models.base import Answer, MoneyOut, Written
from api.models.settling import Step


class LineVariance(Answer):
    """A line that the newer calculation makes another."""

    line: str = Field(description="The line.", examples=["line_7Q_northwind"])
    closed_with: MoneyOut = Field(description="By the calculation that closed it.")
    now: MoneyOut = Field(description="By today's.")


class Variance(Answer):
    """A closed period that today's calculation would have stated otherwise."""

    period: str = Field(description="The period.", examples=["2026-Q4"])
    closed_with: int = Field(description="The version of the calculation that closed it.", examples=[1])
    amount: MoneyOut = Field(description="By how much.")
    entered: MoneyOut = Field(description="The variances that were entered for this period.")
    state: Literal["open", "posted", "dismissed"] = Field(
        description="Whether finance still has to say what becomes of it.", examples=["open"]
    )
    dismissed: Step | None = Field(description="Who let it be, and why; null where nobody did.")
    lines: list[LineVariance] = Field(description="Which lines.")


class VarianceWritten(Variance, Written):
    """A variance that was dismissed."""


class Variances(Answer):
    """What a changed calculation would have made of a partner's closed periods."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    calculation: int = Field(description="Today's version.", examples=[1])
    items: list[Variance] = Field(description="By period.")
