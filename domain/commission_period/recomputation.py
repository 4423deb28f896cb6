"""A closed statement, looked at again: is it what was closed, and does computing it once more give the same?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.calendar import period_from
from domain.commission.calculation import CALCULATIONS
from domain.commission.document import digest_of, document_of
from domain.commission.lines import Statement
from domain.commission.statement import StatementInputs, counts_as_closed, statement
from domain.commission_period.events import CommissionPeriodClosed
from domain.ids import Position

STATED = ("partner", "period", "currency", "lines", "adjustments", "totals")
"""The members of a statement's document that its digest covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intact:
    """The statement is what was closed, and recomputing it gives the same, byte for byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVariance:
    """The statement is what was closed; it rests on a calculation newer than this release, which cannot tell."""

    calculation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """The closing contradicts itself: it is not what was closed. `where` names the member."""

    where: str
    expected: object
    found: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagrees:
    """The closing is whole in itself, but the log before it does not lead to it. `where` is the first member."""

    where: str
    expected: object
    found: object


Recomputation = Intact | KnownVariance | Altered | Disagrees


def altered(closing: CommissionPeriodClosed) -> Altered | None:
    """What in a closing does not belong to the statement in it, None when nothing does."""
    stated = closing.statement
    digest = digest_of(stated)
    pairs = (
        ("digest", digest, closing.digest),
        ("partner", closing.partner, stated.partner),
        ("period", closing.period, stated.period),
    )
    return next((Altered(where=where, expected=e, found=f) for where, e, f in pairs if e != f), None)


def recompute(closing: CommissionPeriodClosed, inputs: StatementInputs, decided_to: Position) -> Recomputation:
    """Compute a closed statement again from what the log said before it.

    `inputs` are those at the closing's `read_to`; `decided_to` is the last position before the closing at which
    anything stands but closings: a closing reads the log to the end, so it is not after `read_to`. Every release has
    the calculations of all before it, so that an older one that is unknown here was never anybody's.
    """
    found = altered(closing)
    if found is not None:
        return found
    if closing.read_to < decided_to:
        return Disagrees(where="read_to", expected=decided_to, found=closing.read_to)
    if closing.calculation not in CALCULATIONS and closing.calculation < max(CALCULATIONS):
        expected = f"one of {', '.join(map(str, CALCULATIONS))}, or a newer release's"
        return Disagrees(where="calculation", expected=expected, found=closing.calculation)
    unknown = [version for version in _calculations(closing, inputs) if version not in CALCULATIONS]
    if unknown:
        return KnownVariance(calculation=max(unknown))
    period = period_from(closing.period)
    if counts_as_closed(inputs, period):
        return Disagrees(where="period", expected="an open period", found=f"{period}, which was closed before")
    recomputed = statement(replace(inputs, calculation=closing.calculation), period)
    return compare(recomputed, closing.statement)


def _calculations(closing: CommissionPeriodClosed, inputs: StatementInputs) -> tuple[int, ...]:
    """The versions that this statement rests on: its own, and those by which closed periods are restated in it."""
    return (closing.calculation, *(earlier.calculation for earlier in inputs.closed))


def compare(expected: Statement, found: Statement) -> Intact | Disagrees:
    """Compare a recomputed statement with the closed one, field for field.

    Equal statements have the same bytes, and that those are the ones closed was found by the digest.
    """
    if expected == found:
        return Intact()
    difference = first_difference(_document(expected), _document(found))
    where, first, second = difference or ("statement", repr(expected), repr(found))
    return Disagrees(where=where, expected=first, found=second)


def _document(stated: Statement) -> dict[str, object]:
    document = document_of(stated, status="closed", position=0)
    return {member: document[member] for member in STATED}


def first_difference(expected: object, found: object, at: str = "") -> tuple[str, object, object] | None:
    """The first place in two documents at which they differ, such as `lines[2].commission.amount`."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        pairs = [(f"{at}.{key}".lstrip("."), expected.get(key), found.get(key)) for key in [*expected, *found]]
    elif isinstance(expected, Sequence) and isinstance(found, Sequence) and not isinstance(expected, str):
        length = max(len(expected), len(found))
        pairs = [(f"{at}[{place}]", _item(expected, place), _item(found, place)) for place in range(length)]
    else:
        return None if expected == found else (at, expected, found)
    return next((difference for name, e, f in pairs if (difference := first_difference(e, f, name))), None)


def _item(items: Sequence[object], place: int) -> object:
    return items[place] if place < len(items) else None
