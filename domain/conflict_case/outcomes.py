"""Which kind of conflict case can be decided how, in one place (rules §4)."""

from collections.abc import Mapping
from typing import Final

from domain.conflict_case.events import CaseKind, Outcome
from domain.refusal import Refusal

_OF_A_CLASH: Final[tuple[Outcome, ...]] = ("uphold", "reassign", "split", "distinct", "void")

OUTCOMES: Final[Mapping[CaseKind, tuple[Outcome, ...]]] = {
    "same_account": _OF_A_CLASH,
    "possible_duplicate": ("uphold", "distinct", "void"),
    "direct_deal": ("uphold", "reassign", "distinct", "void"),
    "territory": ("uphold", "void"),
    "customer_preference": ("uphold", "reassign", "split", "void"),
    "late_registration": ("uphold", "void"),
    "holder_changed": ("uphold", "reassign", "split", "void"),
    "merged_deals": _OF_A_CLASH,
}
"""The outcomes that make sense for each kind; every other is refused with the reason in `_WHY_NOT`."""

_NOBODY_ELSE: Final = "one registration's own win is in question, and there is nobody else to credit"
_UNDER_TWO_NAMES: Final = "it says whether two accounts are one; who goes first on one account is a case of its own"
_NO_PARTNER: Final = "the vendor's own sales team is no partner, and has no share of a commission"
_ONE_REGISTRATION: Final = "it says whether one registration may stand; a clash on the account is a case of its own"
_ONE_DEAL: Final = "it is about one deal, which cannot be two opportunities"

_WHY_NOT: Final[Mapping[tuple[CaseKind, Outcome], str]] = {
    ("possible_duplicate", "reassign"): _UNDER_TWO_NAMES,
    ("possible_duplicate", "split"): _UNDER_TWO_NAMES,
    ("direct_deal", "split"): _NO_PARTNER,
    ("territory", "reassign"): _ONE_REGISTRATION,
    ("territory", "split"): _ONE_REGISTRATION,
    ("territory", "distinct"): _ONE_REGISTRATION,
    ("customer_preference", "distinct"): "the customer has chosen between partners for one opportunity",
    ("late_registration", "reassign"): _NOBODY_ELSE,
    ("late_registration", "split"): _NOBODY_ELSE,
    ("late_registration", "distinct"): _ONE_DEAL,
    ("holder_changed", "distinct"): _ONE_DEAL,
}


def refuse_senseless(kind: CaseKind, outcome: Outcome) -> None:
    """Refuse an outcome that makes no sense for a case of this kind, and say why and what does."""
    if outcome in OUTCOMES[kind]:
        return
    *others, last = OUTCOMES[kind]
    raise Refusal(
        "WRONG_STATE",
        f"A {kind} case is not decided as {outcome}: {_WHY_NOT[kind, outcome]}. "
        f"It is decided as {', '.join(others)} or {last}.",
    )
