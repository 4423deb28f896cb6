"""Every refusal of the contract is seen by its code, and leaves the log where it is (api.md; issue 2, 6)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.api.house import House, registration

AT = "2026-10-05T08:00:00Z"
EUR = {"amount": "1.00", "currency": "EUR"}


@asynccontextmanager
async def nothing_recorded(house: House) -> AsyncIterator[None]:
    """What happens inside records nothing."""
    before = await house.position()
    yield
    assert await house.position() == before


async def registered(house: House, partner: str = "northwind", **changes: Any) -> str:
    """A registration's id."""
    return str((await house.post("/v1/registrations", registration(partner, **changes)))["id"])


async def terms(house: House, **settings: Any) -> None:
    """Terms that hold from today on."""
    await house.post("/v1/programme/terms", {"effective_from": "2026-10-05", "terms": settings})


Refused = tuple[str, str, Any, int, str]
"""Method, path, body, and the status and code that it is refused with."""


async def already_registered(house: House) -> Refused:
    await registered(house)
    return "POST", "/v1/registrations", registration(products=["edge", "core"]), 409, "ALREADY_REGISTERED"


async def deal_already_linked(house: House) -> Refused:
    await registered(house, deal={"source": "crm", "id": "D-1"})
    other = registration("contoso", account={"name": "Globex", "country": "DE"}, deal={"source": "crm", "id": "D-1"})
    return "POST", "/v1/registrations", other, 409, "DEAL_ALREADY_LINKED"


async def partner_not_active(house: House) -> Refused:
    await house.post("/v1/partners/northwind/suspend", {"reason": "An invoice is open."})
    return "POST", "/v1/registrations", registration(), 409, "PARTNER_NOT_ACTIVE"


async def outside_agreement(house: House) -> Refused:
    agreement = {"products": ["*"], "territories": ["FR"], "effective_from": "2026-01-02"}
    await house.post("/v1/partners/northwind/agreement", agreement)
    return "POST", "/v1/registrations", registration(), 409, "OUTSIDE_AGREEMENT"


async def too_many_registrations(house: House) -> Refused:
    await terms(house, max_live_registrations=1)
    await registered(house)
    other = registration(account={"name": "Globex", "country": "DE"})
    return "POST", "/v1/registrations", other, 409, "TOO_MANY_REGISTRATIONS"


async def below_minimum_value(house: House) -> Refused:
    await terms(house, minimum_value="120000.01")
    return "POST", "/v1/registrations", registration(), 409, "BELOW_MINIMUM_VALUE"


async def unknown_partner(house: House) -> Refused:
    del house
    return "POST", "/v1/registrations", registration("nobody"), 422, "UNKNOWN_PARTNER"


async def unknown_product(house: House) -> Refused:
    await terms(house, products=["core"])
    return "POST", "/v1/registrations", registration(), 422, "UNKNOWN_PRODUCT"


async def not_first(house: House) -> Refused:
    await registered(house)
    behind = await registered(house, "contoso")
    return "POST", f"/v1/registrations/{behind}/approve", None, 409, "NOT_FIRST"


async def wrong_state(house: House) -> Refused:
    withdrawn = await registered(house)
    await house.post(f"/v1/registrations/{withdrawn}/withdraw", {"reason": "No budget."})
    return "POST", f"/v1/registrations/{withdrawn}/approve", None, 409, "WRONG_STATE"


async def protection_lapsed(house: House) -> Refused:
    lapsed = await registered(house)
    await house.post("/v1/sandbox/clock", {"now": "2026-11-04T09:00:00Z"})
    return "POST", f"/v1/registrations/{lapsed}/extend", {"evidence": "A meeting."}, 409, "PROTECTION_LAPSED"


async def no_extension_left(house: House) -> Refused:
    extended = await registered(house)
    await house.post(f"/v1/registrations/{extended}/extend", {"evidence": "A meeting."})
    return "POST", f"/v1/registrations/{extended}/extend", {"evidence": "Another."}, 409, "NO_EXTENSION_LEFT"


async def already_won(house: House) -> Refused:
    won = await registered(house, deal={"source": "crm", "id": "D-1"})
    await house.send("deal.won", {"deal_id": "D-1", "won_on": "2026-10-05"}, at=AT)
    shares = {"shares": [{"partner": "northwind", "basis_points": 5000}, {"partner": "contoso", "basis_points": 5000}]}
    return "PUT", f"/v1/registrations/{won}/shares", shares, 409, "ALREADY_WON"


async def step_out_of_order(house: House) -> Refused:
    await registered(house)
    await registered(house, "contoso")
    (case,) = (await house.get("/v1/conflicts"))["items"]
    decision = {"outcome": "uphold", "rule": "Who is first", "reason": "It was first."}
    return "POST", f"/v1/conflicts/{case['id']}/decide", decision, 409, "STEP_OUT_OF_ORDER"


async def already_exists(house: House) -> Refused:
    body = {"id": "northwind", "name": "Other", "currency": "USD", "agreement": {"effective_from": "2026-01-01"}}
    return "POST", "/v1/partners", body, 409, "ALREADY_EXISTS"


async def rate_exists(house: House) -> Refused:
    rate = {"date": "2026-10-01", "base": "EUR", "quote": "USD", "rate": "1.1000"}
    await house.post("/v1/programme/exchange-rates", rate)
    return "POST", "/v1/programme/exchange-rates", rate | {"rate": "1.2000"}, 409, "RATE_EXISTS"


async def clock_moves_forward(house: House) -> Refused:
    del house
    return "POST", "/v1/sandbox/clock", {"now": "2026-10-05T08:59:59.999999Z"}, 409, "CLOCK_MOVES_FORWARD"


async def period_not_ended(house: House) -> Refused:
    del house
    return "POST", "/v1/periods/2026-Q4/close", {}, 409, "PERIOD_NOT_ENDED"


async def earlier_period_open(house: House) -> Refused:
    await registered(house, deal={"source": "crm", "id": "D-1"})
    await house.send("deal.won", {"deal_id": "D-1", "won_on": "2026-10-05"}, at=AT)
    await house.post("/v1/sandbox/clock", {"now": "2027-04-02T00:00:00Z"})
    return "POST", "/v1/periods/2027-Q1/close", {}, 409, "EARLIER_PERIOD_OPEN"


async def period_closed(house: House) -> Refused:
    await registered(house, deal={"source": "crm", "id": "D-1"})
    await house.send("deal.won", {"deal_id": "D-1", "won_on": "2026-10-05"}, at=AT)
    await house.post("/v1/sandbox/clock", {"now": "2027-01-02T00:00:00Z"})
    await house.post("/v1/periods/2026-Q4/close", {})
    change = {"effective_from": "2026-12-01", "terms": {"protection_days": 60}}
    return "POST", "/v1/programme/terms", change, 409, "PERIOD_CLOSED"


async def malformed_terms(house: House) -> Refused:
    del house
    change = {"effective_from": "2026-12-01", "terms": {"minimum_payout": "1.000"}}
    return "POST", "/v1/programme/terms", change, 422, "MALFORMED"


async def malformed_tiers(house: House) -> Refused:
    del house
    tiers = [{"from": "0.00", "rate_basis_points": 1500}, {"from": "0.00", "rate_basis_points": 2000}]
    return "POST", "/v1/programme/terms", {"effective_from": "2026-12-01", "terms": {"tiers": tiers}}, 422, "MALFORMED"


async def malformed_period(house: House) -> Refused:
    del house
    return "POST", "/v1/periods/2026-Q5/close", {}, 422, "MALFORMED"


async def period_of_another_length(house: House) -> Refused:
    del house
    return "POST", "/v1/periods/2026-07/close", {}, 422, "MALFORMED"


async def registration_not_found(house: House) -> Refused:
    del house
    return "POST", "/v1/registrations/reg_nothing/approve", None, 404, "NOT_FOUND"


async def case_not_found(house: House) -> Refused:
    del house
    return "POST", "/v1/conflicts/cft_nothing/mediate", {"skipped": "Nothing."}, 404, "NOT_FOUND"


async def partner_not_found(house: House) -> Refused:
    del house
    return "POST", "/v1/partners/nobody/suspend", {"reason": "Nothing."}, 404, "NOT_FOUND"


REFUSALS: list[Callable[[House], Awaitable[Refused]]] = [
    already_registered,
    deal_already_linked,
    partner_not_active,
    outside_agreement,
    too_many_registrations,
    below_minimum_value,
    unknown_partner,
    unknown_product,
    not_first,
    wrong_state,
    protection_lapsed,
    no_extension_left,
    already_won,
    step_out_of_order,
    already_exists,
    rate_exists,
    clock_moves_forward,
    period_not_ended,
    earlier_period_open,
    period_closed,
    malformed_terms,
    malformed_tiers,
    malformed_period,
    period_of_another_length,
    registration_not_found,
    case_not_found,
    partner_not_found,
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
async def test_a_refusal_has_its_code_and_records_nothing(
    sandbox: House, refusal: Callable[[House], Awaitable[Refused]]
) -> None:
    """The rule's code under the status of the one table; a fact of the refusal is a member of the problem."""
    await sandbox.enrol("northwind")
    await sandbox.enrol("contoso")
    await sandbox.source()
    method, path, body, status, code = await refusal(sandbox)
    async with nothing_recorded(sandbox):
        answer = await sandbox.ask(method, path, **({} if body is None else {"json": body}))
        problem = answer.json()
        assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), answer.text
        assert problem["type"] == f"urn:firstclaim:problem:{code}"
        assert problem["detail"]
        assert ("errors" in problem) == (code == "MALFORMED")
        if code == "ALREADY_REGISTERED":
            assert problem["registration"].startswith("reg_")
            assert problem["products"] == ["edge"]


async def test_only_a_sandbox_has_a_clock_to_move(house: House) -> None:
    """A programme of the real clock refuses."""
    async with nothing_recorded(house):
        found = await house.refused("POST", "/v1/sandbox/clock", json={"now": "2030-01-01T00:00:00Z"})
        assert found == (409, "NOT_A_SANDBOX")


async def test_linking_again_is_for_staff(sandbox: House) -> None:
    """A partner is told that the deal is linked already, in the same words whoever has it (rules §5)."""
    await sandbox.enrol("northwind")
    await sandbox.enrol("contoso")
    first = await registered(sandbox, deal={"source": "crm", "id": "D-1"})
    second = await registered(sandbox, "contoso", account={"name": "Globex", "country": "DE"})
    link = {"source": "crm", "id": "D-1"}
    texts = set()
    for registration_id, who in ((second, "partner:contoso"), (first, "partner:northwind")):
        other = link | {"id": "D-2"} if registration_id == first else link
        answer = await sandbox.ask("POST", f"/v1/registrations/{registration_id}/deal", by=who, json=other)
        assert (answer.status_code, answer.json()["code"]) == (409, "DEAL_ALREADY_LINKED")
        texts.add(answer.json()["detail"])
    assert all("northwind" not in text and first not in text for text in texts)
    moved = await sandbox.post(f"/v1/registrations/{second}/deal", link, by="sales")
    assert moved["deal"] == link
    assert (await sandbox.get(f"/v1/registrations/{first}"))["deal"] is None
