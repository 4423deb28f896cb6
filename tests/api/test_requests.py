"""What a request must look like; whatever does not, changes nothing (api.md, Conventions)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.house import House, registration

JSON = {"Content-Type": "application/json"}
MIB = 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"[]",
        b"null",
        b'{"id": "a"',
        b'{"id": "a"} {}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id": "a", "id": "b"}',
        b'{"id": "nul\\u0000"}',
        b'{"id": "half \\ud800"}',
        b'{"id": NaN}',
        b'{"id": 9223372036854775808}',
        b'{"id": ' + b"9" * 5000 + b"}",
        '{"id": "ä"}'.encode("utf-16"),
    ],
    ids=range(15),
)
async def test_what_is_not_json_for_us_is_malformed(shared_house: House, body: bytes) -> None:
    """Broken, ambiguous, or with what no database holds: 422, and the log stays where it is."""
    before = await shared_house.position()
    for path in ("/v1/partners", "/v1/registrations", "/v1/programme/terms", "/v1/keys"):
        assert await shared_house.refused("POST", path, content=body, headers=JSON) == (422, "MALFORMED")
    assert await shared_house.position() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account": None}, "account"),
        ({"account": {"name": "Acme"}}, "account"),
        ({"account": {"name": " ", "country": "DE"}}, "account.name"),
        ({"account": {"name": "Acme", "country": "Germany"}}, "account.country"),
        ({"account": {"name": "Acme", "country": "ZZ"}}, "account.country"),
        ({"account": {"name": "Acme", "domain": "localhost"}}, "account.domain"),
        ({"products": []}, "products"),
        ({"products": ["edge", "edge"]}, "products"),
        ({"products": ["Edge!"]}, "products.0"),
        ({"products": "edge"}, "products"),
        ({"value": 120000}, "value"),
        ({"value": {"amount": "120000", "currency": "USD"}}, "value"),
        ({"value": {"amount": "120000.000", "currency": "USD"}}, "value"),
        ({"value": {"amount": 120000.0, "currency": "USD"}}, "value.amount"),
        ({"value": {"amount": "-1.00", "currency": "USD"}}, "value"),
        ({"value": {"amount": "-0.00", "currency": "USD"}}, "value"),
        ({"value": {"amount": "1.00", "currency": "JPY"}}, "value"),
        ({"value": {"amount": "1.00", "currency": "XXX"}}, "value.currency"),
        ({"value": {"amount": "1.00", "currency": "usd"}}, "value.currency"),
        ({"value": {"amount": "99999999999999999.00", "currency": "USD"}}, "value"),
        ({"engagement": "friendly"}, "engagement"),
        ({"expected_close_on": "2026-02-30"}, "expected_close_on"),
        ({"expected_close_on": "20261215"}, "expected_close_on"),
        ({"expected_close_on": 1}, "expected_close_on"),
        ({"shares": [{"partner": "northwind", "basis_points": 9999}]}, "shares"),
        ({"shares": [{"partner": "northwind", "basis_points": 5000.0}]}, "shares.0.basis_points"),
        ({"shares": [{"partner": "northwind", "basis_points": "10000"}]}, "shares.0.basis_points"),
        ({"deal": {"source": "crm"}}, "deal.id"),
        ({"rank": 1}, "rank"),
    ],
)
async def test_a_malformed_registration_says_what_is_wrong_and_where(
    shared_house: House, changes: dict[str, Any], field: str
) -> None:
    """422 with `errors`, each with a field, a code and a sentence; nothing is recorded."""
    before = await shared_house.position()
    answer = await shared_house.ask("POST", "/v1/registrations", json=registration(**changes))
    assert (answer.status_code, answer.json()["code"]) == (422, "MALFORMED"), answer.text
    assert field in [error["field"] for error in answer.json()["errors"]], answer.text
    assert all(error.keys() == {"field", "code", "message"} for error in answer.json()["errors"])
    assert await shared_house.position() == before


async def test_a_missing_field_is_named(shared_house: House) -> None:
    """Every field that is needed and absent."""
    answer = await shared_house.ask("POST", "/v1/registrations", json={})
    missing = {error["field"] for error in answer.json()["errors"] if error["code"] == "missing"}
    assert missing == {"account", "products", "value", "engagement"}


async def test_a_body_over_one_mebibyte_is_413_also_where_its_length_is_not_announced(shared_house: House) -> None:
    """Exactly one mebibyte is still read."""

    async def chunks(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 4096):
            yield b" " * 4096
        yield b" " * (size % 4096)

    for content in (b" " * (MIB + 1), chunks(MIB + 1)):
        found = await shared_house.refused("POST", "/v1/registrations", content=content, headers=JSON)
        assert found == (413, "TOO_LARGE")
    for content in (b" " * MIB, chunks(MIB)):
        found = await shared_house.refused("POST", "/v1/registrations", content=content, headers=JSON)
        assert found == (422, "MALFORMED")


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json"])
async def test_a_body_of_another_type_is_415(shared_house: House, kind: str | None) -> None:
    """A body says that it is JSON."""
    headers = {} if kind is None else {"Content-Type": kind}
    found = await shared_house.refused("POST", "/v1/partners", content=b"{}", headers=headers)
    assert found == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=1.5",
        "limit=ten",
        "limit=",
        "limit=1&limit=2",
        "limit=%31%00",
        "after=",
        "after=x",
        "after=W10",
        "after=WyJyZWdpc3RyYXRpb25zIiwgImEiXQ",
        "page=2",
        "at_least=-1",
        "at_least=x",
        "at_least=99999999999999999999",
        "%ff=1",
        "=",
        "&&",
    ],
)
async def test_anything_else_in_the_query_of_a_list_is_422(shared_house: House, query: str) -> None:
    """`limit` is 1 to 200, `after` what the list gave, and nothing else is taken."""
    for path in (
        "/v1/registrations",
        "/v1/partners",
        "/v1/conflicts",
        "/v1/statements",
        "/v1/keys",
        "/v1/sources",
        "/v1/deliveries",
        "/v1/programme/terms",
        "/v1/programme/exchange-rates",
    ):
        assert await shared_house.refused("GET", f"{path}?{query}") == (422, "MALFORMED"), path


async def test_a_rate_may_be_as_long_by_itself_as_in_a_file(small_house: House) -> None:
    """Twelve digits on either side; the same again, in a file, is published already."""
    longest = "123456789012.123456789012"
    rate = {"date": "2026-10-01", "base": "EUR", "quote": "USD", "rate": longest}
    assert (await small_house.post("/v1/programme/exchange-rates", rate))["rate"] == longest
    csv = f"date,base,quote,rate\n2026-10-01,EUR,USD,{longest}\n"
    assert (await small_house.post("/v1/programme/exchange-rates/import", {"csv": csv}))["published"] == 0
    longer = rate | {"rate": f"{longest}3"}
    assert await small_house.refused("POST", "/v1/programme/exchange-rates", json=longer) == (422, "MALFORMED")


async def test_unknown_paths_and_methods_are_problems_too(shared_house: House) -> None:
    """404 and 405, with the methods that there are."""
    assert await shared_house.refused("GET", "/v1/nothing") == (404, "NOT_FOUND")
    assert await shared_house.refused("GET", "/v1/registrations/") == (404, "NOT_FOUND")
    assert await shared_house.refused("GET", "/v1/registrations/a%00b") == (404, "NOT_FOUND")
    assert await shared_house.refused("GET", "/v1/registrations/" + "x" * 256) == (404, "NOT_FOUND")
    answer = await shared_house.ask("DELETE", "/v1/registrations")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/healthz", "/v1/partners", "/v1/partners/northwind", "/v1/partners/nobody"])
async def test_what_can_be_read_can_be_asked_for_by_head(house: House, path: str) -> None:
    """As HTTP says, for load balancers among others: answered as GET is. uvicorn leaves the body out."""
    await house.enrol("northwind")
    read, head = await house.ask("GET", path), await house.ask("HEAD", path)
    assert (head.status_code, head.headers["content-length"]) == (read.status_code, read.headers["content-length"])
    assert (await house.ask("HEAD", path, by=None)).status_code == (200 if path == "/healthz" else 401)
    assert (await house.ask("HEAD", "/v1/periods/2026-Q4/close")).status_code == 405


async def test_a_list_is_walked_page_by_page(house: House) -> None:
    """`next` is null at the end; every item comes once, in order."""
    positions = [(await house.enrol(f"partner-{number}"))["position"] for number in range(5)]
    seen, after = [], None
    for _ in range(3):
        params = {"limit": 2, "at_least": positions[-1]} | ({} if after is None else {"after": after})
        page = await house.get("/v1/partners", params=params)
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert seen == [f"partner-{number}" for number in range(5)]
    assert after is None
    first = await house.get("/v1/partners", params={"limit": 1})
    assert await house.refused("GET", "/v1/keys", params={"after": first["next"]}) == (422, "MALFORMED")


async def test_a_read_waits_for_a_write_and_never_for_what_is_not_there(house: House) -> None:
    """`at_least` beyond the log's end is 503 at once; the header says how much of the log was seen."""
    position = (await house.enrol("northwind"))["position"]
    answer = await house.ask("GET", "/v1/partners", params={"at_least": position})
    assert int(answer.headers["firstclaim-position"]) >= position
    assert [one["id"] for one in answer.json()["items"]] == ["northwind"]
    answer = await house.ask("GET", "/v1/partners", params={"at_least": position + 1})
    assert (answer.status_code, answer.json()["code"]) == (503, "VIEW_BEHIND")
    assert int(answer.headers["retry-after"]) >= 1


async def test_two_at_once_under_one_idempotency_key_are_one(house: House) -> None:
    """The second waits for the first and replays it."""
    headers = {"Idempotency-Key": "once"}
    body = {"id": "northwind", "name": "Northwind", "currency": "USD", "agreement": {"effective_from": "2026-01-01"}}
    answers = await asyncio.gather(*(house.ask("POST", "/v1/partners", json=body, headers=headers) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sorted(answer.headers.get("idempotency-replayed", "") for answer in answers) == ["", *["true"] * 9]


async def test_an_idempotency_key_means_one_request_of_one_api_key(house: House) -> None:
    """Another body, query or path is refused; another API key may use the same one; a refusal is tried afresh."""
    headers = {"Idempotency-Key": "k 1"}
    body = {"id": "northwind", "name": "Northwind", "currency": "USD", "agreement": {"effective_from": "2026-01-01"}}
    await house.post("/v1/partners", body, headers=headers)
    reused = (422, "IDEMPOTENCY_KEY_REUSED")
    assert await house.refused("POST", "/v1/partners", json=body | {"name": "Other"}, headers=headers) == reused
    assert await house.refused("POST", "/v1/registrations", json=registration(), headers=headers) == reused
    other = await house.refused("POST", "/v1/partners", by="partner_manager", json=body, headers=headers)
    assert other == (409, "ALREADY_EXISTS")
    fresh = {"Idempotency-Key": "k2"}
    asked = registration("contoso")
    refused = await house.refused("POST", "/v1/registrations", json=asked, headers=fresh)
    assert refused == (422, "UNKNOWN_PARTNER")
    await house.enrol("contoso")
    first = await house.ask("POST", "/v1/registrations", json=asked, headers=fresh)
    again = await house.ask("POST", "/v1/registrations", json=asked, headers=fresh)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tin", "é"])
async def test_an_idempotency_key_is_printable_and_at_most_255_long(shared_house: House, key: str) -> None:
    """Anything else is 422."""
    found = await shared_house.refused(
        "POST", "/v1/partners", json={}, headers={"Idempotency-Key": key.encode("latin-1")}
    )
    assert found == (422, "MALFORMED")


async def test_a_secret_is_shown_once(house: House) -> None:
    """A repeat of the request that made it is told so, and makes nothing."""
    for path, body in (
        ("/v1/keys", {"role": "sales", "name": "one"}),
        ("/v1/sources", {"id": "crm", "kind": "standard"}),
        ("/v1/sources/crm/secrets", {"old_valid_for_hours": 1}),
    ):
        unique = {"Idempotency-Key": f"make {path}"}
        await house.post(path, body, headers=unique)
        assert await house.refused("POST", path, json=body, headers=unique) == (409, "SECRET_SHOWN_ONCE")
    assert len((await house.get("/v1/keys"))["items"]) == 2
