"""What a reviewer said of a registration, and what its partner asked a reviewer for."""

from dataclasses import dataclass

from domain.deal_registration.events import RejectionCode
from domain.ids import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why the vendor said no; `code` is None where none was stated."""

    reason: str
    code: RejectionCode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedExtension:
    """An extension that was asked for in time and waits for somebody's decision."""

    asked_at: Instant
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """When a person first approved or rejected a registration, and since when it had been the reviewer's turn."""

    since: Instant
    at: Instant
