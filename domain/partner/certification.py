"""What a partner is certified for: exams of training levels, each with a last day (rules §8)."""

from dataclasses import dataclass, replace
from datetime import date

from domain.ids import PartnerId
from domain.partner.events import CertificationEarned, CertificationRevoked, PartnerEvent
from domain.partner.training import TrainingLevel
from domain.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifyPartner:
    """The partner passed an exam; earlier certifications of the level stay as they are."""

    level: TrainingLevel
    passed_on: date
    expires_on: date | None
    certificate: str | None
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCertification:
    """Let every certification of a level count no longer."""

    level: TrainingLevel
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certification:
    """An exam that was passed, from when to when (the last day included) it certifies, and whether it still counts."""

    level: TrainingLevel
    passed_on: date
    expires_on: date | None
    certificate: str | None
    revoked: bool

    def counts_on(self, day: date) -> bool:
        """Whether it certifies the partner on a day."""
        in_time = self.passed_on <= day and (self.expires_on is None or day <= self.expires_on)
        return in_time and not self.revoked


def certify(partner: PartnerId, known: tuple[Certification, ...], command: CertifyPartner) -> list[PartnerEvent]:
    """Record an exam. The same again changes nothing; an exam of a day to come is refused."""
    if command.passed_on > command.today:
        raise Refusal("MALFORMED", "An exam is recorded once it is passed, not before.", field="passed_on")
    earned = CertificationEarned(
        partner=partner,
        level=command.level,
        passed_on=command.passed_on,
        expires_on=command.expires_on,
        certificate=command.certificate,
    )
    return [] if _earned(earned) in known else [earned]


def revoke(partner: PartnerId, known: tuple[Certification, ...], command: RevokeCertification) -> list[PartnerEvent]:
    """Revoke what counts of a level; refused where the partner never had it, nothing where it is revoked already."""
    of_level = [certification for certification in known if certification.level == command.level]
    if not of_level:
        raise Refusal("WRONG_STATE", f"The partner was never certified for {command.level}.")
    if all(certification.revoked for certification in of_level):
        return []
    return [CertificationRevoked(partner=partner, level=command.level, reason=command.reason)]


def certified(
    known: tuple[Certification, ...], event: CertificationEarned | CertificationRevoked
) -> tuple[Certification, ...]:
    """The certifications after one more event."""
    if isinstance(event, CertificationEarned):
        return (*known, _earned(event))
    return tuple(replace(c, revoked=True) if c.level == event.level else c for c in known)


def _earned(event: CertificationEarned) -> Certification:
    return Certification(
        level=event.level,
        passed_on=event.passed_on,
        expires_on=event.expires_on,
        certificate=event.certificate,
        revoked=False,
    )
