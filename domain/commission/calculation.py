"""From credits to lines (rules §6). Pure, and versioned.

A changed calculation is a new version beside the old one: a closed period is always recomputed by the version that it
was closed with, so that a better calculation never becomes an adjustment by itself (rules §7).
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from domain.commission.credit import Credit
from domain.commission.lines import ComputedLine
from domain.commission.walk import Walk, in_credit_order, in_order_of_statement
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme

__all__ = ["CALCULATION", "CALCULATIONS", "ComputedLine", "lines_of"]


def lines_of(
    programme: Programme, partner: Partner, credited: Iterable[Credit], calculation: int
) -> tuple[ComputedLine, ...]:
    """The lines of all of a partner's credits, in credit order, and behind them what it earns beside them."""
    return CALCULATIONS[calculation](programme, partner, in_credit_order(credited))


def _first(programme: Programme, partner: Partner, credited: Iterable[Credit]) -> tuple[ComputedLine, ...]:
    walk = Walk(programme, partner)
    earned = [placed for credit in credited for placed in walk.step(credit)]
    return tuple(placed.computed for placed in in_order_of_statement([*earned, *walk.others()]))


CALCULATION = 1
"""The version by which open periods are computed, here and wherever a walk is taken up again (`walk.py`)."""

_Calculation = Callable[[Programme, Partner, Iterable[Credit]], tuple[ComputedLine, ...]]
CALCULATIONS: Mapping[int, _Calculation] = MappingProxyType({1: _first})
"""Every version by which a period was ever closed."""
