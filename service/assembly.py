"""The service put together from its parts: the events that it knows, the states that it decides on, its views."""

from service.commands.deliveries import taken_up
from service.database import Database
from service.event_names import EVENT_TYPES
from service.programme_clock import ProgrammeClock
from service.read_models import following_projections, inline_projections
from service.running import Service
from service.states import States


def assembled(database: Database, *, follows: bool = True) -> Service:
    """The service on a database. `follows` is False where another process keeps the views and writes what is due."""
    return Service(
        database,
        types=EVENT_TYPES,
        states=States(EVENT_TYPES),
        clock=ProgrammeClock(),
        parked_work=taken_up,
        projections=(*inline_projections(EVENT_TYPES), *following_projections(EVENT_TYPES)),
        follows=follows,
    )
