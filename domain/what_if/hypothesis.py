"""What somebody asks about: other terms, facts that were not told, decisions that were not taken."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from domain.conflict_case.events import Outcome
from domain.deal_registration.deal_facts import ReportFact
from domain.ids import CaseId, DealRef, Share
from domain.programme.terms import Terms
from domain.what_if.retelling import ChangeTerms

COMMISSION_SETTINGS = frozenset(
    {
        "tiers",
        "method",
        "accumulate_over",
        "fiscal_year_start_month",
        "period",
        "minimum_payout_minor",
        "payout_paperwork",
        "forfeit_after_days",
        "review_target_hours",
        "split_mode",
        "rates_as_of",
        "refund_method",
        "tier_tables",
        "line_cap_minor",
        "line_floor_minor",
        "period_cap_minor",
        "period_floor_minor",
    }
)
"""What changes nothing about who is first: terms that differ in nothing else need no telling again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTold:
    """The CRM says something about a deal, now, however long ago it happened."""

    deal: DealRef
    fact: ReportFact


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecidedSo:
    """A conflict case is decided now; the steps before that are taken with it."""

    case: CaseId
    outcome: Outcome
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """Other terms from the beginning of time on (None: as they were), and what happens on top of that, in order."""

    change: ChangeTerms | None
    happens: Sequence[FactTold | CaseDecidedSo]


def tells_again(change: ChangeTerms, terms: Terms) -> bool:
    """Whether a change of terms may change who is first, or what is decided by hand."""
    changed = change(terms)
    return any(
        getattr(changed, field.name) != getattr(terms, field.name)
        for field in fields(Terms)
        if field.name not in COMMISSION_SETTINGS
    )
