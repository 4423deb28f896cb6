"""A reward that a partner was given for a year (rules §8)."""

from dataclasses import dataclass
from datetime import date

from domain.ids import Position, RegistrationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """The reward of a year, in the minor units of the partner's currency.

    `credited_minor` is what the partner was credited in the year, in that of the programme's; `registration` the last
    deal that counted for it, on the `account` named.
    """

    year: str
    credited_minor: int
    amount_minor: int
    evaluated_on: date
    registration: RegistrationId
    account: str
    position: Position
