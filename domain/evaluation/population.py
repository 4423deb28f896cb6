"""Who was credited how much between two days, in the programme's currency (rules §8)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.commission.credit import Credit
from domain.commission.statement import StatementInputs
from domain.evaluation.events import Ranked
from domain.money import allocate, convert, rate_of
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """What a partner was credited, and the last deal that counted; held revenue counts as it does for the bands."""

    partner: Partner
    credited_minor: int
    unconverted: int
    last: Credit | None


def credited_between(inputs: StatementInputs, first_on: date, last_on: date) -> Credited:
    """What a partner was credited from a day to a last day, each deal at the rate of the day it was won."""
    own = [
        credit
        for outcome in inputs.outcomes
        for credit in outcome.credits
        if credit.partner == inputs.partner.id and first_on <= credit.won_on <= last_on
    ]
    total, unconverted, last = 0, 0, None
    for credit in sorted(own, key=lambda credit: (credit.won_on, credit.place, credit.line)):
        part = _in_programmes_currency(inputs.programme, credit)
        if part is None:
            unconverted += 1
            continue
        total += part
        last = credit
    return Credited(partner=inputs.partner, credited_minor=total, unconverted=unconverted, last=last)


def _in_programmes_currency(programme: Programme, credit: Credit) -> int | None:
    value = credit.value
    if value.currency != programme.currency:
        rate = programme.rate_on(credit.won_on, value.currency, programme.currency)
        if rate is None:
            return None
        try:
            value = convert(value, rate_of(rate.rate), programme.currency)
        except OverflowError:
            return None
    shares = [(share.partner, share.basis_points) for share in credit.shares]
    return allocate(value.amount_minor, shares, credit.lead)[credit.own_share]


def population(inputs: Iterable[StatementInputs], first_on: date, last_on: date) -> tuple[Credited, ...]:
    """All active partners, the highest credited first; of equals by id."""
    found = [credited_between(one, first_on, last_on) for one in inputs if one.partner.is_active]
    return tuple(sorted(found, key=lambda one: (-one.credited_minor, one.partner.id)))


def ranked(found: Sequence[Credited]) -> tuple[Ranked, ...]:
    """The population with its ranks: 1 and as many more as were credited more."""
    how_many = Counter(one.credited_minor for one in found)
    ranks: dict[int, int] = {}
    before = 0
    for credited in sorted(how_many, reverse=True):
        ranks[credited] = before + 1
        before += how_many[credited]
    return tuple(
        Ranked(
            partner=one.partner.id,
            credited_minor=one.credited_minor,
            unconverted=one.unconverted,
            rank=ranks[one.credited_minor],
        )
        for one in found
    )
