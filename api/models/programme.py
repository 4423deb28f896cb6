"""The programme: its terms, exchange rates and, in a sandbox, its clock."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api.models.base import Answer, InstantOut, Written
from api.models.terms import PartnerTierIn, PartnerTierRuleOut, Score, Tier, TierOut, TierTable, TierTableOut
from domain.deal_registration.events import Engagement
from domain.partner.training import TrainingLevel
from service.payloads.base import ClockInstant, Day, Decimal, Request, Slug

Days = Annotated[int, Field(ge=1, le=3650)]
StepHours = Annotated[int, Field(ge=0, le=8_760)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class RequiredCertificationIn(Request):
    """An engagement that asks for a training level."""

    engagement: Engagement = Field(description="How the partner works on the deal.", examples=["resell"])
    level: TrainingLevel = Field(description="The training level.", examples=["sales"])


class TermsChange(Request):
    """The settings to change; every other setting stays as in the version published last."""

    approval: Literal["automatic", "manual"] = Field(default="automatic", description="Who approves who is first.")
    protection_starts: Literal["approval", "registration"] = Field(
        default="approval", description="When protection starts."
    )
    protection_days: Days = Field(default=30, description="Calendar days of protection.")
    extensions: Annotated[int, Field(ge=0, le=100)] = Field(default=1, description="Extensions that may be asked for.")
    extension_days: Days = Field(default=30, description="Calendar days of one extension.")
    max_live_registrations: Count = Field(default=0, description="For one partner; 0: any number.")
    required_certifications: Annotated[tuple[RequiredCertificationIn, ...], Field(max_length=20)] = Field(
        default=(), description="The training levels that engagements ask for, each for itself; empty: none."
    )
    cool_down_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        default=0,
        description="How long a partner whose protection ran out waits to register the account again; 0: not at all.",
    )
    outside_territory: Literal["refuse", "review"] = Field(
        default="refuse",
        description="What becomes of a registration outside its partner's territory: refused, or reviewed with a case.",
    )
    older_direct_deal: Literal["refuse", "offer_co_sell"] = Field(
        default="refuse",
        description="What becomes of a registration where the vendor's own sales have an open deal: refused, or "
        "accepted as co-sell behind it.",
    )
    late_registration_hours: Annotated[int, Field(ge=0, le=87_600)] = Field(
        default=0, description="A deal won sooner than this after its registration is held for review; 0: none is."
    )
    minimum_value: Decimal = Field(default="0.00", description="Of a registration, in the programme's currency.")
    near_simultaneous_seconds: Annotated[int, Field(ge=0, le=86_400)] = Field(
        default=5, description="Two claims within this mark their case."
    )
    similar_name_score: Score = Field(default=90, description="From this likeness of names on, 80 to 100; 0: never.")
    hold_contested: Literal["investigated", "open"] = Field(
        default="investigated", description="Which open cases hold a win."
    )
    credit_after_expiry: Literal["unclaimed", "review", "never"] = Field(
        default="unclaimed", description="What becomes of a deal won after its protection ended."
    )
    credit_after_expiry_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        default=90, description="For how long after its end."
    )
    oldest_fact_days: Days = Field(default=400, description="Facts dated further back are parked.")
    products: Annotated[tuple[Slug, ...], Field(max_length=10_000)] = Field(
        default=(), description="Those that exist; empty: any."
    )
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=50)] = Field(
        default=(), description="The commission tiers, the first from 0, ascending."
    )
    method: Literal["marginal", "retroactive"] = Field(default="marginal", description="How tiers apply.")
    accumulate_over: Literal["period", "year"] = Field(default="period", description="What tiers count over.")
    fiscal_year_start_month: Annotated[int, Field(ge=1, le=12)] = Field(
        default=1, description="The first month of the fiscal year."
    )
    period: Literal["quarter", "month"] = Field(default="quarter", description="The length of commission periods.")
    minimum_payout: Decimal = Field(default="0.00", description="Payable below this is carried forward.")
    review_target_hours: Annotated[int, Field(ge=0, le=8_760)] = Field(
        default=48, description="How soon a reviewer should have answered; 0: no target."
    )
    return_days: Days = Field(default=5, description="Calendar days for which a returned claim keeps its place.")
    extension_approval: Literal["automatic", "manual"] = Field(
        default="automatic", description="Whether an extension is granted when it is asked for, or by a person."
    )
    share_proposal_days: Days = Field(default=14, description="Calendar days in which proposed shares are answered.")
    case_investigation_hours: StepHours = Field(
        default=0, description="How soon an identified conflict case is investigated; later it is escalated. 0: off."
    )
    case_mediation_hours: StepHours = Field(default=0, description="How soon after that it is mediated; 0: off.")
    case_decision_hours: StepHours = Field(default=0, description="How soon after that it is decided; 0: off.")
    case_communication_hours: StepHours = Field(
        default=0, description="How soon after that the parties are told; 0: off."
    )
    case_prevention_hours: StepHours = Field(
        default=0, description="How soon after that it is said what was changed; 0: off."
    )
    lead_offer_days: Days = Field(default=14, description="Calendar days in which an offered lead is answered.")
    payout_paperwork: Annotated[tuple[Slug, ...], Field(max_length=20)] = Field(
        default=(), description="What a partner must have on file to be paid.", examples=[["tax_form"]]
    )
    forfeit_after_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        default=0, description="After so long what missing paperwork holds may be forfeited; 0: never."
    )
    split_mode: Literal["credit_then_tier", "tier_then_split"] = Field(
        default="credit_then_tier",
        description="Whether a partner's share climbs the tiers, or the whole deal, whose commission is split.",
    )
    rates_as_of: Literal["won", "approved"] = Field(
        default="won", description="Whether the terms of the day of the win count, or of the approval."
    )
    refund_method: Literal["recompute", "pro_rata"] = Field(
        default="recompute",
        description="Whether refunded value leaves the tiers, or only its own line shrinks in proportion.",
    )
    payable_on: Literal["won", "paid"] = Field(
        default="won", description="`paid`: a deal that is not paid in time is withheld (`UNPAID`) until it is."
    )
    unpaid_after_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        default=60, description="Under `paid`, how long after the win; 0: from the win on."
    )
    tier_tables: Annotated[tuple[TierTable, ...], Field(max_length=200)] = Field(
        default=(), description="Tiers of their own for deals of some products or engagements."
    )
    line_cap: Decimal = Field(default="0.00", description="The most that one line earns; 0: no cap.")
    line_floor: Decimal = Field(
        default="0.00", description="The least that the line of a deal with a value earns; 0: no floor."
    )
    period_cap: Decimal = Field(default="0.00", description="The most that a period's lines earn; 0: no cap.")
    period_floor: Decimal = Field(
        default="0.00", description="The least that a period with a line earns, by a bonus line; 0: no floor."
    )
    partner_tiers: Annotated[tuple[PartnerTierIn, ...], Field(min_length=1, max_length=4)] = Field(
        default=(), description="The partner tiers, the highest first; the last is for all others."
    )
    sales_owner_required_for: Annotated[tuple[Engagement, ...], Field(max_length=5)] = Field(
        default=(),
        description="The engagements in which nothing is approved before a sales owner is named; empty: none.",
        examples=[["co_sell"]],
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("state at least one setting")
        return self


class PublishTerms(Request):
    """Publish a version of the terms."""

    effective_from: Day = Field(description="Its first day in the programme's zone.", examples=["2027-01-01"])
    terms: TermsChange = Field(description="What changes.", examples=[{"protection_days": 45}])


class MoveClock(Request):
    """Move a sandbox's clock forwards."""

    now: ClockInstant = Field(description="The instant that it shall show.", examples=["2027-01-02T00:00:00Z"])


class RequiredCertification(Answer):
    """An engagement that asks for a training level."""

    engagement: Engagement = Field(description="How the partner works on the deal.", examples=["resell"])
    level: TrainingLevel = Field(description="The training level.", examples=["sales"])


class Terms(Answer):
    """All settings of the rules, flat."""

    approval: str = Field(description="`automatic` or `manual`.", examples=["automatic"])
    protection_starts: str = Field(description="`approval` or `registration`.", examples=["approval"])
    protection_days: int = Field(description="Calendar days of protection.", examples=[30])
    extensions: int = Field(description="Extensions that may be asked for.", examples=[1])
    extension_days: int = Field(description="Calendar days of one extension.", examples=[30])
    max_live_registrations: int = Field(description="For one partner; 0: any number.", examples=[0])
    required_certifications: list[RequiredCertification] = Field(description="What engagements ask for.")
    cool_down_days: int = Field(description="Before a partner registers an account again; 0: none.", examples=[0])
    outside_territory: str = Field(description="`refuse` or `review`.", examples=["refuse"])
    older_direct_deal: str = Field(description="`refuse` or `offer_co_sell`.", examples=["refuse"])
    late_registration_hours: int = Field(description="0: off.", examples=[0])
    minimum_value: str = Field(description="Of a registration, in the programme's currency.", examples=["0.00"])
    near_simultaneous_seconds: int = Field(description="Two claims within this mark their case.", examples=[5])
    similar_name_score: int = Field(description="From this likeness of names on, accounts may be one.", examples=[90])
    hold_contested: str = Field(description="`investigated` or `open`.", examples=["investigated"])
    credit_after_expiry: str = Field(description="`unclaimed`, `review` or `never`.", examples=["unclaimed"])
    credit_after_expiry_days: int = Field(description="For how long after its end.", examples=[90])
    oldest_fact_days: int = Field(description="Facts dated further back are parked.", examples=[400])
    products: list[str] = Field(description="Those that exist; empty: any.", examples=[[]])
    tiers: list[TierOut] = Field(description="The commission tiers.")
    method: str = Field(description="`marginal` or `retroactive`.", examples=["marginal"])
    accumulate_over: str = Field(description="`period` or `year`.", examples=["period"])
    fiscal_year_start_month: int = Field(description="The first month of the fiscal year.", examples=[1])
    period: str = Field(description="`quarter` or `month`.", examples=["quarter"])
    minimum_payout: str = Field(description="Payable below this is carried forward.", examples=["0.00"])
    review_target_hours: int = Field(description="How soon a reviewer should have answered; 0: off.", examples=[48])
    return_days: int = Field(description="For how long a returned claim keeps its place.", examples=[5])
    extension_approval: str = Field(description="`automatic` or `manual`.", examples=["automatic"])
    share_proposal_days: int = Field(description="In which proposed shares are answered.", examples=[14])
    case_investigation_hours: int = Field(description="How soon a case is investigated; 0: off.", examples=[48])
    case_mediation_hours: int = Field(description="How soon after that it is mediated; 0: off.", examples=[48])
    case_decision_hours: int = Field(description="How soon after that it is decided; 0: off.", examples=[120])
    case_communication_hours: int = Field(description="How soon after that the parties are told.", examples=[24])
    case_prevention_hours: int = Field(description="How soon after that the case is closed.", examples=[0])
    lead_offer_days: int = Field(description="In which an offered lead is answered.", examples=[14])
    payout_paperwork: list[str] = Field(
        description="What a partner must have on file to be paid.", examples=[["tax_form"]]
    )
    forfeit_after_days: int = Field(
        description="After so long what missing paperwork holds may be forfeited; 0: never.", examples=[0]
    )
    sales_owner_required_for: list[str] = Field(
        description="In which engagements nothing is approved before a sales owner is named.", examples=[["co_sell"]]
    )
    split_mode: str = Field(description="`credit_then_tier` or `tier_then_split`.", examples=["credit_then_tier"])
    rates_as_of: str = Field(description="`won` or `approved`.", examples=["won"])
    refund_method: str = Field(description="`recompute` or `pro_rata`.", examples=["recompute"])
    payable_on: str = Field(description="`won` or `paid`.", examples=["won"])
    unpaid_after_days: int = Field(description="Under `paid`, how long after the win.", examples=[60])
    tier_tables: list[TierTableOut] = Field(description="Tiers for deals of some products or engagements.")
    line_cap: str = Field(description="The most that one line earns; 0: no cap.", examples=["0.00"])
    line_floor: str = Field(description="The least that a line earns; 0: no floor.", examples=["0.00"])
    period_cap: str = Field(description="The most that a period's lines earn; 0: no cap.", examples=["0.00"])
    period_floor: str = Field(description="The least that a period earns; 0: no floor.", examples=["0.00"])
    partner_tiers: list[PartnerTierRuleOut] = Field(description="The partner tiers, the highest first.")


class TermsVersion(Answer):
    """One published version of the terms."""

    version: int = Field(description="Its number; decisions cite it.", examples=[1])
    effective_from: Day | None = Field(description="Null: from the beginning of time.", examples=[None])
    recorded_at: InstantOut = Field(description="When it was published.")
    position: int = Field(description="Its event's place in the log.", examples=[1])
    case: str | None = Field(
        description="The conflict case that it was published to prevent from happening again.", examples=[None]
    )
    terms: Terms = Field(description="All settings.")


class TermsPage(Answer):
    """A page of terms versions."""

    items: list[TermsVersion] = Field(description="Oldest first.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])


class TermsPublished(Written):
    """A version of the terms, just published."""

    version: int = Field(description="Its number.", examples=[2])
    effective_from: Day | None = Field(description="Its first day.", examples=["2027-01-01"])
    terms: Terms = Field(description="All settings.")


class Programme(Answer):
    """The programme."""

    id: str = Field(description="Its id.", examples=["default"])
    time_zone: str = Field(description="Its IANA time zone.", examples=["UTC"])
    currency: str = Field(description="Its currency.", examples=["USD"])
    sandbox: bool = Field(description="Whether its clock can be moved.", examples=[False])
    now: InstantOut = Field(description="What time it is for its rules.")
    terms_version: int = Field(description="The version in force.", examples=[1])
    terms: Terms = Field(description="The terms in force.")


class ClockMoved(Written):
    """Where a sandbox's clock stands."""

    now: InstantOut = Field(description="The instant that it shows.")
