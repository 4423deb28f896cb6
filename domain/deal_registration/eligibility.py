"""Who may register what: a list of named policies, of which the first that says no gives the reason (rules §3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.deal_registration import policies
from domain.deal_registration.application import Application, Policy
from domain.ids import PartnerId, Share
from domain.refusal import Refusal

POLICIES: Final[Sequence[Policy]] = (
    policies.partner_is_active,
    policies.partners_of_the_shares_are_active,
    policies.agreement_is_in_force,
    policies.agreement_covers_the_products,
    policies.agreement_covers_the_territory,
    policies.agreement_covers_the_segment,
    policies.partner_is_certified_for_the_engagement,
    policies.account_is_not_an_existing_customer,
    policies.no_direct_deal_is_older,
    policies.capacity_is_left,
    policies.value_is_large_enough,
    policies.cool_down_is_over,
    policies.partner_has_not_registered_it_already,
    policies.deal_leads_to_no_registration,
)


SPEAK_OF_OTHERS: Final[frozenset[Policy]] = frozenset(
    {
        policies.partners_of_the_shares_are_active,
        policies.account_is_not_an_existing_customer,
        policies.no_direct_deal_is_older,
        policies.deal_leads_to_no_registration,
    }
)
"""What they say is not only about the partner that asks and what it did itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a policy says of an application. `looked_at` is False where the asker may not know before a no is gone."""

    policy: str
    looked_at: bool
    refusal: Refusal | None


def verdicts(application: Application, *, for_staff: bool) -> tuple[Verdict, ...]:
    """What each policy says.

    Registering tells a partner no more than the first no. So after one, what speaks of others is shown to staff only.
    """
    found: list[Verdict] = []
    for policy in POLICIES:
        refused_before = any(verdict.refusal is not None for verdict in found)
        looked_at = for_staff or policy not in SPEAK_OF_OTHERS or not refused_before
        refusal = policy(application) if looked_at else None
        found.append(Verdict(policy=policy.__name__, looked_at=looked_at, refusal=refusal))
    return tuple(found)


def refuse_if_not_eligible(application: Application) -> None:
    """Refuse with the reason of the first policy that says no."""
    for policy in POLICIES:
        refusal = policy(application)
        if refusal is not None:
            raise refusal


def refuse_bad_shares(shares: Sequence[Share], lead: PartnerId) -> None:
    """Shares are positive, name each partner once, the lead among them, and sum to 10,000 basis points (rules §5)."""
    partners = [share.partner for share in shares]
    if sum(share.basis_points for share in shares) != 10_000 or any(share.basis_points <= 0 for share in shares):
        raise Refusal("MALFORMED", "Shares are positive basis points that sum to exactly 10,000.", field="shares")
    if len(set(partners)) != len(partners):
        raise Refusal("MALFORMED", "Each partner has one share.", field="shares")
    if lead not in partners:
        raise Refusal("MALFORMED", f"The registration's partner ({lead}) is one of the shares.", field="shares")
