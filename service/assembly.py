"""The service put together from its parts: the events that it knows, the states that it decides on, its views."""

from projections.conflict_cases import ConflictCases
from projections.credits import Credits
from projections.disputes import Disputes
from projections.leads import Leads
from projections.outbox import Outbox
from projections.partners import Partners
from projections.payouts import Payouts
from projections.priority import Priority
from projections.projection import Projection
from projections.registrations import Registrations
from projections.share_proposals import ShareProposals
from projections.statements import Statements
from service.accounts import Accounts
from service.commands.deliveries import taken_up
from service.database import Database
from service.event_names import EVENT_TYPES
from service.programme_clock import ProgrammeClock
from service.running import Service
from service.states import States
from service.states_at import LogStates


def inline_projections() -> tuple[Projection, ...]:
    """Those that decisions read: the append's own transaction keeps them."""
    accounts = Accounts(EVENT_TYPES)
    return (Priority(accounts), ConflictCases(accounts), ShareProposals(accounts), Leads(LogStates(EVENT_TYPES)))


def following_projections() -> tuple[Projection, ...]:
    """Those that the runner keeps; whoever is read comes before its readers."""
    states = LogStates(EVENT_TYPES)
    return (
        Partners(),
        Registrations(states),
        Outbox(states),
        Credits(states),
        Statements(states),
        Disputes(),
        Payouts(),
    )


def assembled(database: Database, *, follows: bool = True) -> Service:
    """The service on a database. `follows` is False where another process keeps the views and writes what is due."""
    return Service(
        database,
        types=EVENT_TYPES,
        states=States(EVENT_TYPES),
        clock=ProgrammeClock(),
        parked_work=taken_up,
        projections=(*inline_projections(), *following_projections()),
        follows=follows,
    )
