"""The settings of a programme (rules §3 to §7), published as versions with an effective date."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from domain.currencies import DIGITS
from domain.deal_registration.events import Engagement
from domain.ids import CaseId, Instant, Position, Product
from domain.partner.training import TrainingLevel
from domain.refusal import Refusal

Approval = Literal["automatic", "manual"]
ProtectionStart = Literal["approval", "registration"]
ExtensionApproval = Literal["automatic", "manual"]
OutsideTerritory = Literal["refuse", "review"]
OlderDirectDeal = Literal["refuse", "offer_co_sell"]
HoldContested = Literal["investigated", "open"]
CreditAfterExpiry = Literal["unclaimed", "review", "never"]
Method = Literal["marginal", "retroactive"]
SplitMode = Literal["credit_then_tier", "tier_then_split"]
RatesAsOf = Literal["won", "approved"]
RefundMethod = Literal["recompute", "pro_rata"]
PayableOn = Literal["won", "paid"]
PartnerTier = Literal["platinum", "gold", "silver", "bronze"]
Window = Literal["period", "year"]
PeriodLength = Literal["quarter", "month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A commission tier: from this credited revenue on (inclusive; minor units of the programme's money), this rate."""

    from_minor: int
    rate_basis_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredCertification:
    """An engagement asks for a training level; several of one engagement are all asked for (rules §8)."""

    engagement: Engagement
    level: TrainingLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class BandTable:
    """Commission tiers of their own for deals of some products and engagements; empty: of any.

    It is for a deal when it names every product of the deal and the deal's engagement. Revenue under it climbs its own
    bands alone.
    """

    name: str
    products: tuple[Product, ...]
    engagements: tuple[Engagement, ...]
    tiers: tuple[Band, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTierRule:
    """A partner tier: for which part of all active partners, and what it brings (rules §8).

    The budget is in the minor units of the programme's currency.
    """

    tier: PartnerTier
    top_basis_points: int
    discount_from_basis_points: int
    discount_to_basis_points: int
    co_marketing_budget_minor: int


def _partner_tier(tier: PartnerTier, top: int, discount: tuple[int, int], budget_minor: int) -> PartnerTierRule:
    return PartnerTierRule(
        tier=tier,
        top_basis_points=top,
        discount_from_basis_points=discount[0],
        discount_to_basis_points=discount[1],
        co_marketing_budget_minor=budget_minor,
    )


SEED_PARTNER_TIERS = (
    _partner_tier("platinum", 500, (3000, 4000), 5_000_000),
    _partner_tier("gold", 1500, (2500, 3000), 2_500_000),
    _partner_tier("silver", 3000, (2000, 2500), 1_000_000),
    _partner_tier("bronze", 10_000, (1500, 2000), 0),
)

SEED_TIERS = (
    Band(from_minor=0, rate_basis_points=1500),
    Band(from_minor=10_000_000, rate_basis_points=2000),
    Band(from_minor=50_000_000, rate_basis_points=2500),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All settings at once. Days are calendar days, rates basis points, amounts minor units of its currency."""

    approval: Approval = "automatic"
    protection_starts: ProtectionStart = "approval"
    protection_days: int = 30
    extensions: int = 1
    extension_days: int = 30
    max_live_registrations: int = 0
    required_certifications: tuple[RequiredCertification, ...] = ()
    cool_down_days: int = 0
    older_direct_deal: OlderDirectDeal = "refuse"
    outside_territory: OutsideTerritory = "refuse"
    late_registration_hours: int = 0
    minimum_value_minor: int = 0
    near_simultaneous_seconds: int = 5
    similar_name_score: int = 90
    """From this likeness of two names on (of 100) they may be one company's (rules §3); 0: names are not compared."""
    hold_contested: HoldContested = "investigated"
    credit_after_expiry: CreditAfterExpiry = "unclaimed"
    credit_after_expiry_days: int = 90
    oldest_fact_days: int = 400
    products: tuple[Product, ...] = ()
    tiers: tuple[Band, ...] = SEED_TIERS
    method: Method = "marginal"
    accumulate_over: Window = "period"
    fiscal_year_start_month: int = 1
    period: PeriodLength = "quarter"
    minimum_payout_minor: int = 0
    review_target_hours: int = 48
    """How soon a reviewer should have answered; 0: no target."""
    return_days: int = 5
    """For how long a returned claim keeps its place."""
    extension_approval: ExtensionApproval = "automatic"
    share_proposal_days: int = 14
    case_investigation_hours: int = 0
    """For how long a conflict case may wait for each of its steps, in calendar hours; 0: no deadline."""
    case_mediation_hours: int = 0
    case_decision_hours: int = 0
    case_communication_hours: int = 0
    case_prevention_hours: int = 0
    lead_offer_days: int = 14
    payout_paperwork: tuple[str, ...] = ()
    """What a partner must have on file to be paid, such as `tax_form`."""
    forfeit_after_days: int = 0
    """So long after a closing may be forfeited what is not paid because paperwork is missing; 0: never."""
    split_mode: SplitMode = "credit_then_tier"
    rates_as_of: RatesAsOf = "won"
    refund_method: RefundMethod = "recompute"
    payable_on: PayableOn = "won"
    unpaid_after_days: int = 60
    tier_tables: tuple[BandTable, ...] = ()
    line_cap_minor: int = 0
    line_floor_minor: int = 0
    period_cap_minor: int = 0
    period_floor_minor: int = 0
    partner_tiers: tuple[PartnerTierRule, ...] = SEED_PARTNER_TIERS
    sales_owner_required_for: tuple[Engagement, ...] = ()
    """The engagements in which nothing is approved before somebody of the vendor's sales is named."""


def seed_terms(currency: str) -> Terms:
    """The terms that a programme begins with (rules §6): the same figures in every currency, in its own minor units."""
    scale = 10 ** DIGITS[currency]
    tiers = tuple(
        Band(from_minor=band.from_minor * scale // 100, rate_basis_points=band.rate_basis_points) for band in SEED_TIERS
    )
    partner_tiers = tuple(
        replace(rule, co_marketing_budget_minor=rule.co_marketing_budget_minor * scale // 100)
        for rule in SEED_PARTNER_TIERS
    )
    return Terms(tiers=tiers, partner_tiers=partner_tiers)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsVersion:
    """One published rule book. Version 1 holds from the beginning of time (`effective_from` is None, `starts_at` 0)."""

    version: int
    effective_from: date | None
    starts_at: Instant
    position: Position
    recorded_at: Instant
    terms: Terms
    case: CaseId | None = None
    """The conflict case that it was published to prevent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """What one unit of `base` is worth in `quote` on a date; `rate` is an exact decimal string."""

    date: date
    base: str
    quote: str
    rate: str
    position: Position


def refuse_unknown_products(products: Sequence[Product], known: Sequence[Product]) -> None:
    """Refuse products that the terms do not list; where they list none, any exists."""
    unknown = [product for product in products if known and product not in known]
    if unknown:
        raise Refusal("UNKNOWN_PRODUCT", f"The programme has no product {', '.join(unknown)}.")
