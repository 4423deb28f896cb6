"""What finance may post for a partner, or let be."""

from pydantic import Field

from api.models.base import Answer, MoneyOut


class Clawback(Answer):
    """A settled line whose customer has not paid in time."""

    period: str = Field(description="The closed period.", examples=["2026-Q4"])
    line: str = Field(description="The line.", examples=["line_7Q_northwind"])
    registration: str = Field(description="Its registration.", examples=["reg_7Q"])
    settled: MoneyOut = Field(description="What was settled for it.")
    entered: MoneyOut = Field(description="The clawbacks that were entered for this line and period.")
    evidence: list[int] = Field(description="Positions of the events behind it.", examples=[[17, 21]])


class Clawbacks(Answer):
    """What could be taken back from a partner."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    items: list[Clawback] = Field(description="By period, in credit order.")


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
    lines: list[LineVariance] = Field(description="Which lines.")


class Variances(Answer):
    """What a changed calculation would have made of a partner's closed periods."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    calculation: int = Field(description="Today's version.", examples=[1])
    items: list[Variance] = Field(description="By period.")
