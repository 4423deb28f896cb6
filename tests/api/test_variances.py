"""What a changed calculation would have made of a closed period, over HTTP (rules §7)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from domain.commission import calculation
from domain.commission.credit import Credit
from domain.commission.lines import ComputedLine
from domain.commission_period import aggregate, recomputation, variance
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from tests.api.house import House, registration
from tests.api.test_examples import BY_NAME, check

Q4, PATH = "2026-Q4", "/v1/partners/northwind/variances"
BECAUSE = {"reason": "The difference was looked at."}


OURS = calculation.CALCULATIONS[1]


def one_less(programme: Programme, partner: Partner, credited: Iterable[Credit]) -> tuple[ComputedLine, ...]:
    """A calculation that makes every line a dollar less."""
    found = OURS(programme, partner, credited)
    return tuple(
        replace(one, line=replace(one.line, commission_minor=one.line.commission_minor - 100)) for one in found
    )


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """A release that computes a dollar less and calls that its second version; the test puts ours back as today's."""
    versions = {1: one_less, 2: one_less}
    for module in (calculation, variance, recomputation):
        monkeypatch.setattr(module, "CALCULATIONS", versions)
    monkeypatch.setattr(aggregate, "CALCULATION", 2)
    return versions


async def test_finance_dismisses_a_variance_or_posts_it(sandbox: House, versions: dict[int, Any]) -> None:
    """It is listed until it is dismissed; one that was dismissed can be posted still, and then nothing is left."""
    await sandbox.enrol("northwind")
    await sandbox.source()
    deal = {"source": "crm", "id": "D-1"}
    await sandbox.post("/v1/registrations", registration(deal=deal), by="partner_manager")
    won = {"deal_id": "D-1", "won_on": "2026-10-05", "value": {"amount": "100.00", "currency": "USD"}}
    await sandbox.send("deal.won", won, at="2026-10-05T08:59:00Z")
    await sandbox.post("/v1/sandbox/clock", {"now": "2027-01-02T00:00:00Z"})
    await sandbox.post(f"/v1/periods/{Q4}/close", {}, by="finance")
    versions[1] = OURS

    [found] = (await sandbox.get(PATH, by="finance"))["items"]
    assert (found["period"], found["closed_with"], found["state"], found["dismissed"]) == (Q4, 2, "open", None)
    before = await sandbox.position()
    unknown = "/v1/partners/nobody/variances"
    for refused, expected in (
        (f"{unknown}/{Q4}/dismiss", (404, "NOT_FOUND")),
        (f"{unknown}/{Q4}/post", (404, "NOT_FOUND")),
        (f"{PATH}/2027-Q1/dismiss", (409, "WRONG_STATE")),
        (f"{PATH}/2027-Q1/post", (409, "WRONG_STATE")),
    ):
        assert await sandbox.refused("POST", refused, json=BECAUSE, by="finance") == expected
    assert await sandbox.refused("POST", f"{PATH}/{Q4}/dismiss", json={}, by="finance") == (422, "MALFORMED")
    assert await sandbox.refused("POST", f"{PATH}/{Q4}/dismiss", json=BECAUSE, by="auditor") == (403, "FORBIDDEN")
    assert await sandbox.position() == before

    dismissed = await sandbox.post(f"{PATH}/{Q4}/dismiss", BECAUSE, by="finance")
    check(BY_NAME["dismiss_variance"], {"status": 200, "body": dismissed})
    assert (dismissed["state"], dismissed["dismissed"]["reason"]) == ("dismissed", BECAUSE["reason"])
    again = await sandbox.post(f"{PATH}/{Q4}/dismiss", BECAUSE, by="finance")
    assert (again["dismissed"], again["position"]) == (dismissed["dismissed"], None)
    [listed] = (await sandbox.get(PATH, by="auditor"))["items"]
    assert listed["state"] == "dismissed"

    posted = await sandbox.post(f"{PATH}/{Q4}/post", BECAUSE, by="finance")
    check(BY_NAME["post_variance"], {"status": 201, "body": posted})
    assert (posted["kind"], posted["about"]["period"]) == ("variance", Q4)
    assert posted["amount"] == found["amount"] == {"amount": "1.00", "currency": "USD"}
    [listed] = (await sandbox.get(PATH, by="finance"))["items"]
    assert (listed["state"], listed["entered"]) == ("posted", found["amount"])
    assert await sandbox.refused("POST", f"{PATH}/{Q4}/post", json=BECAUSE, by="finance") == (409, "WRONG_STATE")
    [adjustment] = (await sandbox.get("/v1/statements/northwind/2027-Q1", by="finance"))["adjustments"]
    assert (adjustment["kind"], adjustment["amount"]) == ("variance", found["amount"])
