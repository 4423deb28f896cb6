"""Whatever is asked of the running service, it answers as its contract says, and never with a 500 (issue 2)."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.api import Caller, Sandbox

CONTRACT: Final = schemathesis.openapi.from_path(Path(__file__).parents[2] / "openapi" / "openapi.json")
CHECKS: Final = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    allow_header_conformance,
]
BOUNDED: Final = settings(
    max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
"""A short form for every run of the tests; set the number higher to look for longer."""


class Asker:
    """Who asks, and for what: every role in turn that an operation takes, and things that there are."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        manager, auditor = sandbox.by("partner_manager"), sandbox.by("auditor")
        at_least = sandbox.position()
        registrations = manager.get("/v1/registrations", at_least=at_least)["items"]
        cases = manager.get("/v1/conflicts")["items"]
        self._turns: dict[str, Iterator[int]] = {}
        self._there = {
            "/v1/registrations/": [{"id": one["id"]} for one in registrations],
            "/v1/conflicts/": [{"id": one["id"]} for one in cases],
            "/v1/partners/": [{"id": "fabrikam"}],
            "/v1/keys/": [{"id": sandbox.admin.post("/v1/keys", {"role": "sales", "name": "spare"})["id"]}],
            "/v1/sources/": [{"id": sandbox.source}],
            "/webhooks/": [{"source": sandbox.source}],
            "/v1/deliveries/": [
                {"source": sandbox.source, "id": one["id"]} for one in auditor.get("/v1/deliveries")["items"]
            ],
            "/v1/statements/": [{"partner": "northwind", "period": p} for p in ("2026-Q1", "2026-Q2")],
            "/v1/periods/": [{"period": p} for p in ("2026-Q1", "2026-Q2")],
        }

    def ask(self, case: schemathesis.Case[Any]) -> schemathesis.Response:
        """Every second request is about something that there is."""
        turn = next(self._turns.setdefault(case.operation.label, itertools.count()))
        there = next((found for start, found in self._there.items() if case.path.startswith(start)), None)
        if there and "{" in case.path and turn % 2:
            case.path_parameters = {**(case.path_parameters or {}), **there[turn // 2 % len(there)]}
        headers = {}
        roles = case.operation.definition.raw.get("x-roles")
        if roles is not None:
            headers["Authorization"] = f"Bearer {self._caller(roles[turn % len(roles)]).key}"
        return case.call(base_url=self.sandbox.url, headers=headers)

    def _caller(self, role: Any) -> Caller:
        return self.sandbox.by(role, "northwind" if role == "partner" else None)


@pytest.fixture(scope="module")
def asker(lived_in: Sandbox) -> Asker:
    return Asker(lived_in)


@CONTRACT.parametrize()
@BOUNDED
def test_no_request_gets_an_answer_that_is_not_in_the_contract(asker: Asker, case: schemathesis.Case[Any]) -> None:
    """Schemathesis asks for what fits the contract and for what does not; every answer has a stated form."""
    response = asker.ask(case)
    assert response.status_code != 500, response.text
    case.validate_response(response, checks=CHECKS)
