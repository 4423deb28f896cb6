"""The first part of folding a log: every account, by the functions that decided, and what its deals lead to."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from domain.account.evolve import AccountEvent
from domain.accounts_ledger import AccountsLedger, QueueContradicted
from domain.commission.credit import DealOutcome
from domain.ids import Position
from domain.programme import aggregate as programmes
from domain.programme.aggregate import Programme
from domain.programme.events import ProgrammeEvent
from domain.recorded import Recorded, at_the_place_of
from service.audit_findings import AccountsFindings, Disagreement
from service.chain import EventRow
from service.event_types import EventTypes, UnknownEventType


class Told(msgspec.Struct):
    """What some events on accounts changed: for each its position, and what deals lead to now."""

    events: list[tuple[Position, list[DealOutcome]]]
    stopped: Disagreement | None
    """The event at which the folding ended, for good."""


class AccountsAudit:
    """Folds the events on accounts in chunks. One that cannot be decoded or folded ends the folding."""

    def __init__(self, types: EventTypes) -> None:
        """A log of which nothing has been read."""
        self._types = types
        self._ledger = AccountsLedger()
        self._programme: Programme | None = None
        self._stopped: Disagreement | None = None

    def take(self, rows: Sequence[EventRow]) -> Told:
        """The next rows of accounts and of the programme, in order of position."""
        told = Told(events=[], stopped=None)
        for row in rows if self._stopped is None else ():
            try:
                self._fold(row, told)
            except Exception as error:  # noqa: BLE001 - whatever a forged event makes of the fold is a finding
                self._stopped = what_stopped(row, error)
                break
        told.stopped = self._stopped
        return told

    def findings(self) -> AccountsFindings:
        """What was counted."""
        accounts = self._ledger.accounts.values()
        return AccountsFindings(accounts=len(accounts), cases=sum(len(account.cases) for account in accounts))

    def _fold(self, row: EventRow, told: Told) -> None:
        recorded = recorded_of(row, self._types)
        event = recorded.event
        if isinstance(event, ProgrammeEvent):
            self._programme = programmes.evolve(self._programme, at_the_place_of(recorded, event))
        else:
            assert isinstance(event, AccountEvent), f"no account has a {type(event).__name__}"
            changed = self._ledger.apply(at_the_place_of(recorded, event), self._programme)
            told.events.append((recorded.position, changed))


def recorded_of(row: EventRow, types: EventTypes) -> Recorded[object]:
    """The decoded event at its place."""
    event = types.decode(row.type_name, row.body)
    return Recorded(position=Position(row.position), recorded_at=row.recorded_at, actor=row.actor, event=event)


def what_stopped(row: EventRow, error: Exception) -> Disagreement:
    """Why an event could not be decoded or folded, as a finding."""
    what, expected, found = "the event cannot follow from those before it", None, f"{type(error).__name__}: {error}"
    if isinstance(error, UnknownEventType):
        what, expected, found = "this release does not know the event's type", "a known type", row.type_name
    elif isinstance(error, msgspec.MsgspecError):
        what, expected, found = "the event's body cannot be decoded", f"a body of {row.type_name}", str(error)
    elif isinstance(error, QueueContradicted):
        what, expected, found = "a queue contradicts itself", error.expected, error.found
    return Disagreement(what=what, position=row.position, expected=expected, found=found)


class Behind(NamedTuple):
    """A row that is of no account, and how many of the same rows are that stand ahead of it."""

    ahead: int
    row: EventRow


def parted(rows: Sequence[EventRow], types: EventTypes) -> tuple[list[EventRow], list[Behind]]:
    """Rows as the two parts of the folding take them: those of accounts and of the programme, and all but accounts'."""
    first: list[EventRow] = []
    others: list[Behind] = []
    ahead = 0
    for row in rows:
        of_account, of_programme = _whose(types, row.type_name)
        if of_account or of_programme:
            first.append(row)
        if of_account:
            ahead += 1
        else:
            others.append(Behind(ahead, row))
    return first, others


@lru_cache(maxsize=1_000)
def _whose(types: EventTypes, type_name: str) -> tuple[bool, bool]:
    kind = types.class_of(type_name)
    return kind is not None and issubclass(kind, AccountEvent), kind is not None and issubclass(kind, ProgrammeEvent)
