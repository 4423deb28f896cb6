"""What everything known now states of the periods that are open."""

from domain.commission.lines import Statement
from domain.commission.statement import StatementInputs, open_periods


def open_statements(inputs: StatementInputs) -> tuple[Statement, ...]:
    """The statements of the open periods that state something, up to the last one that has lines."""
    return tuple(found for _, found in open_periods(inputs) if found.states_something)
