"""What happens to an account itself. These are the stored format: add, never edit.

Neither event moves anybody's place: who was first is the order in which registrations were accepted.
"""

from dataclasses import dataclass
from typing import Literal

from domain.ids import AccountId, AccountKey, CaseId, DealRef, NameKey, RegistrationId, ShareProposalId
from domain.matching import AccountFacts

MergedBecause = Literal["case", "staff", "crm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownName:
    """A name of an account, and the name keys under which it is found."""

    name: str
    keys: tuple[NameKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedDeal:
    """A CRM deal and the registration that it leads to; `one_with` are all ids of a deal that was merged."""

    deal: DealRef
    registration: RegistrationId
    one_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAliasAdded:
    """The customer has another name, domain or CRM id too: it was renamed, say. `keys` lead to it from now on."""

    account: AccountId
    facts: AccountFacts
    keys: tuple[AccountKey, ...]
    name_keys: tuple[NameKey, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsMerged:
    """`absorbed` is the same customer: all that stood on it stands on `account`, one queue in the order of positions.

    What moved is named, so that whoever reads this needs nothing else to find it again. `case` is the decided case.
    """

    account: AccountId
    absorbed: AccountId
    because: MergedBecause
    reason: str
    case: CaseId | None
    registrations: tuple[RegistrationId, ...]
    cases: tuple[CaseId, ...]
    deals: tuple[LinkedDeal, ...]
    keys: tuple[AccountKey, ...]
    names: tuple[KnownName, ...]
    share_proposals: tuple[ShareProposalId, ...]


AccountOwnEvent = AccountAliasAdded | AccountsMerged
