"""What closing a period now would state."""

from pydantic import Field

from api.models.base import Answer, MoneyOut
from api.models.statements import Totals


class HeldAmount(Answer):
    """Something that would be held."""

    line: str = Field(description="The line, or the entered adjustment.", examples=["line_7Q_northwind"])
    period: str = Field(description="The period that it is about.", examples=["2026-Q4"])
    held: MoneyOut = Field(description="How much of it.")
    held_because: list[str] = Field(description="Why.", examples=[["CONFLICT_OPEN"]])


class Refused(Answer):
    """Why it cannot be closed."""

    code: str = Field(description="The rule's code.", examples=["EARLIER_PERIOD_OPEN"])
    detail: str = Field(description="In a sentence.", examples=["2026-Q3 is to be closed first."])


class PartnerPreview(Answer):
    """What closing the period now would state for a partner."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    closed: bool = Field(description="Whether it is closed already, with what it states.", examples=[False])
    closes: list[str] = Field(description="The periods that would be closed.", examples=[["2026-Q4"]])
    refused: Refused | None = Field(description="Null where it can be closed.")
    states_something: bool = Field(description="Whether there is anything to state.", examples=[True])
    totals: Totals = Field(description="What it would come to.")
    held: list[HeldAmount] = Field(description="What would be held, and why.")


class PeriodPreview(Answer):
    """What closing a period now would state, a page of partners."""

    period: str = Field(description="The period.", examples=["2026-Q4"])
    ended: bool = Field(description="Whether it can be closed without force.", examples=[False])
    items: list[PartnerPreview] = Field(description="By partner.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
