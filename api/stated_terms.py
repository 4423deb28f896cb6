"""Terms as a caller states them, read into those of the rules; what contradicts itself is refused, saying where.

Amounts and bands are figures in the programme's currency, which only the programme knows.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from pydantic import BaseModel

from api.models.programme import TermsChange
from api.models.terms import PartnerTierIn, Tier, TierTable
from domain.changed import changed
from domain.commission.plan import overlapping_tables
from domain.ids import Product
from domain.money import decimal_of, money_of
from domain.programme.terms import Band, BandTable, PartnerTierRule, RequiredCertification, Terms
from domain.refusal import Refusal

_ALL: Final = 10_000

AMOUNTS: Final = ("minimum_value", "minimum_payout", "line_cap", "line_floor", "period_cap", "period_floor")
"""The settings that are amounts, as they are stated; of a domain's setting the name ends in `_minor`."""


def merged(change: TermsChange) -> Callable[[Terms, str], Terms]:
    """Puts the stated settings into the last terms, whose amounts are in the programme's currency."""

    def merge(last: Terms, currency: str) -> Terms:
        terms = changed(last, **settings(change, currency))
        _refuse_cap_below_floor(terms)
        return terms

    return merge


def settings(change: BaseModel, currency: str) -> dict[str, Any]:
    """The settings that a request states, by the names that they have in the rules."""
    found: dict[str, Any] = {}
    for name in change.model_fields_set:
        value = getattr(change, name)
        if value is None:
            continue
        if name == "tiers":
            found[name] = bands(value, currency, "terms.tiers")
        elif name == "tier_tables":
            found[name] = band_tables(value, currency)
        elif name == "partner_tiers":
            found[name] = partner_tiers(value, currency)
        elif name == "required_certifications":
            found[name] = tuple(RequiredCertification(engagement=r.engagement, level=r.level) for r in value)
        elif name in AMOUNTS:
            found[f"{name}_minor"] = minor(value, currency, f"terms.{name}")
        else:
            found[name] = value
    return found


def bands(tiers: Sequence[Tier], currency: str, field: str) -> tuple[Band, ...]:
    """Commission tiers: the first from 0, each further one from more, without a gap and without an overlap."""
    found = tuple(
        Band(from_minor=minor(tier.since, currency, f"{field}.{place}.from"), rate_basis_points=tier.rate_basis_points)
        for place, tier in enumerate(tiers)
    )
    if found[0].from_minor != 0:
        first = decimal_of(found[0].from_minor, currency)
        raise malformed_terms(f"{field}.0.from", f"the first tier is from 0: nothing says what is earned below {first}")
    for place, band in enumerate(found[1:], start=1):
        if band.from_minor <= found[place - 1].from_minor:
            raise malformed_terms(f"{field}.{place}.from", "each further tier is from more than the one before")
    for place, tier in enumerate(tiers):
        _refuse_another_end(tier, place, found, currency, field)
    return found


def _refuse_another_end(tier: Tier, place: int, found: Sequence[Band], currency: str, field: str) -> None:
    """A tier that says where it ends ends where the next one begins; the last one has no end."""
    if tier.until is None:
        return
    until = minor(tier.until, currency, f"{field}.{place}.to")
    follows = found[place + 1].from_minor if place + 1 < len(found) else None
    if until == follows:
        return
    if follows is None:
        message = f"nothing says what is earned from {tier.until} on: the last tier has no end"
    elif until < follows:
        message = f"a gap: nothing says what is earned from {tier.until} to {decimal_of(follows, currency)}"
    else:
        message = f"an overlap: the next tier begins at {decimal_of(follows, currency)} already"
    raise malformed_terms(f"{field}.{place}.to", message)


def band_tables(tables: Sequence[TierTable], currency: str) -> tuple[BandTable, ...]:
    """Band tables, no two of which could be for one deal and equally so."""
    found = tuple(
        BandTable(
            name=table.name,
            products=tuple(sorted(map(Product, table.products))),
            engagements=tuple(sorted(table.engagements)),
            tiers=bands(table.tiers, currency, f"terms.tier_tables.{place}.tiers"),
        )
        for place, table in enumerate(tables)
    )
    names = [table.name for table in found]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise malformed_terms(f"terms.tier_tables.{place}.name", f"another table is named {name}")
    for before, place in overlapping_tables(found):
        message = f"it overlaps with table {names[before]}: a deal could be paid by either"
        raise malformed_terms(f"terms.tier_tables.{place}", message)
    return found


def partner_tiers(tiers: Sequence[PartnerTierIn], currency: str) -> tuple[PartnerTierRule, ...]:
    """The partner tiers: each is named once and for a larger part than the one before, the last for all others."""
    for place, tier in enumerate(tiers):
        field = f"terms.partner_tiers.{place}"
        if tier.tier in [before.tier for before in tiers[:place]]:
            raise malformed_terms(f"{field}.tier", f"{tier.tier} is named twice")
        if place and tier.top_basis_points <= tiers[place - 1].top_basis_points:
            raise malformed_terms(f"{field}.top_basis_points", "each further tier is for a larger part of the partners")
    if tiers[-1].top_basis_points != _ALL:
        field = f"terms.partner_tiers.{len(tiers) - 1}.top_basis_points"
        raise malformed_terms(field, f"a gap: the last tier is for all others, {_ALL}")
    return tuple(
        PartnerTierRule(
            tier=tier.tier,
            top_basis_points=tier.top_basis_points,
            discount_from_basis_points=tier.discount_from_basis_points,
            discount_to_basis_points=tier.discount_to_basis_points,
            co_marketing_budget_minor=minor(
                tier.co_marketing_budget, currency, f"terms.partner_tiers.{place}.co_marketing_budget"
            ),
        )
        for place, tier in enumerate(tiers)
    )


def _refuse_cap_below_floor(terms: Terms) -> None:
    for kind in ("line", "period"):
        floor, cap = getattr(terms, f"{kind}_floor_minor"), getattr(terms, f"{kind}_cap_minor")
        if cap and floor > cap:
            raise malformed_terms(f"terms.{kind}_floor", f"this is more than the {kind}_cap")


def minor(decimal: str, currency: str, field: str) -> int:
    """An amount in the programme's currency, which is not negative."""
    try:
        amount = money_of(decimal, currency).amount_minor
    except ValueError as failure:
        raise malformed_terms(field, str(failure)) from None
    if amount < 0:
        raise malformed_terms(field, "this amount may not be negative")
    return amount


def malformed_terms(field: str, message: str) -> Refusal:
    """What only the programme's own currency can tell to be malformed."""
    errors = [{"field": field, "code": "value_error", "message": message}]
    return Refusal("MALFORMED", "The request does not have the stated form.", errors=errors)
