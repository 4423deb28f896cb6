"""The calculation, credit by credit in credit order: it can stop after any of them, and be taken up again there.

What a credit earns follows from the rule book, the partner, the credit, and what the credits before it have come to;
so that a walk taken up from what was noted after a credit gives, for those behind it, what a walk over all would.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

from domain.calendar import Period
from domain.commission.credit import Credit
from domain.commission.incentives import TargetReached, TargetWalk, floor_line, reward_line, spiff_lines
from domain.commission.lines import ComputedLine
from domain.commission.plan import Plans
from domain.commission.revenue import NOTHING, Revenue
from domain.commission.totals import Sums, sums_of
from domain.commission.windows import Window
from domain.commission.working import commission_line
from domain.ids import Product
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from domain.programme.spiffs import Spiff

Section = tuple[int, int]
"""A part of a statement: lines stand in order of these, and within one in credit order."""

COMMISSION: Final[Section] = (0, 0)
SPIFFS: Final[Section] = (2, 0)
FLOORS: Final[Section] = (3, 0)
REWARDS: Final[Section] = (4, 0)


def target_section(number: int) -> Section:
    """The section of a partner's target: what lies beyond it, and its bonus."""
    return (1, number)


class Placed(NamedTuple):
    """A line and its section."""

    section: Section
    computed: ComputedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """What the credits of one window and band table have come to."""

    window: Window
    table: str | None
    whole_minor: int
    part_minor: int
    gross_whole_minor: int
    gross_part_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPeriod:
    """What the credits of one period have come to.

    The first three count all lines that belong to one credit; `stated_minor` the commission lines alone. `about` is the
    line that a floor would be stated with.
    """

    period: Period
    lines: int
    commission_minor: int
    held_minor: int
    stated_minor: int
    about: ComputedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """How far a walk has come: all that what is behind it depends on. `targets` stand as the partner's do."""

    climbed: tuple[Climbed, ...] = ()
    periods: tuple[OfPeriod, ...] = ()
    targets: tuple[TargetReached, ...] = ()


NOT_BEGUN: Final = Walked()


class Walk:
    """A walk over the credits of one partner, by the version of the calculation for open periods."""

    def __init__(self, programme: Programme, partner: Partner, walked: Walked = NOT_BEGUN) -> None:
        """From the beginning, or from where a walk by the same rule book and the same partner had come."""
        self._programme = programme
        self._partner = partner
        self._plans = Plans(programme, partner)
        self._climbed = {(one.window, one.table): _revenue(one) for one in walked.climbed}
        self._periods = {one.period: one for one in walked.periods}
        reached = walked.targets or (TargetReached(),) * len(partner.pay.targets)
        self._targets = [TargetWalk(partner, *one) for one in zip(partner.pay.targets, reached, strict=True)]
        self._spiffs: dict[tuple[date, tuple[Product, ...]], tuple[Spiff, ...]] = {}

    def step(self, credit: Credit) -> list[Placed]:
        """The lines that belong to the next credit, its commission line first."""
        table, window = self._plans.plan_of(credit).table, self._plans.window_on(credit.won_on)
        period = self._periods.get(self._plans.period_on(credit.won_on))
        computed, self._climbed[window, table] = commission_line(
            self._plans,
            self._partner,
            credit,
            before=self._climbed.get((window, table), NOTHING),
            stated_minor=0 if period is None else period.stated_minor,
        )
        earned = [Placed(COMMISSION, computed)]
        for number, target in enumerate(self._targets):
            beyond = target.step(credit, computed)
            if beyond is not None:
                earned.append(Placed(target_section(number), beyond))
        spiffs = spiff_lines(self._plans, self._partner, self._spiffs_for(credit), credit, computed)
        earned += [Placed(SPIFFS, line) for line in spiffs]
        self._periods[computed.period] = _with(period, earned)
        return earned

    def others(self) -> Iterator[Placed]:
        """The lines that belong to no single credit: bonuses, floors and rewards, as the credits so far make them."""
        for number, target in enumerate(self._targets):
            bonus = target.bonus()
            if bonus is not None:
                yield Placed(target_section(number), bonus)
        for one in self._periods.values():
            missing = floor_line(self._plans, self._partner, one.period, one.stated_minor, one.about)
            if missing is not None:
                yield Placed(FLOORS, missing)
        for reward in self._partner.pay.rewards:
            yield Placed(REWARDS, reward_line(self._plans, self._partner, reward))

    def sums(self) -> dict[Period, Sums]:
        """The sums of every period's lines, the others included."""
        sums = {
            one.period: Sums(lines=one.lines, commission_minor=one.commission_minor, held_minor=one.held_minor)
            for one in self._periods.values()
        }
        for _, other in self.others():
            sums[other.period] = sums.get(other.period, Sums()) + sums_of([other.line])
        return sums

    def walked(self) -> Walked:
        """How far it has come."""
        return Walked(
            climbed=tuple(_climbed(*key, revenue) for key, revenue in self._climbed.items()),
            periods=tuple(self._periods.values()),
            targets=tuple(target.reached for target in self._targets),
        )

    def _spiffs_for(self, credit: Credit) -> tuple[Spiff, ...]:
        key = (credit.won_on, credit.products)
        if key not in self._spiffs:
            self._spiffs[key] = tuple(spiff for spiff in self._programme.spiffs if spiff.is_for(*key))
        return self._spiffs[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOtherwise:
    """By how much what is held differs between two walks over the same revenue: by period, and of each target.

    Nothing behind depends on it, so that what was noted there differs by just as much.
    """

    periods: tuple[tuple[Period, int], ...]
    certain: tuple[int, ...]

    @property
    def changes_something(self) -> bool:
        """Whether they differ at all."""
        return any(more for _, more in self.periods) or any(self.certain)

    def of(self, walked: Walked) -> Walked:
        """A walk that had come further, as it would have come with the other holds."""
        held = dict(self.periods)
        return replace(
            walked,
            periods=tuple(replace(one, held_minor=one.held_minor + held.get(one.period, 0)) for one in walked.periods),
            targets=tuple(
                replace(one, certain_minor=one.certain_minor + more)
                for one, more in zip(walked.targets, self.certain, strict=True)
            ),
        )


def held_otherwise(before: Walked, now: Walked) -> HeldOtherwise | None:
    """How two walks at one place differ, where they differ in nothing but how much is held; None where they do."""
    if len(before.periods) != len(now.periods):
        return None
    pairs = [*zip(before.periods, now.periods, strict=True)]
    found = HeldOtherwise(
        periods=tuple((new.period, new.held_minor - old.held_minor) for old, new in pairs),
        certain=tuple(
            new.certain_minor - old.certain_minor for old, new in zip(before.targets, now.targets, strict=True)
        ),
    )
    return found if found.of(before) == now else None


def in_credit_order(credited: Iterable[Credit]) -> list[Credit]:
    """By `won_on`, the place of the registration, the line."""
    return sorted(credited, key=lambda credit: (credit.won_on, credit.place, credit.line))


def in_order_of_statement(placed: Iterable[Placed]) -> list[Placed]:
    """What belongs to the credits, in credit order, and the others behind it, as a statement lists them."""
    return sorted(placed, key=lambda one: one.section)


def _with(before: OfPeriod | None, earned: list[Placed]) -> OfPeriod:
    """A period after the lines of one more credit. A line that is not held is rather the one that it is about."""
    first = earned[0].computed
    commission = sum(one.computed.line.commission_minor for one in earned)
    held = sum(one.computed.line.held_minor for one in earned)
    if before is None:
        return OfPeriod(
            period=first.period,
            lines=len(earned),
            commission_minor=commission,
            held_minor=held,
            stated_minor=first.line.commission_minor,
            about=first,
        )
    return OfPeriod(
        period=first.period,
        lines=before.lines + len(earned),
        commission_minor=before.commission_minor + commission,
        held_minor=before.held_minor + held,
        stated_minor=before.stated_minor + first.line.commission_minor,
        about=first if before.about.line.held_because else before.about,
    )


def _revenue(climbed: Climbed) -> Revenue:
    return Revenue(
        whole_minor=climbed.whole_minor,
        part_minor=climbed.part_minor,
        gross_whole_minor=climbed.gross_whole_minor,
        gross_part_minor=climbed.gross_part_minor,
    )


def _climbed(window: Window, table: str | None, revenue: Revenue) -> Climbed:
    return Climbed(
        window=window,
        table=table,
        whole_minor=revenue.whole_minor,
        part_minor=revenue.part_minor,
        gross_whole_minor=revenue.gross_whole_minor,
        gross_part_minor=revenue.gross_part_minor,
    )
