"""What becomes of a webhook's delivery (api.md, Webhooks in)."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.deal_registration.deal_facts import Parked
from domain.ids import Position, RegistrationId
from service.commands.due import waits_for_instant
from service.work import DeliveryOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a delivery."""

    outcome: DeliveryOutcome
    reason: str | None = None
    errors: tuple[Mapping[str, str], ...] | None = None
    position: Position | None = None
    waits_for: str | None = None
    registration: RegistrationId | None = None


def held_back(parked: Parked, registration: RegistrationId | None = None) -> Verdict:
    """It is kept and shown, and applied at its time, or when a person says so."""
    until = parked.until
    return Verdict(
        outcome="parked",
        reason=parked.reason,
        waits_for=None if until is None else waits_for_instant(until),
        registration=registration,
    )
