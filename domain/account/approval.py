"""What keeps a claim that is first from being approved: asked by everything that approves (rules §3)."""

from collections.abc import Iterator
from typing import Literal

from domain.account import territory
from domain.account.draft import Draft
from domain.account.duplicates import is_in_doubt
from domain.account.state import Account, Registration, UnderReview
from domain.deal_registration.sales_owner_events import SalesOwnerAwaited
from domain.programme.terms import Terms

Awaited = Literal["territory_case", "duplicate_case", "sales_owner"]
"""A person's decision whether it may stand, or whose account it is; or the naming of who in sales works on it."""


def approval_awaits(account: Account, registration: Registration, terms: Terms) -> Iterator[Awaited]:
    """All that has to come before the registration can be approved by itself or by a reviewer; nothing: it can be."""
    if territory.question_about(account, registration.id) is not None:
        yield "territory_case"
    if is_in_doubt(account):
        yield "duplicate_case"
    if lacks_sales_owner(registration, terms):
        yield "sales_owner"


def is_free_to_be_approved(account: Account, registration: Registration, terms: Terms) -> bool:
    """Whether nothing has to come first."""
    return next(approval_awaits(account, registration, terms), None) is None


def lacks_sales_owner(registration: Registration, terms: Terms) -> bool:
    """Whether the terms ask for a sales owner in its engagement, and none was named."""
    return registration.engagement in terms.sales_owner_required_for and registration.sales_owner != "named"


def is_under_review(registration: Registration) -> bool:
    """Whether one of its claims is first and waits for approval."""
    return any(isinstance(claim.stage, UnderReview) for claim in registration.claims)


def ask_for_sales_owners(draft: Draft) -> None:
    """Say once, of each registration under review, that a sales owner has to be named."""
    terms = draft.terms
    if not terms.terms.sales_owner_required_for:
        return
    for registration in list(draft.account.registrations.values()):
        missing = registration.sales_owner == "not_named" and lacks_sales_owner(registration, terms.terms)
        if missing and is_under_review(registration):
            draft.add(
                SalesOwnerAwaited(registration=registration.id, account=draft.account.id, terms_version=terms.version)
            )
