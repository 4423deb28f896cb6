"""Comparing partners: partner tiers, and the reward of a year."""

from typing import Annotated

from pydantic import Field

from api.models.base import Answer, MoneyOut, Written
from api.models.terms import PartnerTierRuleOut
from service.payloads.base import Day, Decimal, Request


class EvaluateTiers(Request):
    """Give every active partner its tier."""

    effective_from: Day | None = Field(
        default=None, description="From when the tiers are effective: today or later; default: today.", examples=[None]
    )


class EvaluateReward(Request):
    """Reward the partners that were credited most in a year."""

    rewards: Annotated[tuple[Decimal, ...], Field(min_length=1, max_length=100)] = Field(
        description="In the programme's currency, that of the first rank first; each partner is paid the figure in its "
        "own currency.",
        examples=[["10000.00", "5000.00"]],
    )


class Ranked(Answer):
    """A partner of the population."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    rank: int = Field(description="1 and as many more as were credited more.", examples=[1])
    credited: MoneyOut = Field(description="What it was credited, in the programme's currency.")
    unconverted: int = Field(description="Its deals without a rate into that: they count for nothing.", examples=[0])


class Evaluation(Answer):
    """What comparing all active partners saw."""

    first_on: Day = Field(description="The first day of wins that counted.", examples=["2026-01-01"])
    last_on: Day = Field(description="The last one.", examples=["2026-12-31"])
    read_to: int = Field(description="Up to where the log was read.", examples=[812])
    population: list[Ranked] = Field(description="All active partners, the one credited most first.")


class TierEvaluation(Evaluation):
    """An evaluation of partner tiers."""

    quarter: str = Field(description="The last of the four quarters.", examples=["2026-Q4"])
    effective_from: Day = Field(description="From when the tiers are effective.", examples=["2027-01-02"])
    rules: list[PartnerTierRuleOut] = Field(description="The tiers, by the terms then in force.")


class TierEvaluated(TierEvaluation, Written):
    """An evaluation of partner tiers, just made."""


class RewardEvaluation(Evaluation):
    """An evaluation of the reward of a year."""

    year: str = Field(description="The fiscal year, by the year that it begins in.", examples=["2026"])
    evaluated_on: Day = Field(description="The day of the reward's statement lines.", examples=["2027-01-02"])
    rewards: list[MoneyOut] = Field(description="For each rank, the first first.")


class RewardEvaluated(RewardEvaluation, Written):
    """An evaluation of the reward of a year, just made."""


class HeldTier(PartnerTierRuleOut):
    """A partner tier that a partner is in, or was."""

    effective_from: Day = Field(description="From when.", examples=["2027-01-02"])
    quarter: str = Field(description="By the evaluation of which quarter.", examples=["2026-Q4"])


class TierOfPartner(Answer):
    """The tier of a partner."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    current: HeldTier | None = Field(description="The tier that is effective today; null: none yet.")
    history: list[HeldTier] = Field(description="Every change of it, as they were evaluated.")
