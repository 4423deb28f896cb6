"""What should be taken back, because it was settled before the customer turned out not to have paid (rules §6).

A hold that begins after settlement takes nothing back by itself. What follows here are proposals: finance posts one
as an entered amount, or dismisses it, and one whose customer has paid after all is proposed no longer.
"""

from dataclasses import dataclass

from domain.commission.calculation import lines_of
from domain.commission.settlement import settled_lines
from domain.commission.statement import StatementInputs
from domain.ids import LineId, Position, RegistrationId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedClawback:
    """A settled line whose deal is unpaid: what was settled for it in the closed `period`, above zero."""

    period: str
    line: LineId
    registration: RegistrationId
    amount_minor: int
    evidence: tuple[Position, ...]


def proposed_clawbacks(inputs: StatementInputs) -> tuple[ProposedClawback, ...]:
    """Everything that was settled for lines that are now held because they are `UNPAID`, by period, in credit order.

    A line that finance entered a clawback for is proposed no more.
    """
    settled = settled_lines(inputs.closed)
    if not settled:
        return ()
    taken_back = {one.event.line for one in inputs.entered if one.event.kind == "clawback"}
    own = [credit for outcome in inputs.outcomes for credit in outcome.credits if credit.partner == inputs.partner.id]
    unpaid = [
        computed.line
        for computed in lines_of(inputs.programme, inputs.partner, own, inputs.calculation)
        if "UNPAID" in computed.line.held_because and computed.line.id not in taken_back
    ]
    return tuple(
        ProposedClawback(
            period=str(period),
            line=line.id,
            registration=line.registration,
            amount_minor=lines[line.id].amount_minor,
            evidence=line.evidence,
        )
        for period, lines in sorted(settled.items())
        for line in unpaid
        if line.id in lines and lines[line.id].amount_minor > 0
    )
