"""What every route of the contract refuses, and that nothing of it is recorded (issue 2, 6; api.md, Conventions)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from service.access import Role
from tests.support.api import Caller, Sandbox, problem

DOCUMENT: Final = json.loads((Path(__file__).parents[2] / "openapi" / "openapi.json").read_text(encoding="utf-8"))
ROUTES: Final = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
WITH_KEY: Final = [route for route in ROUTES if "x-roles" in route[2]]
WITH_BODY: Final = [route for route in WITH_KEY if "requestBody" in route[2]]
READING: Final = [route for route in WITH_KEY if route[0] == "GET"]
JSON: Final = {"Content-Type": "application/json"}
TOO_MUCH: Final = b'"' + b"x" * 1024 * 1024 + b'"'


def named(routes: list[tuple[str, str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("method", "path", "operation"), routes, ids=[f"{m} {p}" for m, p, _ in routes])


@pytest.fixture
def unchanged(lived_in: Sandbox) -> Iterator[Sandbox]:
    """A programme in which the test must not record anything."""
    before = lived_in.position()
    yield lived_in
    assert lived_in.position() == before


def somewhere(path: str) -> str:
    """A path that fits: with a period where one stands, and names of nobody."""
    return path.replace("{period}", "2026-Q1").replace("{partner}", "nobody").replace("{", "x").replace("}", "x")


@named(WITH_KEY)
def test_only_a_key_of_a_stated_role_gets_past_the_gate(
    unchanged: Sandbox, method: str, path: str, operation: dict[str, Any]
) -> None:
    """401 without a key or with a wrong one; 403 for every other role, before anything of the body is read."""
    where = somewhere(path)
    stranger = Caller(client=unchanged.client, key="fc_programme-1_" + "0" * 64)
    for nobody in (unchanged.nobody, stranger):
        assert problem(nobody.ask(method, where, content=b"{", headers=JSON)) == (401, "UNAUTHENTICATED")
    for role in get_args(Role):
        if role not in operation["x-roles"]:
            caller = unchanged.by(role, "northwind" if role == "partner" else None)
            assert problem(caller.ask(method, where, content=b"{", headers=JSON)) == (403, "FORBIDDEN"), role


@named(WITH_BODY)
def test_a_body_is_json_of_the_stated_form_and_size(
    unchanged: Sandbox, method: str, path: str, operation: dict[str, Any]
) -> None:
    """415 for another type, 413 over one mebibyte, 422 for everything that does not fit, with what is wrong."""
    caller, where = a_caller(unchanged, operation), somewhere(path)
    for content in (b"{", b"[]", b"1", b'"x"', b"null", b"\xff", b'{"nobody_knows_this": 1}', b'{"a": 1, "a": 2}'):
        answer = caller.ask(method, where, content=content, headers=JSON)
        assert problem(answer) == (422, "MALFORMED"), content
        assert all(error.keys() == {"field", "code", "message"} for error in answer.json()["errors"])
        assert answer.json()["errors"]
    assert problem(caller.ask(method, where, content=TOO_MUCH, headers=JSON)) == (413, "TOO_LARGE")
    other = {"Content-Type": "text/plain"}
    assert problem(caller.ask(method, where, content=b"{}", headers=other)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@named([route for route in WITH_KEY if route[0] == "POST"])
def test_an_idempotency_key_has_at_most_255_characters(
    unchanged: Sandbox, method: str, path: str, operation: dict[str, Any]
) -> None:
    for key in ("", "x" * 256):
        answer = a_caller(unchanged, operation).ask(method, somewhere(path), headers={"Idempotency-Key": key})
        assert problem(answer) == (422, "MALFORMED")


@named(READING)
def test_a_read_takes_exactly_the_stated_parameters(
    unchanged: Sandbox, method: str, path: str, operation: dict[str, Any]
) -> None:
    """Anything else is 422; a position that the log has not reached is 503 `VIEW_BEHIND`, with when to try again."""
    caller, where = a_caller(unchanged, operation), somewhere(path)
    stated = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"}
    assert problem(caller.ask(method, where, query={"nobody_knows_this": 1})) == (422, "MALFORMED")
    for name in sorted(stated & {"limit", "at_least", "after"}):
        assert problem(caller.ask(method, where, query={name: "-1"})) == (422, "MALFORMED"), name
    needs_more = any(p.get("required") and p["in"] == "query" for p in operation.get("parameters", ()))
    if "at_least" in stated and not needs_more:
        behind = caller.ask(method, where, query={"at_least": unchanged.position() + 1})
        assert problem(behind) == (503, "VIEW_BEHIND")
        assert behind.headers["retry-after"].isdigit()


def a_caller(sandbox: Sandbox, operation: dict[str, Any]) -> Caller:
    """Somebody who may call the operation."""
    role = operation["x-roles"][0]
    return sandbox.by(role, "northwind" if role == "partner" else None)
