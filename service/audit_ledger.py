"""The second part of folding a log: all but the accounts, and every closed statement computed again.

What the accounts' deals lead to is told by the first part (`service/audit_accounts.py`).
"""

from collections.abc import Sequence
from dataclasses import asdict

from domain.commission_period.events import CommissionPeriodClosed
from domain.commission_period.recomputation import Altered, Disagrees, KnownVariance, recompute
from domain.evaluation.aggregate import seen_again
from domain.evaluation.events import EvaluationEvent
from domain.ledger import Ledger
from service.audit_accounts import Behind, Told, recorded_of, what_stopped
from service.audit_findings import AccountsFindings, Disagreement, LedgerFindings, Variance
from service.chain import EventRow
from service.event_types import EventTypes


class LedgerAudit:
    """Folds a log in chunks. An event that cannot be decoded or folded ends the folding; a statement does not."""

    def __init__(self, types: EventTypes) -> None:
        """A log of which nothing has been read."""
        self._types = types
        self._ledger = Ledger()
        self._events = 0
        self._stopped = False
        self._checked = 0
        self._intact = True
        self._equal = True
        self._variances: list[Variance] = []
        self._first: Disagreement | None = None

    def take(self, rows: Sequence[Behind], told: Told) -> None:
        """The next rows in order, and what the events on accounts among them changed."""
        followed = 0
        for ahead, row in rows:
            followed = self._let_follow(told, followed, ahead)
            if self._stopped:
                return
            try:
                self._fold(row)
            except Exception as error:  # noqa: BLE001 - whatever a forged event makes of the fold is a finding
                self._stop(what_stopped(row, error))
        self._let_follow(told, followed, len(told.events) + 1)

    def findings(self, counted: AccountsFindings) -> LedgerFindings:
        """What was found."""
        return LedgerFindings(
            events=self._events,
            accounts=counted.accounts,
            cases=counted.cases,
            statements_checked=self._checked,
            statements_intact=self._intact,
            statements_equal=self._equal,
            variances=tuple(self._variances),
            first=self._first,
        )

    def _let_follow(self, told: Told, followed: int, ahead: int) -> int:
        """Let events on accounts have happened until so many have; where folding them ended, this ends too."""
        for position, outcomes in () if self._stopped else told.events[followed:ahead]:
            self._ledger.told(position, outcomes)
            self._events += 1
        if told.stopped is not None and ahead > len(told.events) and not self._stopped:
            self._stop(told.stopped)
        return ahead

    def _fold(self, row: EventRow) -> None:
        recorded = recorded_of(row, self._types)
        event = recorded.event
        if isinstance(event, CommissionPeriodClosed):
            self._recompute(row, event)
        elif isinstance(event, EvaluationEvent):
            self._compare_again(row, event)
        self._ledger.apply(recorded)
        self._events += 1

    def _recompute(self, row: EventRow, closing: CommissionPeriodClosed) -> None:
        self._checked += 1
        inputs = self._ledger.inputs_of(closing.partner, closing.read_to)
        found = recompute(closing, inputs, self._ledger.decided_to)
        whose = f"the statement of {closing.partner} for {closing.period}"
        if isinstance(found, KnownVariance):
            self._variances.append(
                Variance(
                    position=row.position,
                    partner=closing.partner,
                    period=closing.period,
                    calculation=found.calculation,
                )
            )
        elif isinstance(found, Altered | Disagrees):
            self._equal = False
            self._intact = self._intact and not isinstance(found, Altered)
            altered = "is not the one that was closed" if isinstance(found, Altered) else "does not follow from the log"
            self._note(
                Disagreement(
                    what=f"{whose} {altered}: {found.where}",
                    position=row.position,
                    expected={found.where: found.expected},
                    found={found.where: found.found},
                )
            )

    def _compare_again(self, row: EventRow, event: EvaluationEvent) -> None:
        """Whether an evaluation saw the population that the log before it leads to."""
        everybody = (self._ledger.inputs_of(partner, event.read_to) for partner in self._ledger.partners)
        expected = seen_again(event, everybody)
        if expected != event.population:
            self._note(
                Disagreement(
                    what="the population of an evaluation does not follow from the log",
                    position=row.position,
                    expected=[asdict(one) for one in expected],
                    found=[asdict(one) for one in event.population],
                )
            )

    def _stop(self, found: Disagreement) -> None:
        self._stopped = True
        self._note(found)

    def _note(self, found: Disagreement) -> None:
        if self._first is None:
            self._first = found
