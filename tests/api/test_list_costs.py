"""What a partner's lists cost does not tell it how much others have (issue 3: not even by their timing).

Cost is counted, not timed: in steps of SQLite's virtual machine, which are the same in every run.
"""

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, event

from api.app import operations
from tests.api.house import House, opened, registration

CLOCK: Final = "2026-10-05T09:00:00Z"
Q4: Final = "2026-Q4"
MANY: Final = 1_000_000_000
OWN: Final = {
    operation.path_format: operation.path_format.replace("{id}", "northwind").replace("{partner}", "northwind")
    for operation in operations()
    if operation.method == "GET" and operation.roles is not None and "partner" in operation.roles
    if "{id}" not in operation.path_format or operation.path_format.startswith("/v1/partners/{id}")
    if operation.path_format != "/v1/audit/explain"
} | {
    query: f"/v1/registrations?{query}"
    for query in ("status=approved", "status=waiting", "expiring_within_days=10", "account=northwind-0.example")
}
"""Every read of a partner that names none of its single things, with its own path."""


async def act(house: House, partner: str, number: int) -> None:
    """A partner with so many registrations, clashes, proposals, leads, disputes, payouts and adjustments."""
    by = f"partner:{partner}"
    for one in range(number):
        name = f"{partner}-{one}"
        account = {"name": f"{name} Inc", "country": "US", "domain": f"{name}.example"}
        deal = {"source": "crm", "id": f"D-{name}"}
        made = await house.post("/v1/registrations", registration(partner, account=account, deal=deal), by=by)
        await house.post("/v1/registrations", registration("tailspin", account=account), by="partner:tailspin")
        shares = [{"partner": partner, "basis_points": 6000}, {"partner": "fabrikam", "basis_points": 4000}]
        await house.post(f"/v1/registrations/{made['id']}/share-proposals", {"shares": shares}, by=by)
        lead = {"recipient": "fabrikam", "account": {"name": f"Lead {name}", "country": "US"}, "products": ["edge"]}
        await house.post("/v1/leads", lead, by=by)
        won = {"deal_id": f"D-{name}", "won_on": "2026-10-05"}
        answer = await house.send("deal.won", won, at="2026-10-05T08:59:00Z")
        assert answer.json()["outcome"] == "applied", answer.text


async def settle(house: House, partner: str, number: int) -> None:
    """What happens to its closed statement, so often."""
    statement = await house.get(f"/v1/statements/{partner}/{Q4}", by="finance")
    for one in range(number):
        dispute = {"line": statement["lines"][one]["id"], "reason": "Too little."}
        await house.post(f"/v1/statements/{partner}/{Q4}/dispute", dispute, by=f"partner:{partner}")
        entered = {"kind": "manual", "amount": {"amount": "1.00", "currency": "USD"}, "reason": "Support."}
        await house.post(f"/v1/partners/{partner}/adjustments", entered, by="finance")
        paid = {"reference": f"{partner}-{one}", "paid_on": "2027-01-02"}
        if one < number - 1:
            await house.post(f"/v1/statements/{partner}/{Q4}/payout", paid, by="finance")
            failed = {"reference": f"{partner}-{one}", "reason": "Returned."}
            await house.post(f"/v1/statements/{partner}/{Q4}/payout/fail", failed, by="finance")


@asynccontextmanager
async def told(url: URL, *, of_another: int) -> AsyncIterator[House]:
    """Northwind with two of everything, and another partner with so many."""
    async with opened(url, clock=CLOCK) as house:
        await house.source()
        for partner in ("northwind", "contoso", "tailspin", "fabrikam"):
            await house.enrol(partner)
        await act(house, "northwind", 2)
        await act(house, "contoso", of_another)
        await house.post("/v1/sandbox/clock", {"now": "2027-01-02T00:00:00Z"})
        await house.post(f"/v1/periods/{Q4}/close", {}, by="finance")
        await settle(house, "northwind", 2)
        await settle(house, "contoso", of_another)
        yield house


def counting(house: House) -> Callable[[], int]:
    """Counts, from now on, the steps that SQLite takes for this service."""
    steps = Counter[str]()

    def step() -> int:
        steps["taken"] += 1
        return 0

    @event.listens_for(house.service.engine.sync_engine, "checkout")
    def watch(connection: Any, *_: object) -> None:
        connection.run_async(lambda driver: driver.set_progress_handler(step, 1))

    return lambda: steps["taken"]


async def costs(url: URL, *, of_another: int) -> dict[str, int]:
    """How many steps each of northwind's reads takes, at best: whoever follows the log takes some meanwhile."""
    async with told(url, of_another=of_another) as house:
        await house.get("/v1/registrations", params={"at_least": await house.position()})
        found: dict[str, int] = {}
        taken = counting(house)
        for _ in range(3):
            for named, path in OWN.items():
                before = taken()
                answer = await house.ask("GET", path.replace("{period}", Q4), by="partner:northwind")
                assert answer.status_code == 200, (path, answer.text)
                found[named] = min(taken() - before, found.get(named, MANY))
        return found


async def test_what_another_partner_has_costs_a_partners_lists_nothing(sqlite_template: Path, tmp_path: Path) -> None:
    """Six times as much of the other partner's changes no read of the first by more than a tenth."""
    few, many = [
        await costs(
            URL.create("sqlite+aiosqlite", database=str(shutil.copy(sqlite_template, tmp_path / f"{number}.db"))),
            of_another=number,
        )
        for number in (2, 12)
    ]
    dearer = {path: (steps, many[path]) for path, steps in few.items() if many[path] > 1.1 * steps}
    assert dearer == {}
    assert min(few.values()) > 10, "something is counted"
