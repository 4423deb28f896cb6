"""What happens to how long a claim keeps its place. These are the stored format: add, never edit."""

from dataclasses import dataclass

from domain.deal_registration.events import RegistrationEvent
from domain.ids import Instant, Product


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLapsed(RegistrationEvent):
    """Nobody answered the return in time: the claim on this product ended at `at` (it may be recorded later)."""

    product: Product
    at: Instant


ProtectionEvent = ReturnLapsed
