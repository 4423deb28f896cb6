"""What can be asked about a partner. All that a decision needs is in the command."""

from dataclasses import dataclass
from datetime import date

from domain.ids import Instant, PartnerId
from domain.partner.certification import CertifyPartner, RevokeCertification
from domain.partner.events import Adjudication, Agreement, EnrolmentStage, TerminationCause
from domain.partner.paperwork import FilePaperwork, RevokePaperwork
from domain.partner.pay import PayCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolPartner:
    """Bring a partner into the programme under an id of the caller's choice; who is not active needs no agreement."""

    partner: PartnerId
    name: str
    currency: str
    agreement: Agreement | None
    today: date
    stage: EnrolmentStage = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvancePartner:
    """Let a partner come to a later stage on its way to being active."""

    stage: EnrolmentStage
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceAgreement:
    """Put another agreement in place from its effective date."""

    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendPartner:
    """Hold the partner's lines and skip its waiting claims."""

    reason: str
    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinstatePartner:
    """End a suspension."""

    reason: str
    now: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminatePartner:
    """End the partnership at `ends_at`: now, or 00:00 of the day after `last_day` in the programme's zone."""

    reason: str
    cause: TerminationCause
    last_day: date | None
    ends_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicateHeldPay:
    """Say what becomes of the held pay of a partner that left: released, or forfeited."""

    outcome: Adjudication
    reason: str


PartnerCommand = (
    EnrolPartner
    | AdvancePartner
    | ReplaceAgreement
    | SuspendPartner
    | ReinstatePartner
    | TerminatePartner
    | CertifyPartner
    | RevokeCertification
    | AdjudicateHeldPay
    | FilePaperwork
    | RevokePaperwork
    | PayCommand
)
