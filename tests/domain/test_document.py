"""The statement as the document that callers rely on, and its digest (rules §7)."""

import hashlib
import json
from datetime import date

from domain.commission.document import canonical_json, digest_of, document_of
from tests.support.commission import Books


def test_a_statement_is_the_document_of_the_contract() -> None:
    books = Books()
    won_at = books.win("8123", "150000.00", "2026-11-25")
    document = document_of(books.statement("2026-Q4"), status="open", position=21)
    digest = document.pop("digest")
    assert digest == digest_of(books.statement("2026-Q4"))
    assert document == {
        "partner": "northwind",
        "period": "2026-Q4",
        "currency": "USD",
        "status": "open",
        "lines": [
            {
                "id": "line_8123_northwind",
                "kind": "commission",
                "registration": "reg_8123",
                "deal": {"source": "crm", "id": "D-8123"},
                "account": "Customer 8123",
                "products": ["edge"],
                "won_on": "2026-11-25",
                "value": {"amount": "150000.00", "currency": "USD"},
                "exchange_rate": None,
                "share_basis_points": 10000,
                "credited": {"amount": "150000.00", "currency": "USD"},
                "cumulative_before": {"amount": "0.00", "currency": "USD"},
                "slices": [
                    {
                        "tier": 1,
                        "rate_basis_points": 1500,
                        "base": {"amount": "100000.00", "currency": "USD"},
                        "commission": "15000",
                    },
                    {
                        "tier": 2,
                        "rate_basis_points": 2000,
                        "base": {"amount": "50000.00", "currency": "USD"},
                        "commission": "10000",
                    },
                ],
                "commission": {"amount": "25000.00", "currency": "USD"},
                "state": "earned",
                "held_because": [],
                "terms_version": 1,
                "evidence": [books.places["8123"], won_at],
            }
        ],
        "adjustments": [],
        "totals": {
            "commission": {"amount": "25000.00", "currency": "USD"},
            "adjustments": {"amount": "0.00", "currency": "USD"},
            "held": {"amount": "0.00", "currency": "USD"},
            "opening_balance": {"amount": "0.00", "currency": "USD"},
            "payable": {"amount": "25000.00", "currency": "USD"},
            "closing_balance": {"amount": "0.00", "currency": "USD"},
        },
        "position": 21,
        "closed_at": None,
    }


def test_a_held_line_an_exchange_rate_and_an_adjustment_are_in_the_document() -> None:
    books = Books()
    books.rate("EUR", "1.1000", date(2026, 1, 1))
    books.win("a", "1000.00", "2026-03-10")
    books.close("2026-Q1")
    later = books.worth("a", "2000.00")
    books.win("b", "100.00", "2026-05-10", currency="EUR", held_because=("CONFLICT_OPEN",))
    document = document_of(
        books.statement("2026-Q2"), status="closed", position=9, digest="d", closed_at="2026-07-01T00:00:00.000000Z"
    )
    (line,) = json.loads(canonical_json(document))["lines"]
    assert (line["state"], line["held_because"]) == ("held", ["CONFLICT_OPEN"])
    assert line["exchange_rate"] == {"base": "EUR", "quote": "USD", "rate": "1.1000", "date": "2026-01-01"}
    assert (document["digest"], document["closed_at"]) == ("d", "2026-07-01T00:00:00.000000Z")
    assert document["adjustments"] == [
        {
            "kind": "prior_period",
            "period": "2026-Q1",
            "amount": {"amount": "150.00", "currency": "USD"},
            "held": {"amount": "0.00", "currency": "USD"},
            "evidence": [later],
            "lines": [
                {
                    "line": "line_a_northwind",
                    "registration": "reg_a",
                    "amount": {"amount": "150.00", "currency": "USD"},
                    "held": {"amount": "0.00", "currency": "USD"},
                }
            ],
        }
    ]


def test_anybody_can_check_the_digest_with_nothing_but_the_document() -> None:
    """SHA-256 of the canonical JSON of partner, period, currency, lines, adjustments and totals."""
    books = Books()
    books.win("a", "99999.99", "2026-11-25")
    document = document_of(books.statement("2026-Q4"), status="open", position=1)
    members = {key: document[key] for key in ("partner", "period", "currency", "lines", "adjustments", "totals")}
    by_hand = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert document["digest"] == hashlib.sha256(by_hand).hexdigest()


def test_one_changed_figure_changes_the_digest_and_where_it_stands_in_the_log_does_not() -> None:
    books = Books()
    books.win("a", "100.00", "2026-11-25")
    statement = books.statement("2026-Q4")
    one = document_of(statement, status="open", position=1)
    assert document_of(statement, status="closed", position=7)["digest"] == one["digest"]
    books.win("a", "100.01", "2026-11-25")
    assert digest_of(books.statement("2026-Q4")) != one["digest"]


def test_canonical_json_is_that_of_rfc_8785() -> None:
    """Sorted members, no space, only what must be escaped is, and in UTF-8."""
    value = {"b": [1, None, '\u20ac"\\/\b\f\n\r\t\u000f\u007f'], "a": {}, "B": True}
    assert canonical_json(value) == (b'{"B":true,"a":{},"b":[1,null,"\xe2\x82\xac\\"\\\\/\\b\\f\\n\\r\\t\\u000f\x7f"]}')
