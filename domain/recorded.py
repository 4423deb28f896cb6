"""An event at its place in the log."""

from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from domain.changed import quickly_made
from domain.ids import Instant, Position

E_co = TypeVar("E_co", covariant=True)
E = TypeVar("E")


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[E_co]):
    """What happened (`event`), where it stands in the programme's log, when the service recorded it and who did it."""

    position: Position
    recorded_at: Instant
    actor: str
    event: E_co


def at_the_place_of(recorded: Recorded[object], event: E) -> Recorded[E]:
    """An event at the place of its record: the record itself, once the kind of its event is known."""
    assert recorded.event is event
    return cast("Recorded[E]", recorded)
