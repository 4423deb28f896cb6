"""What comparing all active partners found, with all that it saw. These are the stored format: add, never edit."""

import datetime
from dataclasses import dataclass

from domain.ids import PartnerId, Position
from domain.programme.terms import PartnerTierRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A partner of the population: what it was credited, in the programme's currency, and its rank.

    Who was credited alike has one rank. `unconverted` counts the deals without a rate into the programme's currency:
    they count for nothing.
    """

    partner: PartnerId
    credited_minor: int
    unconverted: int
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTiersEvaluated:
    """All active partners by what they were credited in the four quarters up to `quarter`, for tiers from a day on.

    `rules` are those of the terms then in force, `read_to` the position up to which the log was read.
    """

    quarter: str
    first_on: datetime.date
    last_on: datetime.date
    effective_from: datetime.date
    rules: tuple[PartnerTierRule, ...]
    population: tuple[Ranked, ...]
    read_to: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardEvaluated:
    """All active partners by what they were credited in a fiscal year, and what the first ranks are given for it.

    `rewards_minor` are in the programme's currency, that of the first rank first.
    """

    year: str
    first_on: datetime.date
    last_on: datetime.date
    evaluated_on: datetime.date
    rewards_minor: tuple[int, ...]
    population: tuple[Ranked, ...]
    read_to: Position


EvaluationEvent = PartnerTiersEvaluated | RewardEvaluated
