"""The main story over HTTP: registered first, behind, won, stated, closed, acknowledged."""

from tests.api.house import House, registration


async def test_a_deal_is_registered_won_stated_closed_and_acknowledged(sandbox: House) -> None:
    """150,000 is 25,000.00 by the seed terms (rules §6); the second partner waits behind the first."""
    await sandbox.enrol("northwind")
    await sandbox.enrol("contoso")
    await sandbox.source()
    first = await sandbox.post(
        "/v1/registrations", registration(deal={"source": "crm", "id": "D-1"}), by="partner_manager"
    )
    assert first["status"] == "approved"
    assert first["standing"][0] | {"protection": None} == {
        "product": "edge",
        "rank": 1,
        "holder": True,
        "conflict": None,
        "protection": None,
    }
    second = await sandbox.post("/v1/registrations", registration(partner=None), by="partner:contoso")
    assert (second["status"], second["standing"][0]["rank"], second["protection"]) == ("waiting", 2, None)
    assert second["conflict"].startswith("cft_")
    won = {"deal_id": "D-1", "won_on": "2026-10-05", "value": {"amount": "150000.00", "currency": "USD"}}
    applied = (await sandbox.send("deal.won", won, at="2026-10-05T08:59:00Z")).json()
    assert (applied["outcome"], applied["registration"]) == ("applied", first["id"])
    at_least = {"at_least": applied["position"]}
    statement = await sandbox.get("/v1/statements/northwind/2026-Q4", params=at_least, by="finance")
    assert statement["status"] == "open"
    assert statement["lines"][0]["commission"] == {"amount": "25000.00", "currency": "USD"}
    await sandbox.post("/v1/sandbox/clock", {"now": "2027-01-02T00:00:00Z"})
    closed = await sandbox.post("/v1/periods/2026-Q4/close", {}, by="finance")
    assert [one["partner"] for one in closed["closed"]][-1:] == ["northwind"]
    agreed = await sandbox.post("/v1/statements/northwind/2026-Q4/acknowledge", by="partner:northwind")
    assert agreed["status"] == "acknowledged"
    shown = await sandbox.get(
        "/v1/statements/northwind/2026-Q4", params={"at_least": agreed["position"]}, by="partner:northwind"
    )
    assert shown["status"] == "acknowledged"
    assert shown["digest"] == closed["closed"][-1]["digest"]
