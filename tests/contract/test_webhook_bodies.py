"""Whatever a source signs, it gets one of the answers that the contract states for it (api.md, Webhooks in)."""

import itertools
import json
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.test_fuzzing import CONTRACT
from tests.support.api import Sandbox, problem, usd, wanted

RECEIVE: Final[Any] = CONTRACT["/webhooks/{source}"]["POST"]
BOUNDED: Final = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

TYPES: Final = (
    "deal.registered",
    "deal.value_changed",
    "deal.won",
    "deal.lost",
    "deal.reopened",
    "deal.refunded",
    "deal.paid",
)

_deliveries = itertools.count(1)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
anything = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
instants = st.sampled_from(
    ["2026-03-01T09:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999-23:59", "now", 5]
)
days = st.sampled_from(["2026-03-01", "1900-01-01", "9999-12-31", "2026-02-30", "", None])
amounts = st.sampled_from(
    [usd("10.00"), usd("-1.00"), usd("1e3"), usd("999999999999999999.99"), usd(""), "10.00", None]
)
known: Final[dict[str, st.SearchStrategy[Any]]] = {
    "deal_id": st.sampled_from(["D-1", "D-2", "D-9", "", "\x00", "x" * 256, 1]),
    "won_on": days,
    "refunded_on": days,
    "paid_on": days,
    "value": amounts,
    "amount": amounts,
    "refund_id": st.sampled_from(["R-1", "R-2", "", 7]),
    "reason": st.text() | st.none(),
}
data = st.fixed_dictionaries({}, optional=known) | anything | st.just(wanted(partner="northwind", deal_id="D-7"))
bodies = st.fixed_dictionaries(
    {"type": st.sampled_from([*TYPES, "deal.unheard_of", "", None]), "timestamp": instants, "data": data}
)


def answered(sandbox: Sandbox, body: bytes) -> dict[str, Any]:
    """The answer to a well-signed webhook; it must be one of the contract's."""
    head = sandbox.position()
    response = sandbox.deliver(body, f"fuzz_{next(_deliveries)}")
    assert response.status_code != 500, response.text
    assert isinstance(RECEIVE, schemathesis.APIOperation)
    RECEIVE.validate_response(response)
    if response.status_code != 200:
        assert problem(response) == (400, "NOT_JSON")
        assert sandbox.position() == head
        return {}
    found: dict[str, Any] = response.json()
    if found["outcome"] != "applied":
        assert found["position"] is None and sandbox.position() == head
    return found


@BOUNDED
@given(bodies)
def test_a_signed_webhook_is_applied_ignored_refused_or_parked(lived_in: Sandbox, body: dict[str, Any]) -> None:
    """Any type, any data: 200 with what became of it, and nothing recorded unless it is applied."""
    found = answered(lived_in, json.dumps(body).encode())
    assert found["outcome"] in ("applied", "ignored", "refused", "parked")
    assert (found["reason"] == "MALFORMED") == ("errors" in found)


@BOUNDED
@given(anything.map(lambda document: json.dumps(document).encode()) | st.binary(max_size=40))
def test_signed_bytes_that_are_no_webhook_are_refused_or_not_json(lived_in: Sandbox, body: bytes) -> None:
    """JSON of another form is refused with 200; what is no JSON is 400."""
    found = answered(lived_in, body)
    assert found == {} or found["outcome"] in ("ignored", "refused")
