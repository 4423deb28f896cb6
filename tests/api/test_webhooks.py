"""Webhooks in (api.md): what each delivery is answered, and that what is turned away leaves nothing behind."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import update

from domain.ids import Instant
from service.crm.standard import signed_headers
from service.database import write
from service.host_time import host_now
from service.schema import record_deliveries
from tests.api.house import SECRET, House, registration

VALUE = {"amount": "150000.00", "currency": "USD"}
AT = "2026-10-05T08:00:00Z"


async def known_deal(house: House) -> str:
    """A partner, a source, and a registration linked to deal D-1."""
    await house.enrol("northwind")
    await house.source()
    registered = await house.post("/v1/registrations", registration(deal={"source": "crm", "id": "D-1"}))
    return str(registered["id"])


async def test_a_fact_of_a_known_deal_is_applied_whatever_the_order(sandbox: House) -> None:
    """A refund before its win, a value after it: each is recorded, with its position."""
    registered = await known_deal(sandbox)
    for kind, data in (
        (
            "deal.refunded",
            {"refund_id": "R-1", "amount": {"amount": "10.00", "currency": "USD"}, "refunded_on": "2026-10-05"},
        ),
        ("deal.won", {"won_on": "2026-10-05"}),
        ("deal.value_changed", {"value": VALUE}),
        ("deal.reopened", {}),
        ("deal.lost", {"reason": "Chose another."}),
        ("deal.paid", {"amount": VALUE, "paid_on": "2026-10-05"}),
    ):
        answer = await sandbox.send(kind, {"deal_id": "D-1", **data}, at=AT)
        assert answer.status_code == 200
        assert answer.json() | {"position": None, "delivery": ""} == {
            "delivery": "",
            "outcome": "applied",
            "position": None,
            "reason": None,
            "registration": registered,
        }
        assert answer.json()["position"] == await sandbox.position()


async def test_a_repeat_is_a_duplicate_and_writes_nothing(sandbox: House) -> None:
    """Same id and body: the first answer but for the word. Another body: 409, kept beside the first."""
    await known_deal(sandbox)
    first = (await sandbox.send("deal.won", {"deal_id": "D-1", "won_on": "2026-10-05"}, at=AT, delivery="msg_a")).json()
    before = await sandbox.position()
    again = (await sandbox.send("deal.won", {"deal_id": "D-1", "won_on": "2026-10-05"}, at=AT, delivery="msg_a")).json()
    assert again == first | {"outcome": "duplicate"}
    other = await sandbox.send("deal.won", {"deal_id": "D-1", "won_on": "2026-10-04"}, at=AT, delivery="msg_a")
    assert (other.status_code, other.json()["code"]) == (409, "DELIVERY_ID_REUSED")
    assert await sandbox.position() == before
    kept = await sandbox.get("/v1/deliveries/crm/msg_a")
    assert kept["outcome"] == "applied"
    assert kept["caused"][-1]["position"] == first["position"]
    assert "2026-10-04" in kept["rivals"][0]["body"]
    assert "webhook-signature" not in kept["headers"]


async def test_what_is_nothing_to_us_is_ignored_and_a_known_refund_too(sandbox: House) -> None:
    """An unknown type; a refund_id counted already, under whatever delivery."""
    await known_deal(sandbox)
    unknown = (await sandbox.send("contact.created", {"x": 1})).json()
    assert (unknown["outcome"], unknown["position"]) == ("ignored", None)
    refund = {"deal_id": "D-1", "refund_id": "R", "amount": VALUE, "refunded_on": "2026-10-05"}
    assert (await sandbox.send("deal.refunded", refund, at=AT)).json()["outcome"] == "applied"
    again = (await sandbox.send("deal.refunded", refund, at=AT)).json()
    assert (again["outcome"], again["position"]) == ("ignored", None)


async def test_a_rules_no_and_malformed_data_are_refused_with_200(sandbox: House) -> None:
    """`reason` is the code; MALFORMED says where."""
    await known_deal(sandbox)
    other = {
        "deal_id": "D-1",
        "refund_id": "R",
        "amount": {"amount": "1.00", "currency": "EUR"},
        "refunded_on": "2026-10-05",
    }
    refused = (await sandbox.send("deal.refunded", other, at=AT)).json()
    assert (refused["outcome"], refused["reason"]) == ("refused", "CURRENCY_MISMATCH")
    malformed = (await sandbox.send("deal.won", {"deal_id": "D-1"}, at=AT)).json()
    assert (malformed["outcome"], malformed["reason"]) == ("refused", "MALFORMED")
    assert [error["field"] for error in malformed["errors"]] == ["data.won_on"]
    nobody_s = {name: value for name, value in registration().items() if name != "partner"} | {"deal_id": "D-3"}
    unnamed = (await sandbox.send("deal.registered", nobody_s, at=AT)).json()
    assert (unnamed["outcome"], unnamed["reason"]) == ("refused", "MALFORMED")
    assert [error["field"] for error in unnamed["errors"]] == ["data.partner"]
    twice = registration() | {"deal_id": "D-2"}
    registered = (await sandbox.send("deal.registered", twice, at=AT)).json()
    assert (registered["outcome"], registered["reason"]) == ("refused", "ALREADY_REGISTERED")


async def test_a_registration_by_webhook_makes_its_deal_known_and_what_waited_is_applied(sandbox: House) -> None:
    """A win of an unknown deal is parked, and applied in the transaction that makes the deal known."""
    await sandbox.enrol("northwind")
    await sandbox.source()
    parked = (
        await sandbox.send("deal.won", {"deal_id": "D-9", "won_on": "2026-10-05"}, at=AT, delivery="early")
    ).json()
    assert (parked["outcome"], parked["reason"], parked["position"]) == ("parked", "UNKNOWN_DEAL", None)
    registered = (await sandbox.send("deal.registered", registration() | {"deal_id": "D-9"}, at=AT)).json()
    assert registered["outcome"] == "applied"
    applied = await sandbox.get("/v1/deliveries/crm/early")
    assert (applied["outcome"], applied["registration"]) == ("applied", registered["registration"])
    assert applied["position"] == registered["position"] + 1
    shown = await sandbox.get(f"/v1/registrations/{registered['registration']}")
    assert shown["status"] == "won"


async def test_a_fact_too_old_waits_for_a_person_and_one_of_the_future_for_its_day(sandbox: House) -> None:
    """Parked with its reason; the retry is for the admin alone."""
    await known_deal(sandbox)
    old = (await sandbox.send("deal.lost", {"deal_id": "D-1"}, at="2020-01-01T00:00:00Z", delivery="old")).json()
    assert (old["outcome"], old["reason"]) == ("parked", "TOO_OLD")
    future = (await sandbox.send("deal.won", {"deal_id": "D-1", "won_on": "2026-11-01"}, at=AT, delivery="new")).json()
    assert (future["outcome"], future["reason"]) == ("parked", "FUTURE_DATED")
    assert await sandbox.refused("POST", "/v1/deliveries/crm/old/retry", by="auditor") == (403, "FORBIDDEN")
    retried = await sandbox.post("/v1/deliveries/crm/old/retry")
    assert retried["outcome"] == "applied"
    assert await sandbox.refused("POST", "/v1/deliveries/crm/old/retry") == (409, "WRONG_STATE")
    assert await sandbox.refused("POST", "/v1/deliveries/crm/nothing/retry") == (404, "NOT_FOUND")
    await sandbox.post("/v1/sandbox/clock", {"now": "2026-11-02T00:00:00Z"})
    assert (await sandbox.get("/v1/deliveries/crm/new"))["outcome"] == "applied"
    parked = await sandbox.get("/v1/deliveries", params={"outcome": "parked"})
    assert parked["items"] == []


BODY = json.dumps({"type": "deal.reopened", "timestamp": AT, "data": {"deal_id": "D-1"}}).encode()


async def test_what_is_not_signed_well_is_401_and_leaves_nothing_but_a_count(sandbox: House) -> None:
    """No signature, a wrong one, another body, a timestamp more than five minutes off."""
    await known_deal(sandbox)
    before = await sandbox.position()
    good = signed_headers("msg_x", host_now(), BODY, SECRET)
    old = signed_headers("msg_x", Instant(host_now() - 301_000_000), BODY, SECRET)
    wrong = signed_headers("msg_x", host_now(), BODY, "whsec_" + "A" * 32)
    attempts: list[tuple[bytes, dict[str, str]]] = [
        (BODY, {}),
        (BODY + b" ", good),
        (BODY, old),
        (BODY, wrong),
        (BODY, good | {"webhook-id": "msg_y"}),
    ]
    for body, headers in attempts:
        answer = await sandbox.client.post("/webhooks/crm", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "BAD_SIGNATURE")
    assert await sandbox.position() == before
    assert (await sandbox.get("/v1/deliveries"))["items"] == []
    metrics = (await sandbox.client.get("/metrics")).text
    assert "firstclaim_webhooks_forged_total" in metrics


@pytest.mark.parametrize(
    ("source", "body", "status", "code"),
    [
        ("nowhere", BODY, 404, "NOT_FOUND"),
        ("crm", b"not json", 400, "NOT_JSON"),
        ("crm", b" " * (1024 * 1024 + 1), 413, "TOO_LARGE"),
    ],
    ids=["unknown source", "not JSON", "too large"],
)
async def test_what_cannot_be_taken_is_told_so(
    sandbox: House, source: str, body: bytes, status: int, code: str
) -> None:
    """And is not stored."""
    await sandbox.source()
    answer = await sandbox.deliver(body, "msg_1", source=source)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await sandbox.get("/v1/deliveries"))["items"] == []


async def test_secrets_rotate_without_losing_a_webhook(sandbox: House) -> None:
    """The old one is good for its stated time; with none, it ends at once."""
    await known_deal(sandbox)
    new = (await sandbox.post("/v1/sources/crm/secrets", {"old_valid_for_hours": 1}))["secret"]
    reopened: dict[str, Any] = {"deal_id": "D-1"}
    assert (await sandbox.send("deal.reopened", reopened, at=AT)).status_code == 200
    assert (await sandbox.send("deal.reopened", reopened, at=AT, secret=new)).status_code == 200
    newest = (await sandbox.post("/v1/sources/crm/secrets", {"old_valid_for_hours": 0}))["secret"]
    assert (await sandbox.send("deal.reopened", reopened, at=AT)).status_code == 401
    assert (await sandbox.send("deal.reopened", reopened, at=AT, secret=new)).status_code == 401
    assert (await sandbox.send("deal.reopened", reopened, at=AT, secret=newest)).status_code == 200
    listed = (await sandbox.get("/v1/sources"))["items"]
    assert [len(source["secrets"]) for source in listed] == [3]
    assert "whsec_" not in json.dumps(listed)
    assert await sandbox.refused("POST", "/v1/sources", json={"id": "crm", "kind": "standard"}) == (
        409,
        "ALREADY_EXISTS",
    )
    assert await sandbox.refused("POST", "/v1/sources/none/secrets", json={}) == (404, "NOT_FOUND")


async def test_a_delivery_is_found_by_its_id_whatever_characters_it_has(sandbox: House) -> None:
    """A CRM chooses the id: with slashes in it too, a delivery is shown, taken up again and erased under it."""
    await known_deal(sandbox)
    name = "2026/10/05/retry/body?#%2F"
    old = await sandbox.send("deal.lost", {"deal_id": "D-1"}, at="2020-01-01T00:00:00Z", delivery=name)
    assert (old.json()["outcome"], old.json()["reason"]) == ("parked", "TOO_OLD")
    path = f"/v1/deliveries/crm/{quote(name, safe='')}"
    assert (await sandbox.get(path))["id"] == name
    assert (await sandbox.post(f"{path}/retry", {}))["outcome"] == "applied"
    assert (await sandbox.ask("DELETE", f"{path}/body")).status_code == 200
    assert (await sandbox.get(path))["body"] is None


async def test_a_body_that_was_changed_in_the_database_is_not_shown_as_evidence_unmarked(sandbox: House) -> None:
    """The log holds the digest of what was delivered; what explains a line says whether the body kept is that (§9)."""
    registered = await known_deal(sandbox)
    won = await sandbox.send("deal.won", {"deal_id": "D-1", "won_on": "2026-10-05"}, at=AT, delivery="msg_won")
    position = won.json()["position"]
    statement = await sandbox.get(f"/v1/statements/northwind/2026-Q4?at_least={position}")
    [line] = [line["id"] for line in statement["lines"] if line["registration"] == registered]
    path = f"/v1/audit/explain?statement_line={line}"

    async def cause() -> Any:
        [event] = [one for one in (await sandbox.get(path))["evidence"] if one["position"] == position]
        return event["cause"]

    async def changed(body: bytes | None) -> None:
        async with write(sandbox.service.engine) as connection:
            kept = update(record_deliveries).where(record_deliveries.c.delivery_id == "msg_won")
            await connection.execute(kept.values(body=body))

    assert (await cause())["body_is_delivered"] is True
    await changed(json.dumps({"type": "deal.won"}).encode())
    assert ((await cause())["body"], (await cause())["body_is_delivered"]) == ('{"type": "deal.won"}', False)
    said = await sandbox.ask("GET", path, headers={"Accept": "text/plain"})
    assert "This is NOT what was delivered" in said.text
    await changed(None)
    assert ((await cause())["body"], (await cause())["body_is_delivered"]) == (None, None)
