"""Incentives: SPIFFs for everybody, targets of one partner."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.models.base import Answer, MoneyOut, Written
from service.payloads.base import BasisPoints, Day, Decimal, MoneyIn, PositiveMoneyIn, Request, ShortText, Slug


class PublishSpiff(Request):
    """Publish a SPIFF: something extra for deals with certain products, between two days."""

    id: Slug = Field(description="A slug of the caller's choice; lines show it.", examples=["edge-launch"])
    name: ShortText = Field(description="Its name.", examples=["Edge at its launch"])
    products: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=500)] = Field(
        description="For deals that name at least one of them.", examples=[["edge"]]
    )
    first_on: Day = Field(description="The first day of wins that count.", examples=["2027-01-01"])
    last_on: Day = Field(description="The last one, included.", examples=["2027-03-31"])
    rate_basis_points: BasisPoints | None = Field(
        default=None, description="An extra rate on what is credited for the deal, or", examples=[200]
    )
    amount: Decimal | None = Field(
        default=None,
        description="an amount for the whole deal, a figure in the programme's currency, split as the deal is.",
        examples=[None],
    )

    @model_validator(mode="after")
    def _is_one_thing_between_two_days(self) -> Self:
        if (self.rate_basis_points is None) == (self.amount is None):
            raise ValueError("state either a rate or an amount")
        if self.last_on < self.first_on:
            raise ValueError("it does not end before it begins")
        return self


class EndSpiff(Request):
    """Let a SPIFF end sooner."""

    last_on: Day = Field(description="The last day of wins that count.", examples=["2027-02-28"])


class Spiff(Answer):
    """Something extra for deals with certain products, between two days."""

    id: str = Field(description="Its id; lines show it.", examples=["edge-launch"])
    name: str = Field(description="Its name.", examples=["Edge at its launch"])
    products: list[str] = Field(description="For deals that name at least one of them.", examples=[["edge"]])
    first_on: Day = Field(description="The first day of wins that count.", examples=["2027-01-01"])
    last_on: Day = Field(description="The last one, included.", examples=["2027-03-31"])
    rate_basis_points: int = Field(description="An extra rate on what is credited; 0: an amount.", examples=[200])
    amount: str = Field(description="An amount for the whole deal; 0: a rate.", examples=["0.00"])


class SpiffWritten(Spiff, Written):
    """A SPIFF, just published or ended."""


class SpiffList(Answer):
    """All SPIFFs."""

    items: list[Spiff] = Field(description="In the order in which they were published.")


class SetTarget(Request):
    """Give a partner a target of credited revenue."""

    target: PositiveMoneyIn = Field(description="What is to be credited, in the partner's currency.")
    bonus: MoneyIn | None = Field(default=None, description="What reaching it earns, once.")
    accelerator_basis_points: BasisPoints | None = Field(
        default=None, description="A rate on all revenue beyond it, on top of its commission.", examples=[300]
    )

    @model_validator(mode="after")
    def _earns_something_in_one_currency(self) -> Self:
        if not (self.bonus and self.bonus.money.amount_minor) and self.accelerator_basis_points is None:
            raise ValueError("state a bonus or an accelerator")
        if self.bonus is not None and self.bonus.currency != self.target.currency:
            raise ValueError("target and bonus are in one currency")
        return self


class Target(Answer):
    """A partner's target for a quarter or month."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    period: str = Field(description="The quarter or month.", examples=["2027-Q1"])
    target: MoneyOut = Field(description="What is to be credited.")
    bonus: MoneyOut = Field(description="What reaching it earns, once.")
    accelerator_basis_points: int = Field(description="A rate on all revenue beyond it; 0: none.", examples=[300])


class TargetWritten(Target, Written):
    """A target, just set."""


class ProposedClawback(Answer):
    """A settled line whose deal the customer has not paid in time."""

    period: str = Field(description="The closed period that it was settled in.", examples=["2026-Q4"])
    line: str = Field(description="The line.", examples=["line_7Q_northwind"])
    registration: str = Field(description="Its registration.", examples=["reg_7Q"])
    amount: MoneyOut = Field(description="What was settled for it.")
    evidence: list[int] = Field(description="Positions of the events behind it.", examples=[[17, 21, 90]])


class ProposedClawbackList(Answer):
    """What should be taken back from a partner."""

    items: list[ProposedClawback] = Field(description="By period; an entered clawback for a line takes it from here.")


class TargetList(Answer):
    """All targets of a partner."""

    items: list[Target] = Field(description="In the order in which they were set.")
