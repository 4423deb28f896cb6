"""What a statement says, line by line. Closed ones are stored in this form: add fields with defaults, never edit."""

import datetime
from dataclasses import dataclass
from typing import Literal

from domain.calendar import Period
from domain.changed import quickly_made
from domain.commission.windows import Window
from domain.ids import AdjustmentId, DealRef, LineId, PartnerId, Position, Product, RegistrationId
from domain.money import Money


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One band's part of a line. `commission` is the exact, unrounded figure in major units, as a decimal string.

    Under the retroactive method a line has two: the total of the window after it, and the total before it with a
    negative base.
    """

    tier: int
    rate_basis_points: int
    base_minor: int
    commission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateUsed:
    """The published exchange rate at which a line was converted: units of `quote` for one unit of `base`."""

    base: str
    quote: str
    rate: str
    date: datetime.date


LineKind = Literal["commission", "bonus", "spiff", "reward"]
StepKind = Literal[
    "refund",
    "split",
    "line_floor",
    "line_cap",
    "period_cap",
    "target",
    "beyond_target",
    "spiff",
    "period_floor",
    "reward",
]


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was done to a line's commission after its bands, and what it was then: rounded, in minor units.

    `figure_minor` is what it was done by: the revenue before refunds (`refund`), the commission of the whole deal
    (`split`), the floor or cap, what was left of the period's cap, the target, the SPIFF's amount for the whole deal,
    the reward.
    """

    step: StepKind
    figure_minor: int
    commission_minor: int


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One credit with its working. Amounts without a currency are in the statement's; `value` is in the deal's."""

    id: LineId
    registration: RegistrationId
    deal: DealRef | None
    account: str
    products: tuple[Product, ...]
    won_on: datetime.date
    value: Money
    exchange_rate: RateUsed | None
    share_basis_points: int
    credited_minor: int
    cumulative_before_minor: int
    """What was credited before this line in its window: the period, or the fiscal year."""
    slices: tuple[Slice, ...]
    commission_minor: int
    held_because: tuple[str, ...]
    terms_version: int
    evidence: tuple[Position, ...]
    kind: str = "commission"
    steps: tuple[Step, ...] = ()
    tier_table: str | None = None
    """The band table that the slices are of; None: the tiers for everything that no table is for."""
    own_terms: int | None = None
    """The number of the partner's own terms that took part; None: none did."""
    incentive: str | None = None
    """Which target, SPIFF, floor or reward it is; None for commission."""

    @property
    def held_minor(self) -> int:
        """The part that may not be paid yet. A hold keeps back what is owed, never forgives what is to be returned."""
        return max(0, self.commission_minor) if self.held_because else 0


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedLine:
    """A line, its period and window, and the positions of the rate and the terms that it follows from."""

    line: Line
    period: Period
    window: Window
    rules: tuple[Position, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedLine:
    """By how much one line of a closed period differs from what was settled for it, and how much of that is held."""

    line: LineId
    registration: RegistrationId
    amount_minor: int
    held_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What recomputing a closed period found: `restated - settled`, and the events that caused it (rules §7).

    Or an amount that a person entered: it has an `id` and a `reason`, and `period` is the one that it is about.
    """

    period: str
    amount_minor: int
    held_minor: int
    lines: tuple[AdjustedLine, ...]
    evidence: tuple[Position, ...]
    kind: str = "prior_period"
    id: AdjustmentId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of a statement (rules §7): payable = max(0, opening + commission + adjustments - held), or nothing."""

    commission_minor: int
    adjustments_minor: int
    held_minor: int
    opening_balance_minor: int
    payable_minor: int
    closing_balance_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one commission period owes one partner. Lines are in credit order, adjustments in order of period."""

    partner: PartnerId
    period: str
    currency: str
    lines: tuple[Line, ...]
    adjustments: tuple[Adjustment, ...]
    totals: Totals

    @property
    def states_something(self) -> bool:
        """Whether there is anything in it: lines, adjustments or a balance brought forward."""
        return bool(self.lines or self.adjustments or self.totals.opening_balance_minor)
