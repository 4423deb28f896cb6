"""Who may call what (api.md, Conventions)."""

import asyncio
import re

import httpx
import pytest

from api.app import operations
from api.operation import Operation
from service.access import ROLES
from tests.api.house import House, registration

GUARDED = [operation for operation in operations() if operation.roles is not None]


def path_of(operation: Operation) -> str:
    """The operation's path with something in each place."""
    return re.sub(r"\{[a-z_]+\}", "nothing", operation.path_format)


async def test_without_a_key_or_with_a_wrong_one_nothing_is_answered_but_401(small_house: House) -> None:
    """Every operation but webhooks and health asks for a key, and says how to send one."""
    for operation in GUARDED:
        for headers in ({}, {"Authorization": "Bearer fc_default_wrong"}, {"Authorization": "Basic eDp5"}):
            answer = await small_house.client.request(operation.method, path_of(operation), headers=headers)
            assert answer.status_code == 401, operation.path_format
            assert answer.headers["www-authenticate"].startswith("Bearer ")
            assert answer.json()["code"] == "UNAUTHENTICATED"


async def test_a_route_closed_to_the_role_answers_403_and_an_open_one_does_not(small_house: House) -> None:
    """For every operation and every role, by the roles that the contract states."""
    await small_house.enrol("northwind")
    for role in ROLES:
        who = "partner:northwind" if role == "partner" else role
        for operation in GUARDED:
            assert operation.roles is not None
            answer = await small_house.ask(operation.method, path_of(operation), by=who, content=b"")
            assert (answer.status_code == 403) == (role not in operation.roles), (role, operation.path_format)


def test_admin_may_call_everything_but_what_is_the_partners_own() -> None:
    """What a partner agrees to or doubts is its own to say."""
    closed_to_admin = [o.path_format for o in GUARDED if o.roles is not None and "admin" not in o.roles]
    assert closed_to_admin == [
        "/v1/share-proposals/{id}/accept",
        "/v1/share-proposals/{id}/decline",
        "/v1/leads/{id}/accept",
        "/v1/leads/{id}/decline",
        "/v1/statements/{partner}/{period}/acknowledge",
        "/v1/statements/{partner}/{period}/dispute",
    ]


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("GET", "/v1/programme", set(ROLES)),
        ("POST", "/v1/programme/terms", {"admin"}),
        ("GET", "/v1/programme/terms", {"admin", "partner_manager", "sales", "finance", "auditor"}),
        ("POST", "/v1/programme/exchange-rates", {"admin", "finance"}),
        ("POST", "/v1/registrations", {"admin", "partner", "partner_manager", "crm"}),
        ("GET", "/v1/registrations", set(ROLES)),
        ("POST", "/v1/registrations/{id}/approve", {"admin", "partner_manager", "sales"}),
        ("POST", "/v1/registrations/{id}/extend", {"admin", "partner", "partner_manager"}),
        ("PUT", "/v1/registrations/{id}/shares", {"admin", "partner_manager"}),
        ("POST", "/v1/registrations/{id}/deal", {"admin", "partner", "partner_manager", "sales", "crm"}),
        ("GET", "/v1/priority", set(ROLES) - {"partner"}),
        ("POST", "/v1/conflicts/{id}/investigate", {"admin", "partner_manager", "sales"}),
        ("POST", "/v1/conflicts/{id}/decide", {"admin", "partner_manager"}),
        ("POST", "/v1/periods/{period}/close", {"admin", "finance"}),
        ("GET", "/v1/statements/{partner}/{period}", {"admin", "finance", "auditor", "partner_manager", "partner"}),
        ("GET", "/v1/audit/head", {"admin", "auditor"}),
        ("POST", "/v1/deliveries/{source}/{id}/retry", {"admin"}),
    ],
)
def test_the_roles_of_a_route_are_those_of_the_contract(method: str, path: str, roles: set[str]) -> None:
    """As api.md's tables say."""
    (found,) = [o for o in GUARDED if (o.method, o.path_format) == (method, path)]
    assert found.roles is not None
    assert set(found.roles) == roles


async def test_403_is_answered_before_the_body_is_read(small_house: House) -> None:
    """The head of a request with a large body is enough: the answer comes although no byte of the body was sent."""
    key = await small_house.key_of("auditor")
    url = httpx.URL(small_house.url)
    assert url.port is not None
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        b"POST /v1/registrations HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000000\r\nExpect: 100-continue\r\nAuthorization: Bearer " + key.encode() + b"\r\n\r\n"
    )
    await writer.drain()
    async with asyncio.timeout(10):
        line = await reader.readline()
    writer.close()
    assert b" 403 " in line


async def test_a_revoked_key_is_refused_at_once(small_house: House) -> None:
    """Also when it was used a moment ago; ending it again gives the first instant."""
    made = await small_house.post("/v1/keys", {"role": "sales", "name": "to be lost"})
    small_house.keys["lost"] = made["key"]
    await small_house.get("/v1/programme", by="lost")
    revoked = (await small_house.ask("DELETE", f"/v1/keys/{made['id']}")).json()
    assert revoked["revoked_at"] is not None
    assert await small_house.refused("GET", "/v1/programme", by="lost") == (401, "UNAUTHENTICATED")
    again = (await small_house.ask("DELETE", f"/v1/keys/{made['id']}")).json()
    assert again["revoked_at"] == revoked["revoked_at"]
    assert await small_house.refused("DELETE", "/v1/keys/key_nothing") == (404, "NOT_FOUND")


async def test_a_partner_sees_and_touches_only_its_own(house: House) -> None:
    """Another partner's registration, case and statement are not found; its list holds its own alone."""
    await house.enrol("northwind")
    await house.enrol("contoso")
    theirs = await house.post("/v1/registrations", registration("northwind"))
    own = await house.post("/v1/registrations", registration(None), by="partner:contoso")
    path = f"/v1/registrations/{theirs['id']}"
    for method, where, body in (
        ("GET", path, None),
        ("POST", f"{path}/withdraw", {"reason": "Not mine."}),
        ("POST", f"{path}/extend", {"evidence": "Not mine."}),
        ("POST", f"{path}/deal", {"source": "crm", "id": "D-1"}),
        ("GET", "/v1/statements/northwind/2026-Q4", None),
        ("POST", "/v1/statements/northwind/2026-Q4/acknowledge", None),
    ):
        found = await house.refused(method, where, by="partner:contoso", **({} if body is None else {"json": body}))
        assert found == (404, "NOT_FOUND"), where
    refused = await house.refused("POST", "/v1/registrations", by="partner:contoso", json=registration("northwind"))
    assert refused == (403, "FORBIDDEN")
    seen = await house.get("/v1/registrations", by="partner:contoso", params={"at_least": own["position"]})
    assert [one["id"] for one in seen["items"]] == [own["id"]]
    other = await house.get("/v1/registrations", by="partner:contoso", params={"partner": "northwind"})
    assert other["items"] == []


async def test_a_partners_side_of_a_conflict_case_says_nothing_of_the_other(house: House) -> None:
    """Neither in the registration nor in the case nor in the history (rules §3.4, §4)."""
    await house.enrol("northwind")
    await house.enrol("contoso")
    await house.post("/v1/registrations", registration("northwind"))
    behind = await house.ask("POST", "/v1/registrations", by="partner:contoso", json=registration(None))
    case = await house.ask("GET", f"/v1/conflicts/{behind.json()['conflict']}", by="partner:contoso")
    shown = await house.ask("GET", f"/v1/registrations/{behind.json()['id']}", by="partner:contoso")
    cases = await house.ask("GET", "/v1/conflicts", by="partner:contoso")
    assert [one["partner"] for one in case.json()["registrations"]] == ["contoso"]
    assert len(cases.json()["items"]) == 1
    for answer in (behind, case, shown, cases):
        assert "northwind" not in answer.text
