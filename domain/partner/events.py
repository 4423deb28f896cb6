"""What happens to a partner. These are the stored format: add, never edit."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.ids import Instant, PartnerId, RegistrationId
from domain.partner.own_terms import OwnSettings
from domain.partner.training import TrainingLevel
from domain.programme.terms import PartnerTier, PartnerTierRule

TerminationCause = Literal["other", "fraud"]
EnrolmentStage = Literal["identified", "qualified", "in_negotiation", "onboarding", "active"]
"""The stages up to active, in their order (rules §8). Suspensions and terminations are told by events of their own."""
Adjudication = Literal["released", "forfeited"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a partner may register, from a day to a last day: products, territories (ISO countries), segments; `*`: any.

    A segment is the vendor's own word for a kind of customer, such as `enterprise`.
    """

    products: tuple[str, ...]
    territories: tuple[str, ...]
    effective_from: date
    ends_on: date | None
    segments: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerEnrolled:
    """A partner is in the programme; its statements are in `currency`. Who is not active yet may lack its agreement."""

    partner: PartnerId
    name: str
    currency: str
    agreement: Agreement | None
    enrolled_on: date
    stage: EnrolmentStage = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerAdvanced:
    """The partner came to a later stage on its way to being active."""

    partner: PartnerId
    stage: EnrolmentStage
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementReplaced:
    """From `agreement.effective_from` on another agreement holds."""

    partner: PartnerId
    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSuspended:
    """The partner's lines are held and its waiting claims are skipped until it is reinstated (rules §8)."""

    partner: PartnerId
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerReinstated:
    """The suspension is over."""

    partner: PartnerId
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTerminated:
    """No new registrations from now on; the partner leaves at `ends_at`, its protection runs out (rules §8).

    When the cause is fraud, its protection ends as well.
    """

    partner: PartnerId
    reason: str
    cause: TerminationCause
    last_day: date | None
    ends_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerAcquired:
    """Another partner bought this one: at `at` it leaves, and what it has that is alive is the other's."""

    partner: PartnerId
    by: PartnerId
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificationEarned:
    """The partner passed the exam of a training level; it is certified from that day to `expires_on`, included."""

    partner: PartnerId
    level: TrainingLevel
    passed_on: date
    expires_on: date | None
    certificate: str | None
    """The number of the certificate, by which whoever held the exam knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificationRevoked:
    """What the partner had of this level counts no longer."""

    partner: PartnerId
    level: TrainingLevel
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPayAdjudicated:
    """What a partner that left had earned and was held (suspended before, or fraud) is released, or forfeited."""

    partner: PartnerId
    outcome: Adjudication
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTermsAgreed:
    """The partner is paid by other terms than the programme's, from a day to a last day (None: until they are ended).

    They are the partner's own terms of this `number`, counted from 1.
    """

    partner: PartnerId
    number: int
    effective_from: date
    ends_on: date | None
    settings: OwnSettings
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperworkFiled:
    """A document that payouts need is on file: `reference` says where. It counts to `expires_on`, that day included."""

    partner: PartnerId
    kind: str
    reference: str
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperworkRevoked:
    """The document of this kind that is on file does not count any more."""

    partner: PartnerId
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTermsEnded:
    """The partner's own terms of this number end with another last day than was agreed."""

    partner: PartnerId
    number: int
    ends_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSet:
    """The partner has a target of credited revenue for a quarter or month, in place of any that it had (rules §8).

    Reaching it earns `bonus_minor` once (0: nothing), and all revenue beyond it `accelerator_basis_points` on top of
    its commission. Amounts are in the partner's currency.
    """

    partner: PartnerId
    period: str
    target_minor: int
    bonus_minor: int
    accelerator_basis_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTierChanged:
    """The partner is in this tier from `effective_from` on, by what it was credited in the four quarters to `quarter`.

    `before` is the tier that it was in; None: in none.
    """

    partner: PartnerId
    rule: PartnerTierRule
    before: PartnerTier | None
    effective_from: date
    quarter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRewarded:
    """The partner is rewarded for what it was credited in a year, by a statement line of `evaluated_on` (rules §8).

    `amount_minor` is in the partner's currency, `credited_minor` in the programme's. The line is about the last deal
    that counted: `registration`, on the account named.
    """

    partner: PartnerId
    year: str
    credited_minor: int
    amount_minor: int
    evaluated_on: date
    registration: RegistrationId
    account: str


PartnerEvent = (
    PartnerEnrolled
    | PartnerAdvanced
    | AgreementReplaced
    | PartnerSuspended
    | PartnerReinstated
    | PartnerTerminated
    | PartnerAcquired
    | CertificationEarned
    | CertificationRevoked
    | HeldPayAdjudicated
    | PaperworkFiled
    | PaperworkRevoked
    | OwnTermsAgreed
    | OwnTermsEnded
    | TargetSet
    | PartnerTierChanged
    | PartnerRewarded
)
