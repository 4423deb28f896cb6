"""Every event decoded and folded by the same pure functions that decided, and every closed statement computed again."""

from collections.abc import Sequence
from dataclasses import asdict

import msgspec

from domain.commission_period.events import CommissionPeriodClosed
from domain.commission_period.recomputation import Altered, Disagrees, KnownVariance, recompute
from domain.evaluation.aggregate import seen_again
from domain.evaluation.events import EvaluationEvent
from domain.ids import Position
from domain.ledger import Ledger, QueueContradicted
from domain.recorded import Recorded
from service.audit_findings import Disagreement, LedgerFindings, Variance
from service.chain import EventRow
from service.event_types import EventTypes, UnknownEventType


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

    def take(self, rows: Sequence[EventRow]) -> None:
        """The next rows in order of position."""
        for row in rows:
            if self._stopped:
                return
            try:
                self._fold(row)
            except UnknownEventType:
                self._stop(row, "this release does not know the event's type", "a known type", row.type_name)
            except msgspec.MsgspecError as error:
                self._stop(row, "the event's body cannot be decoded", f"a body of {row.type_name}", str(error))
            except QueueContradicted as error:
                self._stop(row, "a queue contradicts itself", error.expected, error.found)
            except Exception as error:  # noqa: BLE001 - whatever a forged event makes of the fold is a finding
                self._stop(
                    row, "the event cannot follow from those before it", None, f"{type(error).__name__}: {error}"
                )

    def findings(self) -> LedgerFindings:
        """What was found."""
        accounts = self._ledger.accounts.values()
        return LedgerFindings(
            events=self._events,
            accounts=len(accounts),
            cases=sum(len(account.cases) for account in accounts),
            statements_checked=self._checked,
            statements_intact=self._intact,
            statements_equal=self._equal,
            variances=tuple(self._variances),
            first=self._first,
        )

    def _fold(self, row: EventRow) -> None:
        event = self._types.decode(row.type_name, row.body)
        if isinstance(event, CommissionPeriodClosed):
            self._recompute(row, event)
        elif isinstance(event, EvaluationEvent):
            self._compare_again(row, event)
        self._ledger.apply(
            Recorded(position=Position(row.position), recorded_at=row.recorded_at, actor=row.actor, event=event)
        )
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

    def _stop(self, row: EventRow, what: str, expected: object, found: object) -> None:
        self._stopped = True
        self._note(Disagreement(what=what, position=row.position, expected=expected, found=found))

    def _note(self, found: Disagreement) -> None:
        if self._first is None:
            self._first = found
