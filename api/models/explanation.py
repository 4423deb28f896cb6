"""Why a line is what it is."""

from typing import Literal

from pydantic import Field

from api.models.base import Answer, InstantOut, MoneyOut
from api.models.registrations import DealOut
from api.models.settling import EnteredAdjustment
from api.models.statements import Line
from service.payloads.base import Day


class StatedIn(Answer):
    """A statement that says something of the line."""

    period: str = Field(description="The statement's period.", examples=["2026-Q4"])
    closed: bool = Field(description="Whether it is closed.", examples=[True])
    kind: str = Field(description="The kind of the line, or of the adjustment.", examples=["prior_period"])
    about: str = Field(description="The period that it is about.", examples=["2026-Q3"])
    amount: MoneyOut = Field(description="How much.")
    held: MoneyOut = Field(description="The part of it that may not be paid yet.")
    evidence: list[int] = Field(description="Positions of the events behind it.", examples=[[17, 21]])


class NotChosen(Answer):
    """What was considered and not chosen."""

    what: str = Field(description="What.", examples=["version 2"])
    because: str = Field(description="Why not.", examples=["it begins on 2027-01-01, after 2026-11-25"])


class Choice(Answer):
    """A choice that the rules made for the line."""

    about: Literal["terms", "own_terms", "rate", "share", "tier_table", "bands", "incentive", "hold"] = Field(
        description="What was chosen.", examples=["terms"]
    )
    chosen: str = Field(description="What it is.", examples=["version 1"])
    because: str = Field(description="Why.", examples=["it is in force on 2026-11-25, when the deal was won"])
    not_chosen: list[NotChosen] = Field(description="What was considered beside it.")


class ClaimOn(Answer):
    """A claim on the account."""

    registration: str = Field(description="The registration.", examples=["reg_7Q"])
    partner: str = Field(description="Its partner.", examples=["northwind"])
    position: int = Field(description="Its place in the log.", examples=[17])
    registered_at: InstantOut = Field(description="When it was recorded.")
    credited: bool = Field(description="Whether the win is credited to it.", examples=[True])


class HeldFirst(Answer):
    """An interval in which a claim was first."""

    product: str = Field(description="The product.", examples=["edge"])
    registration: str = Field(description="Whose claim.", examples=["reg_7Q"])
    since: InstantOut = Field(alias="from", description="Its beginning.")
    until: InstantOut | None = Field(description="Its end, excluded; null while it lasts.")
    ended_by: str | None = Field(description="What ended it.", examples=["won"])


class Credited(Answer):
    """Whose the win is. A partner reads of its own claims alone."""

    registration: str = Field(description="The registration that is credited.", examples=["reg_7Q"])
    deal: DealOut | None = Field(description="The deal in the CRM.")
    won_on: Day = Field(description="When it was won.", examples=["2026-11-25"])
    because: str = Field(description="Why.", examples=["its claim was first when the deal was won"])
    claims: list[ClaimOn] = Field(description="Every claim that was considered, in order.")
    timeline: list[HeldFirst] = Field(description="Who was first, and when.")


class Cause(Answer):
    """What brought an event about."""

    kind: str = Field(description="`delivery`, `request`, `timer` or `none`.", examples=["delivery"])
    source: str | None = Field(description="The delivery's source.", examples=["crm"])
    id: str | None = Field(description="The delivery's id, or all that is kept of the request.", examples=["msg_1"])
    body_hash: str | None = Field(description="SHA-256 of the delivery's raw body.", examples=["9f2c"])
    body: str | None = Field(
        description="The raw body; null once it was erased, and to a partner.", examples=['{"type": "deal.won"}']
    )
    body_is_delivered: bool | None = Field(
        description="Whether the body has that digest, which the log holds; null where no body is shown.",
        examples=[True],
    )


class Evidence(Answer):
    """An event that the line follows from."""

    position: int = Field(description="Where it stands in the log.", examples=[21])
    type: str = Field(description="Its permanent name.", examples=["deal_registration.won.v1"])
    recorded_at: InstantOut = Field(description="When it was recorded.")
    what: str | None = Field(description="In words; null to a partner whom it does not concern.", examples=["Won."])
    by: str | None = Field(description="Who did it; null to a partner.", examples=["source:crm"])
    cause: Cause = Field(description="What brought it about.")
    hash: str = Field(description="The chain hash there, hexadecimal.", examples=["9f2c"])


class Explanation(Answer):
    """Why a line, or an adjustment, is what it is."""

    line: str = Field(description="What was asked about.", examples=["line_7Q_northwind"])
    partner: str = Field(description="Whose it is.", examples=["northwind"])
    statements: list[StatedIn] = Field(description="Where it stands, closed ones first.")
    now: Line | None = Field(description="As it is computed today, else as it was closed; null for what was entered.")
    entered: EnteredAdjustment | None = Field(description="What a person entered; null for a line.")
    choices: list[Choice] = Field(description="Each choice, and what was considered and not chosen.")
    credit: Credited | None = Field(description="Whose the win is; null where it credits the partner no more.")
    evidence: list[Evidence] = Field(description="Every event behind it, down to the webhook's bytes.")
