"""What keeps a registration under review, policy by policy, as it is told beforehand (rules §3)."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.account.approval import Awaited, approval_awaits
from domain.account.draft import Draft
from domain.account.state import Registration
from domain.conflict_case.events import Duplicate
from service.presentation.conflicts import duplicate_document
from service.presentation.registrations import doubt_of
from service.presentation.values import Document

_AWAITED: Final[Mapping[Awaited, tuple[str, str]]] = {
    "duplicate_case": (
        "account_is_not_a_possible_duplicate",
        "Another account may be the same customer: a person says whether it is.",
    ),
    "territory_case": (
        "territory_needs_no_decision",
        "The customer is outside the agreement's territory: a person says whether it may be registered.",
    ),
    "sales_owner": ("sales_owner_is_named", "The terms ask who in sales works on it: it has to be named."),
}
"""For each of the things that have to come before an approval: what is not true, and what a person has to do."""

_BY_A_PERSON: Final = "The terms let a person approve each registration."


def reviews_document(
    draft: Draft, registration: Registration, duplicates: Sequence[Duplicate], *, for_staff: bool
) -> list[Document]:
    """What each policy says of a registration that was just accepted, to staff or to its partner.

    As when it registers, a partner is not told that somebody else's registration brought the account into doubt.
    """
    account, terms = draft.account, draft.terms.terms
    awaited = set(approval_awaits(account, registration, terms))
    hidden = not for_staff and doubt_of(account, registration) is None
    found = [
        _policy(
            *_AWAITED[one],
            passed=None if hidden and one == "duplicate_case" and one in awaited else one not in awaited,
            duplicates=duplicates if for_staff and one == "duplicate_case" else None,
        )
        for one in _AWAITED
    ]
    return [*found, _policy("approval_is_automatic", _BY_A_PERSON, passed=terms.approval == "automatic")]


def _policy(
    policy: str, reason: str, *, passed: bool | None, duplicates: Sequence[Duplicate] | None = None
) -> Document:
    return {
        "policy": policy,
        "passed": passed,
        "reason": reason if passed is False else None,
        "duplicates": None if duplicates is None else [duplicate_document(one) for one in duplicates],
    }
