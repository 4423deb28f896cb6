"""Bonuses, SPIFFs, rewards and the period's floor: lines of their own beside the commission lines (rules §8).

Each follows from the commission lines of all time, in credit order, so that whatever changes those changes these as
well, and a closed period is adjusted for both alike. What is credited and held counts for a target, as it counts for
the bands, but a bonus that was reached only with held revenue is held for the same reasons.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from domain.calendar import Period, period_from
from domain.commission.credit import Credit
from domain.commission.lines import ComputedLine, Line, LineKind, Slice, Step, StepKind
from domain.commission.plan import Plans
from domain.ids import LineId, Position
from domain.money import Money, allocate, exact_decimal_of, round_half_up
from domain.partner.aggregate import Partner
from domain.partner.rewards import Reward
from domain.partner.targets import Target
from domain.programme.spiffs import Spiff

_BASIS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Earned:
    """What an incentive line states beside the deal that it is about."""

    id: str
    kind: LineKind
    incentive: str
    rules: tuple[Position, ...]
    commission_minor: int
    step: StepKind | None = None
    figure_minor: int = 0
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetReached:
    """How far a target is reached after some of the credits.

    `certain_minor` is the part that is not held; `held_because` are the reasons of the rest, in the order in which they
    came up. `bonus` is the line of the bonus, held for no reason yet; None while the target is not reached.
    """

    reached_minor: int = 0
    certain_minor: int = 0
    held_because: tuple[str, ...] = ()
    bonus: ComputedLine | None = None


class TargetWalk:
    """One target of a partner, reached credit by credit in credit order."""

    def __init__(self, partner: Partner, target: Target, reached: TargetReached) -> None:
        """From where it stands."""
        self._partner = partner
        self._target = target
        self._period = period_from(target.period)
        self.reached = reached

    def step(self, credit: Credit, computed: ComputedLine) -> ComputedLine | None:
        """The accelerator's line of one credit: for all of it that lies beyond the target."""
        if not self._period.contains(credit.won_on):
            return None
        was, line, target = self.reached, computed.line, self._target
        reached = was.reached_minor + line.credited_minor
        is_reached_now = was.reached_minor < target.target_minor <= reached and target.bonus_minor
        self.reached = TargetReached(
            reached_minor=reached,
            certain_minor=was.certain_minor + (0 if line.held_because else line.credited_minor),
            held_because=tuple(dict.fromkeys((*was.held_because, *line.held_because))),
            bonus=self._bonus(computed) if is_reached_now else was.bonus,
        )
        beyond = min(line.credited_minor, reached - target.target_minor)
        if beyond <= 0 or not target.accelerator_basis_points:
            return None
        slices, amount = _at_rate(beyond, target.accelerator_basis_points, self._partner.currency)
        return self._line(
            computed, f"{credit.line}_beyond_{target.period}", amount=amount, step="beyond_target", slices=slices
        )

    def bonus(self) -> ComputedLine | None:
        """The line of the bonus, held while what is not held does not reach the target by itself."""
        reached = self.reached
        if reached.bonus is None:
            return None
        held = () if reached.certain_minor >= self._target.target_minor else reached.held_because
        return replace(reached.bonus, line=replace(reached.bonus.line, held_because=held))

    def _bonus(self, computed: ComputedLine) -> ComputedLine:
        line = self._line(
            computed,
            f"line_{self._partner.id}_bonus_{self._target.period}",
            amount=self._target.bonus_minor,
            step="target",
            slices=(),
        )
        return replace(line, line=replace(line.line, held_because=()))

    def _line(
        self, about: ComputedLine, line: str, *, amount: int, step: StepKind, slices: tuple[Slice, ...]
    ) -> ComputedLine:
        earned = _Earned(
            id=line,
            kind="bonus",
            incentive=f"target {self._target.period}",
            rules=(self._target.position,),
            commission_minor=amount,
            step=step,
            figure_minor=self._target.target_minor,
            slices=slices,
        )
        return _line(self._partner, about, earned)


def spiff_lines(
    plans: Plans, partner: Partner, spiffs: Sequence[Spiff], credit: Credit, computed: ComputedLine
) -> Iterator[ComputedLine]:
    """What a deal earns by these SPIFFs, which are for it: a rate on what is credited, or a part of an amount."""
    for spiff in spiffs if computed.line.credited_minor else ():
        slices, amount = _at_rate(computed.line.credited_minor, spiff.rate_basis_points, partner.currency)
        whole = plans.figure(spiff.amount_minor)
        if whole:
            shares = [(share.partner, share.basis_points) for share in credit.shares]
            slices, amount = (), allocate(whole, shares, credit.lead)[credit.own_share]
        earned = _Earned(
            id=f"{credit.line}_spiff_{spiff.id}",
            kind="spiff",
            incentive=spiff.id,
            rules=(spiff.position,),
            commission_minor=amount,
            step="spiff" if whole else None,
            figure_minor=whole,
            slices=slices,
        )
        yield _line(partner, computed, earned)


def floor_line(
    plans: Plans, partner: Partner, period: Period, stated_minor: int, about: ComputedLine
) -> ComputedLine | None:
    """What is missing to the period's floor, in a period with a commission line, by the terms of its last day.

    `stated_minor` is the commission of its commission lines; `about` the first of them that is not held, or where all
    are, the last: the floor is stated with it, and held as it is.
    """
    terms = plans.terms_on(period.ends_on)
    floor = plans.figure(terms.terms.period_floor_minor)
    if stated_minor >= floor:
        return None
    earned = _Earned(
        id=f"line_{partner.id}_floor_{period}",
        kind="bonus",
        incentive=f"floor {period}",
        rules=terms.rules,
        commission_minor=floor - stated_minor,
        step="period_floor",
        figure_minor=floor,
    )
    return _line(partner, about, earned)


def _line(partner: Partner, about: ComputedLine, earned: _Earned) -> ComputedLine:
    """A line about the deal of a commission line, held as that is, with nothing credited a second time."""
    step = None
    if earned.step is not None:
        step = Step(step=earned.step, figure_minor=earned.figure_minor, commission_minor=earned.commission_minor)
    line = replace(
        about.line,
        id=LineId(earned.id),
        value=Money(amount_minor=0, currency=partner.currency),
        exchange_rate=None,
        credited_minor=0,
        cumulative_before_minor=0,
        slices=earned.slices,
        commission_minor=earned.commission_minor,
        evidence=tuple(sorted({*about.line.evidence, *earned.rules})),
        kind=earned.kind,
        steps=() if step is None else (step,),
        tier_table=None,
        own_terms=None,
        incentive=earned.incentive,
    )
    return replace(about, line=line, rules=earned.rules)


def reward_line(plans: Plans, partner: Partner, reward: Reward) -> ComputedLine:
    """The reward of a year, on the day on which it was evaluated, about the deal that counted last for it."""
    line = Line(
        id=LineId(f"line_{partner.id}_reward_{reward.year}"),
        registration=reward.registration,
        deal=None,
        account=reward.account,
        products=(),
        won_on=reward.evaluated_on,
        value=Money(amount_minor=0, currency=partner.currency),
        exchange_rate=None,
        share_basis_points=_BASIS,
        credited_minor=0,
        cumulative_before_minor=0,
        slices=(),
        commission_minor=reward.amount_minor,
        held_because=("PARTNER_SUSPENDED",) if partner.lines_are_held else (),
        terms_version=plans.terms_on(reward.evaluated_on).version.version,
        evidence=(reward.position,),
        kind="reward",
        steps=(Step(step="reward", figure_minor=reward.amount_minor, commission_minor=reward.amount_minor),),
        incentive=f"reward {reward.year}",
    )
    return ComputedLine(
        line=line,
        period=plans.period_on(reward.evaluated_on),
        window=plans.window_on(reward.evaluated_on),
        rules=(reward.position,),
    )


def _at_rate(base_minor: int, rate_basis_points: int, currency: str) -> tuple[tuple[Slice, ...], int]:
    """A rate on revenue: the working, exact, and the amount, rounded once."""
    exact = Fraction(base_minor * rate_basis_points, _BASIS)
    part = Slice(
        tier=1,
        rate_basis_points=rate_basis_points,
        base_minor=base_minor,
        commission=exact_decimal_of(exact, currency),
    )
    return (part,), round_half_up(exact)
