"""What happens to how long a claim keeps its place. These are the stored format: add, never edit."""

from dataclasses import dataclass

from domain.deal_registration.events import Extension, RegistrationEvent
from domain.ids import Instant, Product


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLapsed(RegistrationEvent):
    """Nobody answered the return in time: the claim on this product ended at `at` (it may be recorded later)."""

    product: Product
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionAsked(RegistrationEvent):
    """A longer protection was asked for in time, with evidence; somebody will decide (`extension_approval`)."""

    evidence: str
    terms_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionGranted(RegistrationEvent):
    """What was asked for is granted. `continued`: protection that had ended meanwhile goes on as if it had not."""

    extensions: tuple[Extension, ...]
    continued: tuple[Extension, ...]
    terms_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionDeclined(RegistrationEvent):
    """What was asked for is not granted, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionEndsSoon(RegistrationEvent):
    """A reminder that fell due at `at`: the protection of these products ends in so many times 24 hours."""

    products: tuple[Product, ...]
    at: Instant
    days_left: int
    protected_until: Instant


ProtectionEvent = ReturnLapsed | ExtensionAsked | ExtensionGranted | ExtensionDeclined | ProtectionEndsSoon
