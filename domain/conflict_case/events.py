"""What happens in a conflict case. These are the stored format: add, never edit."""

from dataclasses import dataclass
from typing import Literal

from domain.changed import quickly_made
from domain.ids import AccountId, CaseId, Instant, PartnerId, Product, RegistrationId, Share

CaseKind = Literal[
    "same_account",
    "possible_duplicate",
    "direct_deal",
    "territory",
    "customer_preference",
    "late_registration",
    "holder_changed",
    "merged_deals",
]
Outcome = Literal["uphold", "reassign", "split", "distinct", "void"]
ReviewReason = Literal["WON_BEFORE_REGISTERED", "LATE_REGISTRATION", "AFTER_EXPIRY", "HOLDER_CHANGED"]
AwaitedStep = Literal["investigated", "mediated", "decided", "communicated", "prevented"]
MootReason = Literal["holder_ended", "challenger_ended", "no_longer_so", "same_partner"]
MatchRule = Literal["equal_keys", "shared_domain", "similar_name", "merged_deals"]
"""Why two accounts may be one: keys that lead to both, one domain in two countries, names that are alike, or deals of
theirs that the CRM merged, since one deal has one customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """What all these events say: which case, on which account."""

    case: CaseId
    account: AccountId


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Another account that may be the same one: the rule that fired, on which of its registrations, and the score."""

    account: AccountId
    registration: RegistrationId | None
    """None: nobody registered it; the CRM named it as a customer's."""
    rule: MatchRule
    score: int
    """How alike the two names are, from 0 to 100, whichever rule fired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseIdentified(CaseEvent):
    """The service saw a clash. `challenger` is whose claim or win is in question, `holder` who stands against it."""

    kind: CaseKind
    challenger: RegistrationId
    holder: RegistrationId | None
    product: Product | None
    because: ReviewReason | None
    near_simultaneous: bool
    terms_version: int
    next_due_at: Instant | None = None
    """By when the next step should be taken, by the terms then; None: no deadline."""
    duplicates: tuple[Duplicate, ...] = ()
    """Of a `possible_duplicate`: the other accounts, the likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fact that a party brought to the case, and where it can be seen."""

    party: str
    fact: str
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseInvestigated(CaseEvent):
    """Facts from the parties."""

    findings: tuple[Finding, ...]
    next_due_at: Instant | None = None
    """By when the next step should be taken, by the terms then; None: no deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMediated(CaseEvent):
    """The parties talked (`summary`), or why that was skipped."""

    summary: str | None
    skipped: str | None
    next_due_at: Instant | None = None
    """By when the next step should be taken, by the terms then; None: no deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecided(CaseEvent):
    """Who is right, by which rule, and whether that overrides strict priority."""

    outcome: Outcome
    rule: str
    reason: str
    overrides_priority: bool
    against: RegistrationId | None
    """Whom the challenger stood against at the decision."""
    protected_from: Instant | None
    protected_until: Instant | None
    """The protection that the decision gives: to the challenger, or in a split to a holder that had none."""
    terms_version: int
    shares: tuple[Share, ...] = ()
    """Of a split: how the two, and whoever co-sells with them, share the credit."""
    sharing: tuple[RegistrationId, ...] = ()
    """Of a split before a win: the registrations that go on as one co-sell opportunity, the holder's first."""
    next_due_at: Instant | None = None
    """By when the next step should be taken, by the terms then; None: no deadline."""
    same_as: AccountId | None = None
    """Of an upheld `possible_duplicate`: which account it is, as it was said; None: the likeliest that is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a party was told."""

    party: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCommunicated(CaseEvent):
    """Parties were told; the step is taken once nobody is `still_to_tell`."""

    messages: tuple[Message, ...]
    next_due_at: Instant | None = None
    """By when the next step should be taken, by the terms then; None: no deadline."""
    still_to_tell: tuple[PartnerId, ...] = ()
    """The partners of the case whom nobody has told yet. Events from before this was recorded say of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePrevented(CaseEvent):
    """What was changed so that this does not happen again (`change`), or why nothing was."""

    change: str | None
    no_change: str | None
    terms_version: int | None = None
    """The version of the terms that was published for it, in the same transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBecameMoot(CaseEvent):
    """The clash is gone without a decision."""

    because: MootReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEscalated(CaseEvent):
    """A step was not taken by `due_at` (which may lie before this was recorded)."""

    awaited: AwaitedStep
    due_at: Instant


ConflictCaseEvent = (
    CaseIdentified
    | CaseInvestigated
    | CaseMediated
    | CaseDecided
    | CaseCommunicated
    | CasePrevented
    | CaseBecameMoot
    | CaseEscalated
)
