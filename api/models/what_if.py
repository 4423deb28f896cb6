"""A hypothesis, and what it would change."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from api.models.base import Answer, MoneyOut
from api.models.programme import TermsChange
from api.models.settling import LineText
from service.payloads.base import BasisPoints, InstantIn, Request, Slug

HAPPENS_AT_MOST = 200


class ShareIn(Request):
    """One partner's part."""

    partner: Slug = Field(description="The partner.", examples=["northwind"])
    basis_points: BasisPoints = Field(description="Its part.", examples=[6000])


class FactIn(Request):
    """A fact that the CRM could tell, in the words of a webhook of the kind `standard`."""

    source: Slug = Field(description="The deal's source.", examples=["crm"])
    type: Literal["deal.value_changed", "deal.won", "deal.lost", "deal.reopened", "deal.refunded", "deal.paid"] = Field(
        description="What would have happened.", examples=["deal.refunded"]
    )
    timestamp: InstantIn | None = Field(default=None, description="When; default: now.")
    data: dict[str, Any] = Field(
        description="As in the webhook of this type.", examples=[{"deal_id": "D-8123", "won_on": "2026-11-25"}]
    )


class DecisionIn(Request):
    """A decision of a conflict case that nobody has taken yet."""

    case: LineText = Field(description="The case.", examples=["cft_41"])
    outcome: Literal["uphold", "reassign", "split", "distinct", "void"] = Field(
        description="Who would be right.", examples=["reassign"]
    )
    shares: Annotated[tuple[ShareIn, ...], Field(max_length=100)] = Field(default=(), description="Of a split.")


class WhatIf(Request):
    """Other terms from the beginning on, facts and decisions on top of what is recorded; at least one of them."""

    terms: TermsChange | None = Field(
        default=None, description="Settings that would be others in every version.", examples=[{"protection_days": 90}]
    )
    facts: Annotated[tuple[FactIn, ...], Field(max_length=HAPPENS_AT_MOST)] = Field(
        default=(), description="Told in this order."
    )
    decisions: Annotated[tuple[DecisionIn, ...], Field(max_length=HAPPENS_AT_MOST)] = Field(
        default=(), description="Taken after the facts."
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.terms is None and not self.facts and not self.decisions:
            raise ValueError("state other terms, facts or decisions")
        return self


class Said(Answer):
    """What a line says."""

    amount: MoneyOut = Field(description="How much.")
    held: MoneyOut = Field(description="The part of it that may not be paid yet.")


class ChangedLine(Answer):
    """A line that would be another."""

    line: str = Field(description="The line.", examples=["line_7Q_northwind"])
    registration: str = Field(description="Its registration.", examples=["reg_7Q"])
    lands_in: str = Field(description="The open period in which the change would stand.", examples=["2027-Q1"])
    kind: Literal["line", "prior_period"] = Field(
        description="As the line itself, or as a part of an adjustment.", examples=["prior_period"]
    )
    period: str = Field(description="The period that it is about.", examples=["2026-Q4"])
    before: Said = Field(description="What is stated now; nothing where the line is new.")
    after: Said = Field(description="What would be stated; nothing where it would be gone.")
    difference: MoneyOut = Field(description="By how much.")


class PeriodDifference(Answer):
    """What lands in a period."""

    period: str = Field(description="The period.", examples=["2027-Q1"])
    difference: MoneyOut = Field(description="By how much it would state more.")


class ChangedPartner(Answer):
    """What would change for a partner."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    difference: MoneyOut = Field(description="All of it together.")
    by_period: list[PeriodDifference] = Field(description="Where it would land.")
    lines: list[ChangedLine] = Field(description="Every line that would change, by where it lands.")
    more_lines: int = Field(description="How many further lines would change that are not listed.", examples=[0])


class Ripple(Answer):
    """What a hypothesis would change. Nothing of it is stored."""

    position: int = Field(description="How much of the log both worlds have seen.", examples=[812])
    told_again: bool = Field(
        description="Whether the whole log was decided again, since the terms bear on who is first.", examples=[True]
    )
    partners: list[ChangedPartner] = Field(description="Those for whom anything would change.")
    left_out: list[int] = Field(
        description="Positions of what was said and has no place in the other world, such as steps about a clash that "
        "would not have been.",
        examples=[[]],
    )
