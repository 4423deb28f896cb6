"""Every projection of the service, in the order in which they are applied."""

from projections.conflict_cases import ConflictCases
from projections.credits import Credits
from projections.partners import Partners
from projections.priority import Priority
from projections.projection import Projection
from projections.registrations import Registrations
from projections.statements import Statements
from service.accounts import Accounts
from service.event_types import EventTypes
from service.states_at import LogStates


def inline_projections(types: EventTypes) -> tuple[Projection, ...]:
    """Those that decisions read: the append's own transaction keeps them."""
    accounts = Accounts(types)
    return (Priority(accounts), ConflictCases(accounts))


def following_projections(types: EventTypes) -> tuple[Projection, ...]:
    """Those that the runner keeps; whoever is read comes before its readers."""
    states = LogStates(types)
    return (Partners(), Registrations(states), Credits(states), Statements(states))
