"""A statement line walked back to the bytes that it follows from: choices, decisions, deliveries (rules §9)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from domain.account.state import Account
from domain.calendar import instant_text
from domain.commission.credit import Credit
from domain.commission.document import line_document
from domain.commission.lines import Adjustment, Line, Statement
from domain.commission.statement import StatementInputs, lines_today, open_periods
from domain.ids import LineId, PartnerId, Position, RegistrationId
from domain.money import Money
from projections.look_up import look_up
from service.causes import CAUSE_OF_DELIVERY
from service.presentation.choices import choices_of
from service.presentation.credited import credited_document
from service.presentation.history import history_document
from service.presentation.settling import entered_document
from service.presentation.values import Document, money
from service.reading import Moment
from service.record_look_up import find_deliveries
from service.schema import record_events
from service.statement_inputs import StatementReader
from service.work import DeliveryRow

EVIDENCE_AT_MOST: Final = 1_000
LINE: Final = re.compile(r"line_(?:[0-9a-f]{24}_)?(.+)")
BESIDE_COMMISSION: Final = re.compile(r"_(?:spiff|beyond|bonus|floor|reward)_")

DeliveryName = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A line or an entered adjustment of a partner, and who asks (None: staff)."""

    line: LineId
    partner: PartnerId
    viewer: PartnerId | None


def partners_named_by(line: str) -> list[PartnerId]:
    """The partners whose line it may be, as its id says; more than one where a partner's id looks like a line's end."""
    match = LINE.fullmatch(line)
    if match is None:
        return []
    named = match[1]
    return [PartnerId(named), *(PartnerId(named[: found.start()]) for found in BESIDE_COMMISSION.finditer(named))]


async def explanation(moment: Moment, reader: StatementReader, asked: Asked) -> Document | None:
    """Everything behind a line or an adjustment; None where the partner has, and had, no such line."""
    programme = moment.programme
    known = await reader.at_head(moment.connection, programme.id, [asked.partner], moment.position)
    inputs = known.get(asked.partner)
    if inputs is None:
        return None
    stated = list(_stated(inputs, asked.line))
    line = next((one for one in lines_today(inputs) if one.id == asked.line), None) or _closed_line(inputs, asked.line)
    entered = next((one for one in inputs.entered if str(one.event.adjustment) == asked.line), None)
    if line is None and entered is None and not stated:
        return None
    sold, credit = _credit(inputs, asked.line, line) or (None, None)
    evidence = {position for one in stated for position in one.evidence} | set(() if line is None else line.evidence)
    if entered is not None:
        evidence |= {entered.position, *entered.event.evidence}
    account = None if credit is None else await _account(moment, credit.registration)
    return {
        "line": asked.line,
        "partner": asked.partner,
        "statements": [one.document(inputs.partner.currency) for one in stated],
        "now": None if line is None else line_document(line, inputs.partner.currency),
        "entered": None if entered is None else entered_document(entered, asked.viewer),
        "choices": [] if line is None else choices_of(programme, inputs.partner, line, credit, asked.viewer),
        "credit": sold and credit and account and credited_document(account, sold, credit, programme, asked.viewer),
        "evidence": await _evidence(moment, sorted(evidence)[:EVIDENCE_AT_MOST], account, asked.viewer),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stated:
    """Where the line stands: in a statement as itself, as a part of a prior-period adjustment, or as entered."""

    period: str
    closed: bool
    kind: str
    about: str
    amount_minor: int
    held_minor: int
    evidence: tuple[Position, ...]

    def document(self, currency: str) -> Document:
        """As HTTP shows it."""
        return {
            "period": self.period,
            "closed": self.closed,
            "kind": self.kind,
            "about": self.about,
            "amount": money(Money(amount_minor=self.amount_minor, currency=currency)),
            "held": money(Money(amount_minor=self.held_minor, currency=currency)),
            "evidence": list(self.evidence),
        }


def _stated(inputs: StatementInputs, line: LineId) -> Iterator[_Stated]:
    """Every statement that says something of the line, closed ones first."""
    for closing in sorted(inputs.closed, key=lambda closing: closing.period):
        yield from _said(closing.statement, line, closed=True)
    for _, found in open_periods(inputs):
        yield from _said(found, line, closed=False)


def _said(stated: Statement, line: LineId, *, closed: bool) -> Iterator[_Stated]:
    for one in stated.lines:
        if one.id == line:
            yield _Stated(
                period=stated.period,
                closed=closed,
                kind=one.kind,
                about=stated.period,
                amount_minor=one.commission_minor,
                held_minor=one.held_minor,
                evidence=one.evidence,
            )
    for adjustment in stated.adjustments:
        for amount, held in _parts(adjustment, line):
            yield _Stated(
                period=stated.period,
                closed=closed,
                kind=adjustment.kind,
                about=adjustment.period,
                amount_minor=amount,
                held_minor=held,
                evidence=adjustment.evidence,
            )


def _parts(adjustment: Adjustment, line: LineId) -> Iterator[tuple[int, int]]:
    if str(adjustment.id) == line:
        yield adjustment.amount_minor, adjustment.held_minor
    for part in adjustment.lines:
        if part.line == line:
            yield part.amount_minor, part.held_minor


def _closed_line(inputs: StatementInputs, line: LineId) -> Line | None:
    """The line as it was closed, for one that recomputing does not find any more."""
    found = [one for closing in inputs.closed for one in closing.statement.lines if one.id == line]
    return found[-1] if found else None


def _credit(inputs: StatementInputs, named: LineId, line: Line | None) -> tuple[RegistrationId, Credit] | None:
    """The credit that a commission line states, or that a bonus or SPIFF is about; a reward is about no single one.

    With it, whose deal was won.
    """
    about = None if line is None or line.kind == "commission" else (line.registration, line.deal, line.won_on)
    for outcome in inputs.outcomes:
        for one in outcome.credits:
            is_it = one.line == named if about is None else (one.registration, one.deal, one.won_on) == about
            if is_it and one.partner == inputs.partner.id:
                return outcome.registration, one
    return None


async def _account(moment: Moment, registration: RegistrationId) -> Account | None:
    account = await moment.account_of(registration)
    return None if account is None else (await moment.accounts([account])).get(account)


async def _evidence(
    moment: Moment, positions: Sequence[Position], account: Account | None, viewer: PartnerId | None
) -> list[Document]:
    """Each event with its words and its cause, down to the delivery's bytes where they are kept."""
    rows = await look_up(
        moment.connection,
        record_events,
        where={"programme": moment.programme.id},
        by=("position",),
        keys=[(position,) for position in positions],
    )
    names = [(match[1], match[2]) for row in rows if row.cause and (match := CAUSE_OF_DELIVERY.fullmatch(row.cause))]
    deliveries = await find_deliveries(moment.connection, moment.programme.id, names)
    words = await _words(moment, account, viewer)
    return [
        {
            "position": row.position,
            "type": row.type,
            "recorded_at": instant_text(row.recorded_at),
            "what": words.get(row.position),
            "by": row.actor if viewer is None else None,
            "cause": _cause(row.cause, deliveries, viewer),
            "hash": row.hash.hex(),
        }
        for row in sorted(rows, key=lambda row: row.position)
    ]


async def _words(moment: Moment, account: Account | None, viewer: PartnerId | None) -> dict[int, str]:
    """What happened to the account's registrations, in words, by position; to a partner only of its own."""
    if account is None:
        return {}
    found: dict[int, str] = {}
    history = (await moment.histories([account.id])).get(account.id, [])
    for registration in account.registrations.values():
        if viewer in (None, registration.partner):
            for one in history_document(history, registration.id, viewer):
                found[int(str(one["position"]))] = str(one["what"])
    return found


def _cause(cause: str | None, deliveries: Mapping[DeliveryName, DeliveryRow], viewer: PartnerId | None) -> Document:
    """Who or what brought an event about. The raw body is for staff, and gone once it was erased.

    The log holds its digest: a body that was changed since is shown, and said not to be the one that was delivered.
    """
    if cause is None:
        return {"kind": "none", "source": None, "id": None, "body_hash": None, "body": None, "body_is_delivered": None}
    match = CAUSE_OF_DELIVERY.fullmatch(cause)
    if match is None:
        kind = cause.partition(":")[0]
        return {
            "kind": kind,
            "source": None,
            "id": cause if viewer is None else None,
            "body_hash": None,
            "body": None,
            "body_is_delivered": None,
        }
    row = deliveries.get((match[1], match[2]))
    body = None if row is None or viewer is not None else row.body
    return {
        "kind": "delivery",
        "source": match[1],
        "id": match[2],
        "body_hash": match[3],
        "body": None if body is None else body.decode(errors="replace"),
        "body_is_delivered": None if body is None else sha256(body).hexdigest() == match[3],
    }
