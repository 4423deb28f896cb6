"""Commission tiers, band tables, and the terms that one partner has for itself."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from api.models.base import Answer, Written
from domain.deal_registration.events import Engagement
from domain.name_likeness import likeness_that_counts
from domain.programme.terms import PartnerTier
from service.payloads.base import BasisPoints, Day, Decimal, LongText, Request, Slug

Score = Annotated[int, Field(ge=0, le=100), AfterValidator(likeness_that_counts)]


class Tier(Request):
    """A commission tier: from this credited revenue (included) at this rate."""

    since: Decimal = Field(alias="from", description="In the programme's currency.", examples=["100000.00"])
    rate_basis_points: Annotated[int, Field(ge=0, le=10_000)] = Field(
        description="Its rate, in basis points.", examples=[2000]
    )
    until: Decimal | None = Field(
        default=None,
        alias="to",
        description="Where it ends (excluded), for whoever wants it checked; where the next begins.",
        examples=["500000.00"],
    )


class TierTable(Request):
    """Commission tiers of their own for deals whose products and engagement it names. Its revenue climbs them alone.

    Of several that are for a deal one with products and engagements counts before one with products, and that before
    one with engagements.
    """

    name: Slug = Field(description="Its name; lines show it.", examples=["edge-resell"])
    products: Annotated[tuple[Slug, ...], Field(max_length=500)] = Field(
        default=(), description="For deals all of whose products are among these; empty: any.", examples=[["edge"]]
    )
    engagements: Annotated[tuple[Engagement, ...], Field(max_length=5)] = Field(
        default=(), description="For deals of these engagements; empty: any.", examples=[["resell"]]
    )
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=50)] = Field(
        description="The tiers, the first from 0, ascending."
    )

    @model_validator(mode="after")
    def _is_for_something(self) -> Self:
        if not self.products and not self.engagements:
            raise ValueError("a table names products or engagements; for everything else there are the tiers")
        return self


class TierOut(Answer):
    """A commission tier."""

    since: str = Field(alias="from", description="In the programme's currency, included.", examples=["100000.00"])
    rate_basis_points: int = Field(description="Its rate.", examples=[2000])


class TierTableOut(Answer):
    """Commission tiers for deals of some products and engagements."""

    name: str = Field(description="Its name; lines show it.", examples=["edge-resell"])
    products: list[str] = Field(description="Its products; empty: any.", examples=[["edge"]])
    engagements: list[str] = Field(description="Its engagements; empty: any.", examples=[["resell"]])
    tiers: list[TierOut] = Field(description="Its tiers.")


class PartnerTierIn(Request):
    """A partner tier: for which part of all active partners, and what it brings."""

    tier: PartnerTier = Field(description="The tier.", examples=["gold"])
    top_basis_points: BasisPoints = Field(
        description="For the partners credited most, up to this part of all; of the last: 10000.", examples=[1500]
    )
    discount_from_basis_points: Annotated[int, Field(ge=0, le=10_000)] = Field(
        description="Its discounts, from.", examples=[2500]
    )
    discount_to_basis_points: Annotated[int, Field(ge=0, le=10_000)] = Field(description="To.", examples=[3000])
    co_marketing_budget: Decimal = Field(description="In the programme's currency.", examples=["25000.00"])

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.discount_to_basis_points < self.discount_from_basis_points:
            raise ValueError("a range of discounts does not end before it begins")
        return self


class PartnerTierRuleOut(Answer):
    """A partner tier: for which part of all active partners, and what it brings."""

    tier: str = Field(description="The tier.", examples=["gold"])
    top_basis_points: int = Field(description="For this part of all active partners.", examples=[1500])
    discount_from_basis_points: int = Field(description="Its discounts, from.", examples=[2500])
    discount_to_basis_points: int = Field(description="To.", examples=[3000])
    co_marketing_budget: str = Field(description="In the programme's currency.", examples=["25000.00"])


class OwnSettings(Request):
    """What the partner is paid by instead of the programme's terms; what is left out stays as in them.

    Amounts are figures in the programme's currency. With `tiers` of its own and no `tier_tables`, a partner is paid by
    these tiers for every deal.
    """

    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="The tiers, the first from 0, ascending."
    )
    tier_tables: Annotated[tuple[TierTable, ...], Field(max_length=200)] | None = Field(
        default=None, description="Tiers for deals of some products or engagements."
    )
    method: Literal["marginal", "retroactive"] | None = Field(default=None, description="How tiers apply.")
    split_mode: Literal["credit_then_tier", "tier_then_split"] | None = Field(
        default=None, description="How a shared deal is paid."
    )
    refund_method: Literal["recompute", "pro_rata"] | None = Field(default=None, description="How refunds count.")
    line_cap: Decimal | None = Field(default=None, description="The most that one line earns; 0: no cap.")
    line_floor: Decimal | None = Field(default=None, description="The least that a line earns; 0: no floor.")
    period_cap: Decimal | None = Field(default=None, description="The most that a period's lines earn; 0: no cap.")
    period_floor: Decimal | None = Field(default=None, description="The least that a period earns; 0: no floor.")

    @model_validator(mode="after")
    def _promises_something(self) -> Self:
        if not any(getattr(self, name) is not None for name in self.model_fields_set):
            raise ValueError("state at least one setting")
        return self


class AgreeOwnTerms(Request):
    """Agree with a partner on terms of its own."""

    effective_from: Day = Field(description="Their first day in the programme's zone.", examples=["2027-01-01"])
    ends_on: Day | None = Field(default=None, description="Their last day, included.", examples=["2027-12-31"])
    terms: OwnSettings = Field(description="What differs.", examples=[{"line_cap": "50000.00"}])
    reason: LongText = Field(description="Why.", examples=["Agreed for the launch of the region."])

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.effective_from:
            raise ValueError("terms do not end before they begin")
        return self


class EndOwnTerms(Request):
    """Let a partner's own terms end."""

    ends_on: Day = Field(description="Their last day, included.", examples=["2027-06-30"])
    reason: LongText = Field(description="Why.", examples=["The region is launched."])


class OwnSettingsOut(Answer):
    """What the partner is paid by instead of the programme's terms; null: as in them."""

    tiers: list[TierOut] | None = Field(description="The tiers.")
    tier_tables: list[TierTableOut] | None = Field(description="Tiers for deals of some products or engagements.")
    method: str | None = Field(description="How tiers apply.", examples=[None])
    split_mode: str | None = Field(description="How a shared deal is paid.", examples=[None])
    refund_method: str | None = Field(description="How refunds count.", examples=[None])
    line_cap: str | None = Field(description="The most that one line earns; 0: no cap.", examples=["50000.00"])
    line_floor: str | None = Field(description="The least that a line earns; 0: no floor.", examples=[None])
    period_cap: str | None = Field(description="The most that a period's lines earn; 0: no cap.", examples=[None])
    period_floor: str | None = Field(description="The least that a period earns; 0: no floor.", examples=[None])


class OwnTerms(Answer):
    """Terms that a partner has for itself."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    number: int = Field(description="Counted from 1; lines show it.", examples=[1])
    effective_from: Day = Field(description="Their first day.", examples=["2027-01-01"])
    ends_on: Day | None = Field(description="Their last day, included; null: none yet.", examples=["2027-12-31"])
    terms: OwnSettingsOut = Field(description="What differs.")


class OwnTermsWritten(OwnTerms, Written):
    """Terms that a partner has for itself, just agreed or ended."""


class OwnTermsList(Answer):
    """All terms that a partner ever had for itself."""

    items: list[OwnTerms] = Field(description="In the order in which they were agreed.")
