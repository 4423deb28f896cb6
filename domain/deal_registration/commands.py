"""What can be asked about a registration. All that a decision needs is in the command; free text is kept elsewhere."""

from dataclasses import dataclass
from datetime import date

from domain.changed import quickly_made
from domain.conflict_case.events import Duplicate
from domain.deal_registration.deal import DealFact
from domain.deal_registration.events import Engagement, RejectionCode
from domain.deal_registration.involvement import LeadOrigin, PartnerRole
from domain.ids import AccountKey, DealRef, NameKey, PartnerId, Product, RegistrationId, Share, ShareProposalId
from domain.matching import AccountFacts
from domain.money import Money
from domain.partner.aggregate import Partner


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDeal:
    """Ask to be credited for an opportunity. `deal_is_linked`: the CRM deal leads to a registration already.

    `duplicates` are the other accounts that may be the one meant, the likeliest first.
    """

    registration: RegistrationId
    partner: Partner
    sharing: tuple[Partner, ...]
    facts: AccountFacts
    stated_crm_id: str | None
    keys: tuple[AccountKey, ...]
    products: tuple[Product, ...]
    value: Money
    engagement: Engagement
    expected_close_on: date | None
    deal: DealRef | None
    deal_is_linked: bool
    shares: tuple[Share, ...]
    live_registrations: int
    segment: str | None = None
    origin: LeadOrigin | None = None
    roles: tuple[PartnerRole, ...] = ()
    name_keys: tuple[NameKey, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    one_deal: tuple[DealRef, ...] = ()
    """All ids of the CRM that are one with `deal`, where it was merged before anybody registered it."""
    has_sales_owner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRegistration:
    """Approve what is under review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRegistration:
    """Say no, with the reason in words and, where one fits, from the list."""

    reason: str
    code: RejectionCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRegistration:
    """Ask the partner to change some fields."""

    reason: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResubmitRegistration:
    """Answer a return; None leaves a field as it is."""

    value: Money | None
    engagement: Engagement | None
    expected_close_on: date | None
    changed: tuple[str, ...]
    """All fields that the answer changes, also those kept beside the log."""
    names_sales_owner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSalesOwner:
    """Say that somebody of the vendor's sales works on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRegistration:
    """Take it back."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendProtection:
    """Ask for a longer protection, with evidence of activity."""

    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantExtension:
    """Grant the extension that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineExtension:
    """Say no to the extension that was asked for."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeShares:
    """State how a win would be shared."""

    shares: tuple[Share, ...]
    sharing: tuple[Partner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeShares:
    """Ask every partner named to agree. The lead partner agrees by proposing; `by` is None where staff proposes."""

    proposal: ShareProposalId
    shares: tuple[Share, ...]
    sharing: tuple[Partner, ...]
    by: PartnerId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptShares:
    """A partner named in a proposal agrees. `sharing` are all that are named in it."""

    proposal: ShareProposalId
    partner: PartnerId
    sharing: tuple[Partner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineShares:
    """A partner named in a proposal does not agree."""

    proposal: ShareProposalId
    partner: PartnerId
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRoles:
    """State which partners have which part in the work on the deal."""

    roles: tuple[PartnerRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDeal:
    """Link the registration to a CRM deal. `facts` come along when staff moves the deal from another registration."""

    deal: DealRef
    linked_elsewhere: bool
    by_staff: bool
    facts: tuple[DealFact, ...]
    one_deal: tuple[DealRef, ...] = ()
    """All ids of the CRM that are one with `deal`, where it was merged."""


ReviewCommand = (
    ApproveRegistration
    | RejectRegistration
    | ReturnRegistration
    | ResubmitRegistration
    | WithdrawRegistration
    | NameSalesOwner
)
ExtensionCommand = ExtendProtection | GrantExtension | DeclineExtension

RegistrationCommand = (
    ReviewCommand
    | ExtensionCommand
    | AgreeShares
    | ProposeShares
    | AcceptShares
    | DeclineShares
    | StateRoles
    | LinkDeal
)
