"""A partner's stage, agreement and certifications (rules §3 eligibility, §8 stages and training levels)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never, get_args

from domain.ids import Instant, PartnerId
from domain.partner import pay as pays
from domain.partner.certification import Certification, CertifyPartner, RevokeCertification, certified, certify, revoke
from domain.partner.commands import (
    AdjudicateHeldPay,
    AdvancePartner,
    EnrolPartner,
    PartnerCommand,
    ReinstatePartner,
    ReplaceAgreement,
    SuspendPartner,
    TerminatePartner,
)
from domain.partner.events import (
    Adjudication,
    Agreement,
    AgreementReplaced,
    CertificationEarned,
    CertificationRevoked,
    EnrolmentStage,
    HeldPayAdjudicated,
    PaperworkFiled,
    PaperworkRevoked,
    PartnerAcquired,
    PartnerAdvanced,
    PartnerEnrolled,
    PartnerEvent,
    PartnerReinstated,
    PartnerSuspended,
    PartnerTerminated,
)
from domain.partner.paperwork import FilePaperwork, Paperwork, RevokePaperwork, decide_paperwork, filed, revoked
from domain.partner.pay import UNCHANGED, Pay, PayCommand, PayEvent
from domain.partner.standing import Suspension, Termination
from domain.partner.training import TrainingLevel
from domain.recorded import Recorded, at_the_place_of
from domain.refusal import Refusal

__all__ = [
    "AdjudicateHeldPay",
    "AdvancePartner",
    "EnrolPartner",
    "Partner",
    "PartnerCommand",
    "ReinstatePartner",
    "ReplaceAgreement",
    "SuspendPartner",
    "Suspension",
    "TerminatePartner",
    "Termination",
    "decide",
    "evolve",
    "fold",
]

_STAGES: tuple[EnrolmentStage, ...] = get_args(EnrolmentStage)

# state


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner as it stands."""

    id: PartnerId
    name: str
    currency: str
    enrolled_on: date
    enrolled_at: Instant
    agreements: tuple[Agreement, ...]
    suspensions: tuple[Suspension, ...] = ()
    termination: Termination | None = None
    stage: EnrolmentStage = "active"
    """How far it came on its way to being active."""
    certifications: tuple[Certification, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether it may register: it came to be active, and is neither suspended nor terminated (rules §8)."""
        return self.stage == "active" and not self.is_suspended and self.termination is None

    adjudicated: Adjudication | None = None
    """What was said about the held pay of a partner that left; None: nothing yet."""
    paperwork: tuple[Paperwork, ...] = ()
    pay: Pay = UNCHANGED

    @property
    def is_suspended(self) -> bool:
        """Whether a suspension lasts."""
        return bool(self.suspensions) and self.suspensions[-1].until is None

    @property
    def lines_are_held(self) -> bool:
        """Whether what the partner earns may not be paid yet: suspended, or terminated for fraud (rules §8).

        Of a partner that left it may once somebody has said so (`released`).
        """
        if self.adjudicated == "released":
            return False
        return self.is_suspended or (self.termination is not None and self.termination.cause == "fraud")

    @property
    def acquired_by(self) -> PartnerId | None:
        """The partner that bought it."""
        return None if self.termination is None else self.termination.acquired_by

    def active_from(self, instant: Instant) -> Instant | None:
        """The first instant from this one on at which a waiting claim could become the holder; None: not as yet."""
        for suspension in self.suspensions:
            if suspension.since <= instant:
                if suspension.until is None:
                    return None
                instant = max(instant, suspension.until)
        has_left = self.termination is not None and self.termination.ends_at <= instant
        return None if has_left else instant

    def agreement_on(self, day: date) -> Agreement | None:
        """The agreement in force on a day: the last that was put in place from then or before, unless it has ended."""
        latest = next((a for a in reversed(self.agreements) if a.effective_from <= day), None)
        return None if latest is None or (latest.ends_on is not None and latest.ends_on < day) else latest

    def is_certified_on(self, day: date, level: TrainingLevel) -> bool:
        """Whether a certification of exactly this level counts on a day, its last day included."""
        return any(c.level == level and c.counts_on(day) for c in self.certifications)


# decide


def decide(partner: Partner | None, command: PartnerCommand) -> list[PartnerEvent]:
    """The events that a command causes; already so gives none."""
    if isinstance(command, EnrolPartner):
        return _enrol(partner, command)
    if partner is None:
        raise Refusal("NOT_FOUND", "There is no such partner.")
    if isinstance(command, ReplaceAgreement):
        if partner.agreements[-1:] == (command.agreement,):
            return []
        return [AgreementReplaced(partner=partner.id, agreement=command.agreement)]
    if isinstance(command, TerminatePartner):
        return _terminate(partner, command)
    if isinstance(command, RevokeCertification):
        return revoke(partner.id, partner.certifications, command)
    if isinstance(command, AdjudicateHeldPay | FilePaperwork | RevokePaperwork | PayCommand):
        return _pay(partner, command)
    if partner.termination is not None:
        raise Refusal("WRONG_STATE", f"{partner.name} is terminated.")
    return _of_a_partner_that_stays(partner, command)


def _of_a_partner_that_stays(
    partner: Partner, command: CertifyPartner | AdvancePartner | SuspendPartner | ReinstatePartner
) -> list[PartnerEvent]:
    if isinstance(command, CertifyPartner):
        return certify(partner.id, partner.certifications, command)
    if isinstance(command, AdvancePartner):
        return _advance(partner, command)
    if isinstance(command, SuspendPartner):
        return _suspend(partner, command)
    if not partner.is_suspended:
        return []
    return [PartnerReinstated(partner=partner.id, reason=command.reason, at=command.now)]


def _enrol(partner: Partner | None, command: EnrolPartner) -> list[PartnerEvent]:
    if partner is not None:
        raise Refusal("ALREADY_EXISTS", f"A partner with the id {command.partner} exists already.")
    if command.stage == "active" and command.agreement is None:
        raise _no_agreement(command.name)
    return [
        PartnerEnrolled(
            partner=command.partner,
            name=command.name,
            currency=command.currency,
            agreement=command.agreement,
            enrolled_on=command.today,
            stage=command.stage,
        )
    ]


def _advance(partner: Partner, command: AdvancePartner) -> list[PartnerEvent]:
    """Stages go forwards, and may be passed over; to be active a partner needs its agreement."""
    if command.stage == partner.stage:
        return []
    if _STAGES.index(command.stage) < _STAGES.index(partner.stage):
        raise Refusal("WRONG_STATE", f"{partner.name} is {partner.stage}; it cannot go back to {command.stage}.")
    if command.stage == "active" and not partner.agreements:
        raise _no_agreement(partner.name)
    return [PartnerAdvanced(partner=partner.id, stage=command.stage, reason=command.reason)]


def _no_agreement(name: str) -> Refusal:
    return Refusal("WRONG_STATE", f"{name} cannot be active without an agreement.")


def _suspend(partner: Partner, command: SuspendPartner) -> list[PartnerEvent]:
    if partner.is_suspended:
        return []
    if partner.stage != "active":
        raise Refusal("WRONG_STATE", f"{partner.name} is {partner.stage}; only an active partner is suspended.")
    return [PartnerSuspended(partner=partner.id, reason=command.reason, at=command.now)]


def _terminate(partner: Partner, command: TerminatePartner) -> list[PartnerEvent]:
    if partner.termination is not None:
        if (partner.termination.cause, partner.termination.last_day) == (command.cause, command.last_day):
            return []
        raise Refusal("WRONG_STATE", f"{partner.name} is terminated already.")
    return [
        PartnerTerminated(
            partner=partner.id,
            reason=command.reason,
            cause=command.cause,
            last_day=command.last_day,
            ends_at=command.ends_at,
        )
    ]


def _pay(
    partner: Partner, command: AdjudicateHeldPay | FilePaperwork | RevokePaperwork | PayCommand
) -> list[PartnerEvent]:
    """How a partner is paid, what it must hand in for that, and what becomes of the held pay of one that left."""
    if isinstance(command, PayCommand):
        return pays.decide(partner.id, partner.currency, partner.pay, command)
    if not isinstance(command, AdjudicateHeldPay):
        return [*decide_paperwork(partner.id, partner.paperwork, command)]
    if partner.adjudicated == command.outcome:
        return []
    if partner.termination is None:
        raise Refusal("WRONG_STATE", f"{partner.name} is not terminated; its held pay is released by reinstating it.")
    if not partner.lines_are_held:
        raise Refusal("WRONG_STATE", f"Nothing of {partner.name} is held for its suspension or for fraud.")
    return [HeldPayAdjudicated(partner=partner.id, outcome=command.outcome, reason=command.reason)]


# evolve and fold


def evolve(partner: Partner | None, recorded: Recorded[PartnerEvent]) -> Partner:
    """The partner after one more event."""
    event = recorded.event
    if isinstance(event, PartnerEnrolled):
        return Partner(
            id=event.partner,
            name=event.name,
            currency=event.currency,
            enrolled_on=event.enrolled_on,
            enrolled_at=recorded.recorded_at,
            agreements=() if event.agreement is None else (event.agreement,),
            stage=event.stage,
        )
    assert partner is not None
    if isinstance(event, PartnerAdvanced):
        return replace(partner, stage=event.stage)
    if isinstance(event, AgreementReplaced):
        return replace(partner, agreements=(*partner.agreements, event.agreement))
    if isinstance(event, PartnerSuspended):
        return replace(partner, suspensions=(*partner.suspensions, Suspension(since=event.at, until=None)))
    if isinstance(event, PartnerReinstated):
        ended = replace(partner.suspensions[-1], until=event.at)
        return replace(partner, suspensions=(*partner.suspensions[:-1], ended))
    if isinstance(event, PartnerTerminated | PartnerAcquired):
        return replace(partner, termination=_left(event, recorded.recorded_at))
    if isinstance(event, CertificationEarned | CertificationRevoked):
        return replace(partner, certifications=certified(partner.certifications, event))
    if isinstance(event, PayEvent):
        return replace(partner, pay=pays.evolve(partner.pay, at_the_place_of(recorded, event)))
    if isinstance(event, HeldPayAdjudicated):
        return replace(partner, adjudicated=event.outcome)
    if isinstance(event, PaperworkFiled):
        return replace(partner, paperwork=filed(partner.paperwork, recorded.recorded_at, event))
    if isinstance(event, PaperworkRevoked):
        return replace(partner, paperwork=revoked(partner.paperwork, event))
    assert_never(event)


def _left(event: PartnerTerminated | PartnerAcquired, at: Instant) -> Termination:
    if isinstance(event, PartnerAcquired):
        return Termination(ends_at=event.at, cause="acquired", last_day=None, acquired_by=event.by)
    return Termination(ends_at=max(event.ends_at, at), cause=event.cause, last_day=event.last_day)


def fold(history: Iterable[Recorded[PartnerEvent]], partner: Partner | None = None) -> Partner | None:
    """The partner after a history."""
    for recorded in history:
        partner = evolve(partner, recorded)
    return partner
