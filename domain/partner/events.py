"""What happens to a partner. These are the stored format: add, never edit."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.ids import Instant, PartnerId

TerminationCause = Literal["other", "fraud"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a partner may register: products and territories (ISO countries; `*`: any), from a day to a last day."""

    products: tuple[str, ...]
    territories: tuple[str, ...]
    effective_from: date
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerEnrolled:
    """A partner is in the programme; its statements are in `currency`."""

    partner: PartnerId
    name: str
    currency: str
    agreement: Agreement
    enrolled_on: date


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


PartnerEvent = PartnerEnrolled | AgreementReplaced | PartnerSuspended | PartnerReinstated | PartnerTerminated
