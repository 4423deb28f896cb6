"""Statements: what a commission period owes, line by line, with the working."""

from typing import Literal

from pydantic import Field

from api.models.base import Answer, InstantOut, MoneyOut, Written
from api.models.registrations import DealOut
from domain.commission.lines import StepKind
from service.payloads.base import Day, Request, Slug

StatementStatus = Literal["open", "closed", "acknowledged", "disputed", "paid"]


class Close(Request):
    """Close a period."""

    partner: Slug | None = Field(default=None, description="Only this one; default: every partner.", examples=[None])
    force: bool = Field(default=False, description="Also before the period has ended.", examples=[False])


class ClosedStatement(Answer):
    """A statement that is closed."""

    partner: str = Field(description="Its partner.", examples=["northwind"])
    digest: str = Field(description="The statement's digest.", examples=["9f2c"])
    payable: MoneyOut = Field(description="What is to be paid.")


class PeriodClosed(Written):
    """A period that is closed."""

    period: str = Field(description="The period.", examples=["2026-Q4"])
    closed: list[ClosedStatement] = Field(description="The statements that it closed, by partner.")


class StatementRate(Answer):
    """The exchange rate that a line was converted at."""

    base: str = Field(description="The currency that was converted.", examples=["EUR"])
    quote: str = Field(description="The statement's currency.", examples=["USD"])
    rate: str = Field(description="An exact decimal string.", examples=["1.1000"])
    date: Day = Field(description="The day that it was published for.", examples=["2026-10-01"])


class Slice(Answer):
    """The part of a line that lies in one tier."""

    tier: int = Field(description="Which tier, from 1.", examples=[1])
    rate_basis_points: int = Field(description="Its rate.", examples=[1500])
    base: MoneyOut = Field(description="The revenue in it; negative for what is taken back.")
    commission: str = Field(description="Exact and unrounded, a decimal string.", examples=["15000"])


class Step(Answer):
    """What was done to a line's commission after its tiers."""

    step: StepKind = Field(description="What it was.", examples=["line_cap"])
    figure: MoneyOut = Field(
        description="By what: the revenue before refunds, the whole deal's commission, the floor, the cap, what was "
        "left of the period's cap, the target, the SPIFF's amount for the whole deal, or the reward."
    )
    commission: MoneyOut = Field(description="What the commission is after it.")


class Working(Answer):
    """What had a part in a line beside the programme's tiers."""

    tier_table: str | None = Field(description="The tier table that the slices are of.", examples=["edge-resell"])
    own_terms: int | None = Field(description="The number of the partner's own terms.", examples=[1])
    incentive: str | None = Field(
        description="Which target, SPIFF, floor or reward it is; null for commission.", examples=["target 2026-Q4"]
    )
    steps: list[Step] = Field(description="What was done after the tiers, in order.")


class Line(Answer):
    """What one credit earns."""

    id: str = Field(description="Its id.", examples=["ln_7Q"])
    kind: Literal["commission", "bonus", "spiff", "reward"] = Field(description="Its kind.", examples=["commission"])
    registration: str = Field(description="The registration.", examples=["reg_7Q"])
    deal: DealOut | None = Field(description="The deal in the CRM.")
    account: str = Field(description="The end customer.", examples=["Acme GmbH"])
    products: list[str] = Field(description="The products.", examples=[["edge"]])
    won_on: Day = Field(description="When the deal was won.", examples=["2026-11-25"])
    value: MoneyOut = Field(description="The deal's value less refunds.")
    exchange_rate: StatementRate | None = Field(description="Null where nothing was converted.")
    share_basis_points: int = Field(description="The partner's share.", examples=[10000])
    credited: MoneyOut = Field(description="What counts for the partner, in the statement's currency.")
    cumulative_before: MoneyOut = Field(description="What counted before this line in its window.")
    slices: list[Slice] = Field(description="The working, tier by tier.")
    commission: MoneyOut = Field(description="The sum of the slices, rounded once.")
    state: Literal["earned", "held"] = Field(description="Whether it may be paid.", examples=["earned"])
    held_because: list[str] = Field(description="Why not.", examples=[[]])
    terms_version: int = Field(description="The terms that it was computed with.", examples=[1])
    evidence: list[int] = Field(description="Positions of the events behind it.", examples=[[17, 21]])
    working: Working | None = Field(
        default=None,
        description="What else had a part in it; left out where only the programme's tiers had.",
        exclude_if=lambda working: working is None,
    )


class AdjustedLine(Answer):
    """What an adjustment takes from one line of the closed period."""

    line: str = Field(description="The line.", examples=["ln_7Q"])
    registration: str = Field(description="Its registration.", examples=["reg_7Q"])
    amount: MoneyOut = Field(description="How much.")
    held: MoneyOut = Field(description="The part of it that may not be paid yet.")


class Adjustment(Answer):
    """What a closed period would have owed more, or less, had everything been known; or what a person entered."""

    kind: Literal["prior_period", "dispute", "clawback", "variance", "manual"] = Field(
        description="`prior_period` is found by recomputing; a person entered every other.", examples=["prior_period"]
    )
    period: str = Field(description="The period that it is about.", examples=["2026-Q3"])
    amount: MoneyOut = Field(description="How much.")
    held: MoneyOut = Field(description="The part of it that may not be paid yet.")
    evidence: list[int] = Field(description="Positions of the events behind it.", examples=[[40]])
    lines: list[AdjustedLine] = Field(description="Which lines of that period it comes from.")
    id: str | None = Field(default=None, description="Of one that was entered.", examples=["adj_41"])
    reason: str | None = Field(default=None, description="Why it was entered.", examples=["The order was for 150,000."])


class Totals(Answer):
    """What it comes to."""

    commission: MoneyOut = Field(description="The sum of the lines.")
    adjustments: MoneyOut = Field(description="The sum of the adjustments.")
    held: MoneyOut = Field(description="The part of both that may not be paid yet.")
    opening_balance: MoneyOut = Field(description="Carried from the period before.")
    payable: MoneyOut = Field(description="What is to be paid.")
    closing_balance: MoneyOut = Field(description="Carried to the next period.")


class Stated(Answer):
    """What a statement says, without its lines."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    period: str = Field(description="The period.", examples=["2026-Q4"])
    currency: str = Field(description="The partner's currency.", examples=["USD"])
    status: StatementStatus = Field(description="Where it is in its life.", examples=["open"])
    totals: Totals = Field(description="What it comes to.")
    closed_at: InstantOut | None = Field(description="When it was closed.")


class StatedLines(Stated):
    """What a statement says, line by line."""

    digest: str = Field(
        description="SHA-256 of the canonical JSON of partner, period, currency, lines, adjustments and totals.",
        examples=["9f2c"],
    )
    lines: list[Line] = Field(description="In credit order.")
    adjustments: list[Adjustment] = Field(description="By period.")


class StatementSummary(Stated):
    """A statement without its lines."""

    digest: str | None = Field(
        description="The statement's digest; null for an open one of more than 1,000 lines, whose digest is worked out "
        "when the statement itself is read.",
        examples=["9f2c"],
    )
    position: int = Field(description="How much of the log it has seen.", examples=[21])


class Statement(StatedLines):
    """What a commission period owes a partner."""

    position: int = Field(description="How much of the log it has seen.", examples=[21])


class StatementPage(Answer):
    """A page of statements."""

    items: list[StatementSummary] = Field(description="By period and partner.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])


class Acknowledged(StatedLines, Written):
    """A statement that its partner has acknowledged. Its `position` is, here, that of the acknowledgement."""
