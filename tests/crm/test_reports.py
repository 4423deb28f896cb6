"""What a standard webhook says (api.md, Webhooks in)."""

import json
from datetime import date
from typing import Any

import pytest

from domain.calendar import instant_from
from domain.deal_registration.deal_facts import ReportFact
from domain.money import money_of
from service.crm.reports import FactReported, Malformed, NothingToUs, RegistrationRequested, read_report
from service.payloads.strict_json import NotJson

AT = "2026-11-25T16:20:00.5Z"
VALUE = {"amount": "150000.00", "currency": "USD"}
USD = money_of("150000.00", "USD")


def report(kind: str, data: dict[str, Any], **envelope: Any) -> Any:
    """What a webhook of this type says."""
    return read_report(json.dumps({"type": kind, "timestamp": AT, "data": data} | envelope).encode(), "msg_1")


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("deal.value_changed", {"value": VALUE}, {"kind": "value_stated", "value": USD}),
        ("deal.won", {"won_on": "2026-11-25"}, {"kind": "won", "on": date(2026, 11, 25)}),
        ("deal.won", {"won_on": "2026-11-25", "value": VALUE}, {"kind": "won", "on": date(2026, 11, 25), "value": USD}),
        ("deal.lost", {}, {"kind": "lost"}),
        ("deal.lost", {"reason": "Too dear."}, {"kind": "lost", "reason": "Too dear."}),
        ("deal.reopened", {}, {"kind": "reopened"}),
        (
            "deal.refunded",
            {"refund_id": "R-1", "amount": VALUE, "refunded_on": "2027-01-20"},
            {"kind": "refunded", "refund_id": "R-1", "value": USD, "on": date(2027, 1, 20)},
        ),
        (
            "deal.paid",
            {"amount": VALUE, "paid_on": "2027-01-10"},
            {"kind": "paid", "value": USD, "on": date(2027, 1, 10)},
        ),
    ],
)
def test_each_type_becomes_the_fact_that_it_states(kind: str, data: dict[str, Any], expected: dict[str, Any]) -> None:
    """The envelope's timestamp is when it happened; the delivery's id breaks ties."""
    fact = ReportFact(occurred_at=instant_from(AT), delivery="msg_1", **expected)
    assert report(kind, {"deal_id": "D-8123"} | data) == FactReported(deal_id="D-8123", fact=fact)


def test_a_registration_made_in_the_crm_is_read_as_over_the_api() -> None:
    """With the deal's id beside the fields of the API."""
    data = {
        "deal_id": "D-8123",
        "partner": "northwind",
        "account": {"name": "Acme GmbH", "country": "DE"},
        "products": ["edge"],
        "value": VALUE,
        "engagement": "referral",
    }
    requested = report("deal.registered", data)
    assert isinstance(requested, RegistrationRequested)
    assert (requested.deal_id, requested.occurred_at) == ("D-8123", instant_from(AT))
    assert requested.registration.account.name == "Acme GmbH"
    assert requested.registration.value.money == USD


def test_a_type_that_is_none_of_ours_is_nothing_to_us_whatever_its_data() -> None:
    """Valid but irrelevant is never an error."""
    assert report("contact.created", {"anything": [1, None]}) == NothingToUs(type="contact.created")
    assert read_report(b'{"type":"invoice.paid"}', "msg_1") == NothingToUs(type="invoice.paid")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"test": 2432232314}', "type"),
        (b"[]", ""),
        (b"null", ""),
        (b'{"type": 5, "timestamp": "2026-11-25T16:20:00Z", "data": {}}', "type"),
        (b'{"type": "deal.won", "data": {"deal_id": "D", "won_on": "2026-11-25"}}', "timestamp"),
        (
            b'{"type": "deal.won", "timestamp": 1764087600, "data": {"deal_id": "D", "won_on": "2026-11-25"}}',
            "timestamp",
        ),
        (b'{"type": "deal.won", "timestamp": "2026-11-25T16:20:00Z", "data": {"deal_id": "D"}}', "data.won_on"),
        (
            b'{"type": "deal.won", "timestamp": "2026-11-25T16:20:00Z", "data": {"deal_id": 5, "won_on": "2026-11-5"}}',
            "data.deal_id",
        ),
        (
            b'{"type": "deal.reopened", "timestamp": "2026-11-25T16:20:00Z", "data": {"deal_id": "D", "why": ""}}',
            "data.why",
        ),
        (b'{"type": "deal.lost", "timestamp": "2026-11-25T16:20:00Z", "data": {"deal_id": "D\\u0000"}}', ""),
        (b'{"type": "deal.lost", "timestamp": "2026-11-25T16:20:00Z", "data": {"deal_id": "D", "deal_id": "E"}}', ""),
    ],
)
def test_data_that_does_not_fit_its_type_is_malformed_and_says_where(body: bytes, field: str) -> None:
    """Told as `errors`, with the path from the body's root."""
    malformed = read_report(body, "msg_1")
    assert isinstance(malformed, Malformed)
    assert field in {error["field"] for error in malformed.errors}


@pytest.mark.parametrize(
    "body", [b"", b"hello", b'{"type": "deal.won"', b"\xff{}", b"[" * 100_000, b"NaN", b'{"a":1}x']
)
def test_a_body_that_is_not_json_is_told_apart(body: bytes) -> None:
    """It is 400, and not a refused delivery."""
    with pytest.raises(NotJson):
        read_report(body, "msg_1")
