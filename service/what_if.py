"""Ripple preview: what other terms, or facts that nobody told, would change about every statement. Nothing is stored.

Both worlds are built from the log, off the appender: in a thread for a short log, else in a process of its own.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import Position, ProgrammeId
from domain.money import Money
from domain.refusal import Refusal
from domain.what_if.comparison import Amount, LineChange, PartnerChange
from service.audit_processes import SHORT_LOG, half
from service.event_store import read_log
from service.presentation.values import Document, money
from service.running import Service
from service.what_if_worker import Ask, Comparing, Done, Found, Rows, decode_found, encode
from service.work import Unavailable

ASKED_AT_MOST: Final = 4
"""So many may be asked at a time in a process, of which one is worked on."""
RETRY_SECONDS: Final = 5
LINES_AT_MOST: Final = 5_000
"""The most lines that an answer lists; the sums are always of all of them."""


@dataclass(slots=True)
class _Waiting:
    """Who asked and was not answered yet."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked: int = 0


_waiting: Final[WeakKeyDictionary[AsyncEngine, _Waiting]] = WeakKeyDictionary()


async def what_if(service: Service, programme: ProgrammeId, ask: Ask, head: Position) -> Document:
    """What would change for whom, as of a position. Raises Refusal when the hypothesis cannot be."""
    waiting = _waiting.setdefault(service.engine, _Waiting())
    if waiting.asked >= ASKED_AT_MOST:
        raise Unavailable("enough is asked already", RETRY_SECONDS)
    waiting.asked += 1
    try:
        async with waiting.turn:
            found = await _compared(service.engine, programme, ask, head)
    finally:
        waiting.asked -= 1
    if found.refused is not None:
        code, detail, where = found.refused
        raise Refusal(code, detail, **({"field": _stated_as(ask, where)} if where else {}))
    return _document(found, head)


async def _compared(engine: AsyncEngine, programme: ProgrammeId, ask: Ask, head: Position) -> Found:
    if head <= SHORT_LOG:
        comparing = Comparing(ask)
        async for rows in read_log(engine, programme, up_to=head):
            await asyncio.to_thread(comparing.take, rows)
        return await asyncio.to_thread(comparing.found)
    async with half("service.what_if_worker") as process:
        await process.ask(encode(ask), answered=False)
        async for rows in read_log(engine, programme, up_to=head):
            await process.ask(encode(Rows(rows=list(rows))))
        await process.ask(encode(Done()))
        return decode_found(await process.last_answer())


def _stated_as(ask: Ask, where: str) -> str:
    """The member of the request that `happens.N` was made from; any other field as it is."""
    name, _, number = where.partition(".")
    if name != "happens":
        return where
    facts = sum(one.fact is not None for one in ask.happens)
    return f"facts.{number}" if int(number) < facts else f"decisions.{int(number) - facts}"


def _document(found: Found, head: Position) -> Document:
    left, partners = LINES_AT_MOST, []
    for change in found.changes:
        shown = change.changes[: max(0, left)]
        left -= len(shown)
        partners.append(_partner(change, shown))
    return {
        "position": head,
        "told_again": found.told_again,
        "partners": partners,
        "left_out": found.left_out,
    }


def _partner(change: PartnerChange, shown: Sequence[LineChange]) -> Document:
    by_period: dict[str, int] = {}
    for line in change.changes:
        by_period[line.place.lands_in] = by_period.get(line.place.lands_in, 0) + line.difference_minor
    return {
        "partner": change.partner,
        "difference": _money(change.difference_minor, change.currency),
        "by_period": [
            {"period": period, "difference": _money(difference, change.currency)}
            for period, difference in sorted(by_period.items())
        ],
        "lines": [_line(line, change.currency) for line in shown],
        "more_lines": len(change.changes) - len(shown),
    }


def _line(line: LineChange, currency: str) -> Document:
    place = line.place
    return {
        "line": place.line,
        "registration": line.registration,
        "lands_in": place.lands_in,
        "kind": place.kind,
        "period": place.about,
        "before": _amount(line.before, currency),
        "after": _amount(line.after, currency),
        "difference": _money(line.difference_minor, currency),
    }


def _amount(amount: Amount, currency: str) -> Document:
    return {"amount": _money(amount.amount_minor, currency), "held": _money(amount.held_minor, currency)}


def _money(amount_minor: int, currency: str) -> Document:
    return money(Money(amount_minor=amount_minor, currency=currency))
