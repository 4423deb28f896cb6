"""What a partner's open periods come to, one after another, from the sums of their lines (rules §7)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.calendar import Period
from domain.commission.lines import Line, Totals
from domain.commission.windows import period_after
from domain.ids import LineId, RegistrationId
from domain.money import figure_in, round_half_up
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme

IDLE_PERIODS_LIMIT = 120
"""After so many periods without lines the balance is taken as it is to the period that was asked for."""

NOTHING_STATED: Final = Totals(
    commission_minor=0,
    adjustments_minor=0,
    held_minor=0,
    opening_balance_minor=0,
    payable_minor=0,
    closing_balance_minor=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How many lines a period has, what they come to, and how much of that is held."""

    lines: int = 0
    commission_minor: int = 0
    held_minor: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            lines=self.lines + other.lines,
            commission_minor=self.commission_minor + other.commission_minor,
            held_minor=self.held_minor + other.held_minor,
        )


def sums_of(lines: Iterable[Line]) -> Sums:
    """The sums of these lines."""
    count, commission, held = 0, 0, 0
    for line in lines:
        count, commission, held = count + 1, commission + line.commission_minor, held + line.held_minor
    return Sums(lines=count, commission_minor=commission, held_minor=held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a partner's open periods begin with.

    The balance that the last closing carries forward, and what the first open period adjusts: how many adjustments,
    their sum, and how much of that is held. `gone` are the adjusted lines that their closed period states no more,
    each with its registration. `closed_through` is the last day that counts as closed; None: no day does.
    """

    first_open: Period
    closed_through: date | None
    opening_minor: int
    adjustments: int
    adjusted_minor: int
    held_minor: int
    gone: tuple[tuple[LineId, RegistrationId], ...]


def totals_of_open(
    programme: Programme,
    partner: Partner,
    carried: Carried,
    sums: Mapping[Period, Sums],
    through: Period | None = None,
) -> Iterator[tuple[Period, Totals]]:
    """Every open period with its totals, from the first one through another, or the last one that has lines."""
    period, opening = carried.first_open, carried.opening_minor
    adjusted, adjusted_held = carried.adjusted_minor, carried.held_minor
    last_with_lines = max([period, *sums])
    last = through or last_with_lines
    idle = 0
    while period <= last:
        own = sums.get(period, Sums())
        held = own.held_minor + adjusted_held
        due = opening + own.commission_minor + adjusted - held
        payable = due if due > 0 and due >= _minimum_payout(programme, partner, period) else 0
        yield (
            period,
            Totals(
                commission_minor=own.commission_minor,
                adjustments_minor=adjusted,
                held_minor=held,
                opening_balance_minor=opening,
                payable_minor=payable,
                closing_balance_minor=due - payable,
            ),
        )
        adjusted, adjusted_held, opening = 0, 0, due - payable
        idle = idle + 1 if period >= last_with_lines else 0
        period = last if idle >= IDLE_PERIODS_LIMIT and period < last else period_after(programme, period)


def _minimum_payout(programme: Programme, partner: Partner, period: Period) -> int:
    """The minimum that is in force on the period's last day."""
    minimum = programme.terms_on(period.ends_on).terms.minimum_payout_minor
    return round_half_up(figure_in(minimum, programme.currency, partner.currency))
