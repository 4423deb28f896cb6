"""What a changed calculation would have made of periods that an earlier one closed (rules §7).

Both are computed from everything known today, so that only the calculation differs. It never becomes an adjustment by
itself: finance posts it as an entered `variance`, or lets it be.
"""

from dataclasses import dataclass

from domain.calendar import Period, period_from
from domain.commission.calculation import CALCULATIONS, lines_of
from domain.commission.statement import StatementInputs
from domain.ids import LineId


@dataclass(frozen=True, slots=True, kw_only=True)
class LineVariance:
    """A line that the newer calculation makes another."""

    line: LineId
    closed_with_minor: int
    now_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """A closed period that the newer calculation would have stated otherwise."""

    period: str
    calculation: int
    lines: tuple[LineVariance, ...]

    @property
    def amount_minor(self) -> int:
        """By how much."""
        return sum(line.now_minor - line.closed_with_minor for line in self.lines)


def variances(inputs: StatementInputs) -> tuple[Variance, ...]:
    """Every closed period that today's calculation would state otherwise than the one that closed it, in order."""
    by_version: dict[int, dict[Period, dict[LineId, int]]] = {}
    found = []
    for closing in sorted(inputs.closed, key=lambda closing: period_from(closing.period)):
        if closing.calculation == inputs.calculation or closing.calculation not in CALCULATIONS:
            continue
        for version in (closing.calculation, inputs.calculation):
            if version not in by_version:
                by_version[version] = _commissions(inputs, version)
        period = period_from(closing.period)
        then = by_version[closing.calculation].get(period, {})
        now = by_version[inputs.calculation].get(period, {})
        lines = tuple(
            LineVariance(line=line, closed_with_minor=then.get(line, 0), now_minor=now.get(line, 0))
            for line in sorted({*then, *now})
            if then.get(line, 0) != now.get(line, 0)
        )
        if lines:
            found.append(Variance(period=closing.period, calculation=closing.calculation, lines=lines))
    return tuple(found)


def _commissions(inputs: StatementInputs, version: int) -> dict[Period, dict[LineId, int]]:
    own = [credit for outcome in inputs.outcomes for credit in outcome.credits if credit.partner == inputs.partner.id]
    found: dict[Period, dict[LineId, int]] = {}
    for computed in lines_of(inputs.programme, inputs.partner, own, version):
        found.setdefault(computed.period, {})[computed.line.id] = computed.line.commission_minor
    return found
