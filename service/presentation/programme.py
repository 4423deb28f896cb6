"""The rule book and the partners as the HTTP contract shows them."""

from collections.abc import Iterable
from datetime import date

from domain.calendar import instant_text
from domain.commission.clawbacks import ProposedClawback
from domain.ids import Instant, PartnerId
from domain.money import Money, decimal_of
from domain.partner.aggregate import Partner
from domain.partner.events import Agreement
from domain.partner.own_terms import OwnTerms
from domain.partner.paperwork import missing_on
from domain.partner.targets import Target
from domain.programme.aggregate import Programme
from domain.programme.spiffs import Spiff
from domain.programme.terms import Band, BandTable, ExchangeRate, PartnerTierRule, Terms, TermsVersion
from service.presentation.values import Document, instant_or_none, money


def terms_document(terms: Terms, currency: str) -> Document:
    """All settings, flat; amounts are figures in the programme's currency."""
    return {
        "approval": terms.approval,
        "protection_starts": terms.protection_starts,
        "protection_days": terms.protection_days,
        "extensions": terms.extensions,
        "extension_days": terms.extension_days,
        "max_live_registrations": terms.max_live_registrations,
        "required_certifications": _required_certifications(terms),
        "cool_down_days": terms.cool_down_days,
        "older_direct_deal": terms.older_direct_deal,
        "outside_territory": terms.outside_territory,
        "late_registration_hours": terms.late_registration_hours,
        "minimum_value": decimal_of(terms.minimum_value_minor, currency),
        "near_simultaneous_seconds": terms.near_simultaneous_seconds,
        "similar_name_score": terms.similar_name_score,
        "hold_contested": terms.hold_contested,
        "credit_after_expiry": terms.credit_after_expiry,
        "credit_after_expiry_days": terms.credit_after_expiry_days,
        "oldest_fact_days": terms.oldest_fact_days,
        "products": list(terms.products),
        "tiers": _tiers(terms.tiers, currency),
        "method": terms.method,
        "accumulate_over": terms.accumulate_over,
        "fiscal_year_start_month": terms.fiscal_year_start_month,
        "period": terms.period,
        "minimum_payout": decimal_of(terms.minimum_payout_minor, currency),
        "review_target_hours": terms.review_target_hours,
        "return_days": terms.return_days,
        "extension_approval": terms.extension_approval,
        "share_proposal_days": terms.share_proposal_days,
        "case_investigation_hours": terms.case_investigation_hours,
        "case_mediation_hours": terms.case_mediation_hours,
        "case_decision_hours": terms.case_decision_hours,
        "case_communication_hours": terms.case_communication_hours,
        "case_prevention_hours": terms.case_prevention_hours,
        "lead_offer_days": terms.lead_offer_days,
        "payout_paperwork": list(terms.payout_paperwork),
        "forfeit_after_days": terms.forfeit_after_days,
        "sales_owner_required_for": list(terms.sales_owner_required_for),
        **_plan(terms, currency),
    }


def _plan(terms: Terms, currency: str) -> Document:
    """The settings of how partners are paid, beside the tiers."""
    return {
        "split_mode": terms.split_mode,
        "rates_as_of": terms.rates_as_of,
        "refund_method": terms.refund_method,
        "payable_on": terms.payable_on,
        "unpaid_after_days": terms.unpaid_after_days,
        "tier_tables": _tables(terms.tier_tables, currency),
        "line_cap": decimal_of(terms.line_cap_minor, currency),
        "line_floor": decimal_of(terms.line_floor_minor, currency),
        "period_cap": decimal_of(terms.period_cap_minor, currency),
        "period_floor": decimal_of(terms.period_floor_minor, currency),
        "partner_tiers": [tier_rule_document(rule, currency) for rule in terms.partner_tiers],
    }


def tier_rule_document(rule: PartnerTierRule, currency: str) -> Document:
    """A partner tier and what it brings."""
    return {
        "tier": rule.tier,
        "top_basis_points": rule.top_basis_points,
        "discount_from_basis_points": rule.discount_from_basis_points,
        "discount_to_basis_points": rule.discount_to_basis_points,
        "co_marketing_budget": decimal_of(rule.co_marketing_budget_minor, currency),
    }


def _tiers(bands: Iterable[Band], currency: str) -> list[Document]:
    return [
        {"from": decimal_of(band.from_minor, currency), "rate_basis_points": band.rate_basis_points} for band in bands
    ]


def _tables(tables: Iterable[BandTable], currency: str) -> list[Document]:
    return [
        {
            "name": table.name,
            "products": list(table.products),
            "engagements": list(table.engagements),
            "tiers": _tiers(table.tiers, currency),
        }
        for table in tables
    ]


def own_terms_document(partner: PartnerId, own: OwnTerms, currency: str) -> Document:
    """Terms that a partner has for itself; amounts are figures in the programme's currency."""
    settings = own.settings

    def amount(amount_minor: int | None) -> str | None:
        return None if amount_minor is None else decimal_of(amount_minor, currency)

    return {
        "partner": partner,
        "number": own.number,
        "effective_from": own.effective_from.isoformat(),
        "ends_on": None if own.ends_on is None else own.ends_on.isoformat(),
        "terms": {
            "tiers": None if settings.tiers is None else _tiers(settings.tiers, currency),
            "tier_tables": None if settings.tier_tables is None else _tables(settings.tier_tables, currency),
            "method": settings.method,
            "split_mode": settings.split_mode,
            "refund_method": settings.refund_method,
            "line_cap": amount(settings.line_cap_minor),
            "line_floor": amount(settings.line_floor_minor),
            "period_cap": amount(settings.period_cap_minor),
            "period_floor": amount(settings.period_floor_minor),
        },
    }


def _required_certifications(terms: Terms) -> list[Document]:
    return [{"engagement": required.engagement, "level": required.level} for required in terms.required_certifications]


def terms_version_document(version: TermsVersion, currency: str) -> Document:
    """A published version of the terms."""
    return {
        "version": version.version,
        "effective_from": None if version.effective_from is None else version.effective_from.isoformat(),
        "recorded_at": instant_text(version.recorded_at),
        "position": version.position,
        "case": version.case,
        "terms": terms_document(version.terms, currency),
    }


def programme_document(programme: Programme, now: Instant) -> Document:
    """The programme with the terms in force."""
    in_force = programme.terms_at(now)
    return {
        "id": programme.id,
        "time_zone": programme.time_zone,
        "currency": programme.currency,
        "sandbox": programme.sandbox,
        "now": instant_text(now),
        "terms_version": in_force.version,
        "terms": terms_document(in_force.terms, programme.currency),
    }


def spiff_document(spiff: Spiff, currency: str) -> Document:
    """A SPIFF; its amount is a figure in the programme's currency."""
    return {
        "id": spiff.id,
        "name": spiff.name,
        "products": list(spiff.products),
        "first_on": spiff.first_on.isoformat(),
        "last_on": spiff.last_on.isoformat(),
        "rate_basis_points": spiff.rate_basis_points,
        "amount": decimal_of(spiff.amount_minor, currency),
    }


def clawback_document(proposed: ProposedClawback, currency: str) -> Document:
    """What should be taken back for one line."""
    return {
        "period": proposed.period,
        "line": proposed.line,
        "registration": proposed.registration,
        "amount": _amount(proposed.amount_minor, currency),
        "evidence": list(proposed.evidence),
    }


def target_document(partner: Partner, target: Target) -> Document:
    """A partner's target, in its currency."""
    return {
        "partner": partner.id,
        "period": target.period,
        "target": _amount(target.target_minor, partner.currency),
        "bonus": _amount(target.bonus_minor, partner.currency),
        "accelerator_basis_points": target.accelerator_basis_points,
    }


def _amount(amount_minor: int, currency: str) -> Document:
    return money(Money(amount_minor=amount_minor, currency=currency))


def rate_document(rate: ExchangeRate) -> Document:
    """A published exchange rate."""
    return {
        "date": rate.date.isoformat(),
        "base": rate.base,
        "quote": rate.quote,
        "rate": rate.rate,
        "position": rate.position,
    }


def partner_document(partner: Partner) -> Document:
    """A partner as it stands."""
    stage = "suspended" if partner.is_suspended else partner.stage
    return {
        "id": partner.id,
        "name": partner.name,
        "currency": partner.currency,
        "stage": stage if partner.termination is None else "terminated",
        "agreement": _agreement(partner.agreements[-1]) if partner.agreements else None,
        "certifications": [
            {
                "level": certification.level,
                "passed_on": certification.passed_on.isoformat(),
                "expires_on": None if certification.expires_on is None else certification.expires_on.isoformat(),
                "certificate": certification.certificate,
                "revoked": certification.revoked,
            }
            for certification in partner.certifications
        ],
        "enrolled_at": instant_text(partner.enrolled_at),
        "ends_at": instant_or_none(None if partner.termination is None else partner.termination.ends_at),
        "acquired_by": partner.acquired_by,
    }


def paperwork_document(partner: Partner, terms: Terms, today: date) -> Document:
    """What a partner must have on file to be paid, and what it has."""
    return {
        "partner": partner.id,
        "needed": list(terms.payout_paperwork),
        "on_file": [
            {
                "kind": paper.kind,
                "reference": paper.reference,
                "expires_on": None if paper.expires_on is None else paper.expires_on.isoformat(),
                "filed_at": instant_text(paper.filed_at),
            }
            for paper in partner.paperwork
        ],
        "missing": list(missing_on(partner.paperwork, terms.payout_paperwork, today)),
    }


def _agreement(agreement: Agreement) -> Document:
    return {
        "products": list(agreement.products),
        "territories": list(agreement.territories),
        "segments": list(agreement.segments),
        "effective_from": agreement.effective_from.isoformat(),
        "ends_on": None if agreement.ends_on is None else agreement.ends_on.isoformat(),
    }
