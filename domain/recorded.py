"""An event at its place in the log."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.ids import Instant, Position

E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[E_co]):
    """What happened (`event`), where it stands in the programme's log, when the service recorded it and who did it."""

    position: Position
    recorded_at: Instant
    actor: str
    event: E_co
