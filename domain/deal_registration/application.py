"""What the eligibility policies look at: who asks for what, on which account, under which terms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from domain.account.state import Account
from domain.changed import quickly_made
from domain.deal_registration.events import Engagement
from domain.ids import Instant, Product
from domain.matching import AccountFacts
from domain.money import Money
from domain.partner.aggregate import Partner
from domain.partner.events import Agreement
from domain.programme.aggregate import Programme
from domain.programme.terms import Terms
from domain.refusal import Refusal


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A request to register as it is judged at `now`, on an account with all that fell due up to then."""

    partner: Partner
    sharing: tuple[Partner, ...]
    """The partners of the shares, the lead included."""
    agreement: Agreement | None
    """The partner's agreement that is in force today."""
    account: Account
    facts: AccountFacts
    segment: str | None
    products: tuple[Product, ...]
    value: Money
    engagement: Engagement
    deal_is_linked: bool
    live_registrations: int
    now: Instant
    today: date
    programme: Programme
    terms: Terms


Policy = Callable[[Application], Refusal | None]
"""A sentence about an application that can be true; else it gives the reason why it is not."""
