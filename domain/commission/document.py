"""The statement as the document that the HTTP contract promises, and its digest (rules §7)."""

import hashlib
import json

from domain.commission.lines import Adjustment, Line, Slice, Statement, Totals
from domain.money import decimal_of

Document = dict[str, object]
"""JSON: strings, integers, null, lists and objects with string keys. No number in it has a fraction."""


def document_of(
    statement: Statement, *, status: str, position: int, digest: str | None = None, closed_at: str | None = None
) -> Document:
    """The whole document. `closed_at` is RFC 3339, null while the period is open."""
    body = _stated(statement)
    return {
        "partner": body["partner"],
        "period": body["period"],
        "currency": body["currency"],
        "status": status,
        "lines": body["lines"],
        "adjustments": body["adjustments"],
        "totals": body["totals"],
        "position": position,
        "digest": digest or _digest(body),
        "closed_at": closed_at,
    }


def digest_of(statement: Statement) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of partner, period, currency, lines, adjustments and totals."""
    return _digest(_stated(statement))


def _digest(body: Document) -> str:
    return hashlib.sha256(canonical_json(body)).hexdigest()


def canonical_json(value: object) -> bytes:
    """RFC 8785, for what a document holds: its keys are ASCII and its numbers integers below 2**53."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def _stated(statement: Statement) -> Document:
    currency = statement.currency
    return {
        "partner": statement.partner,
        "period": statement.period,
        "currency": currency,
        "lines": [line_document(line, currency) for line in statement.lines],
        "adjustments": [adjustment_document(adjustment, currency) for adjustment in statement.adjustments],
        "totals": totals_document(statement.totals, currency),
    }


def totals_document(totals: Totals, currency: str) -> Document:
    """What a statement comes to."""
    return {
        "commission": _money(totals.commission_minor, currency),
        "adjustments": _money(totals.adjustments_minor, currency),
        "held": _money(totals.held_minor, currency),
        "opening_balance": _money(totals.opening_balance_minor, currency),
        "payable": _money(totals.payable_minor, currency),
        "closing_balance": _money(totals.closing_balance_minor, currency),
    }


def line_document(line: Line, currency: str) -> Document:
    """A line with its working."""
    rate = line.exchange_rate
    document: Document = {
        "id": line.id,
        "kind": line.kind,
        "registration": line.registration,
        "deal": None if line.deal is None else {"source": line.deal.source, "id": line.deal.id},
        "account": line.account,
        "products": list(line.products),
        "won_on": line.won_on.isoformat(),
        "value": _money(line.value.amount_minor, line.value.currency),
        "exchange_rate": rate
        and {"base": rate.base, "quote": rate.quote, "rate": rate.rate, "date": rate.date.isoformat()},
        "share_basis_points": line.share_basis_points,
        "credited": _money(line.credited_minor, currency),
        "cumulative_before": _money(line.cumulative_before_minor, currency),
        "slices": [_slice(part, currency) for part in line.slices],
        "commission": _money(line.commission_minor, currency),
        "state": "held" if line.held_because else "earned",
        "held_because": list(line.held_because),
        "terms_version": line.terms_version,
        "evidence": list(line.evidence),
    }
    return document | _working(line, currency)


def _working(line: Line, currency: str) -> Document:
    """What had a part in the line beside the programme's tiers; left out where nothing had, as from the beginning."""
    if not (line.steps or line.tier_table or line.own_terms or line.incentive):
        return {}
    steps = [
        {
            "step": step.step,
            "figure": _money(step.figure_minor, currency),
            "commission": _money(step.commission_minor, currency),
        }
        for step in line.steps
    ]
    return {
        "working": {
            "tier_table": line.tier_table,
            "own_terms": line.own_terms,
            "incentive": line.incentive,
            "steps": steps,
        }
    }


def _slice(part: Slice, currency: str) -> Document:
    return {
        "tier": part.tier,
        "rate_basis_points": part.rate_basis_points,
        "base": _money(part.base_minor, currency),
        "commission": part.commission,
    }


def adjustment_document(adjustment: Adjustment, currency: str) -> Document:
    """An adjustment with the lines that it comes from."""
    return {
        "kind": adjustment.kind,
        "period": adjustment.period,
        "amount": _money(adjustment.amount_minor, currency),
        "held": _money(adjustment.held_minor, currency),
        "evidence": list(adjustment.evidence),
        "lines": [
            {
                "line": line.line,
                "registration": line.registration,
                "amount": _money(line.amount_minor, currency),
                "held": _money(line.held_minor, currency),
            }
            for line in adjustment.lines
        ],
        **({} if adjustment.id is None else {"id": adjustment.id, "reason": adjustment.reason}),
    }


def _money(amount_minor: int, currency: str) -> Document:
    return {"amount": decimal_of(amount_minor, currency), "currency": currency}
