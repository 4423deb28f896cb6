"""The contract as it is documented (style, 19; design, layout)."""

import json
import re
from collections.abc import Iterator
from typing import Any

from api.app import operations
from api.openapi import contract
from api.problems import status_of
from tests.api.house import House

CONTRACT = contract(operations())


def fields_of(contract: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of every model."""
    for name, model in contract["components"]["schemas"].items():
        for field, schema in model.get("properties", {}).items():
            yield f"{name}.{field}", schema


def test_every_field_has_a_description_and_an_example() -> None:
    """Its own, or that of the model or the values that it holds."""
    for name, schema in fields_of(CONTRACT):
        assert "description" in schema or "$ref" in schema, name
        text = json.dumps(schema)
        assert "examples" in text or "$ref" in text or "enum" in text or '"default"' in text, name


def test_no_answer_leaves_a_field_out() -> None:
    """Output models have no defaults, but for what only some answers have."""
    sometimes = {"ProblemAnswer", "Delivered", "Disagreement", "Step"}
    requests = {operation.body_model.__name__ for operation in operations() if operation.body_model is not None}
    for operation in operations():
        answer = operation.response_model
        if answer is not None and answer.__name__ not in sometimes | requests:
            assert all(field.is_required() for field in answer.model_fields.values()), answer.__name__


def test_every_operation_states_its_roles_and_its_problems() -> None:
    """Roles where a key is asked for; every code under its own status; nothing but problems from 400 on."""
    for operation in operations():
        stated = CONTRACT["paths"][operation.path_format][operation.method.lower()]
        assert ("x-roles" in stated) == (operation.roles is not None)
        for code in operation.refusals:
            assert f"`{code}`" in stated["responses"][str(status_of(code))]["description"], operation.path_format
        for status, answer in stated["responses"].items():
            if int(status) >= 400 and operation.path_format != "/readyz":
                assert list(answer["content"]) == ["application/problem+json"]
        assert stated["summary"]


def test_every_operation_has_an_id_of_its_own() -> None:
    """So that generated clients have names."""
    names = [operation.operation_id for operation in operations()]
    assert len(set(names)) == len(names)


async def test_the_page_and_the_document_come_from_this_service_alone(small_house: House) -> None:
    """No other host is named in what the page loads, and everything that it loads is there."""
    page = await small_house.client.get("/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded
    for address in loaded:
        assert address.startswith("/"), address
        assert (await small_house.client.get(address)).status_code == 200, address
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert (await small_house.client.get("/openapi.json")).json() == CONTRACT


async def test_the_process_says_that_it_lives_and_is_ready(house: House) -> None:
    """Without a key; the metrics count by route, never by path."""
    assert (await house.client.get("/healthz")).json() == {"status": "ok"}
    ready = await house.client.get("/readyz")
    assert ready.json()["ready"] is (ready.status_code == 200)
    await house.enrol("northwind")
    await house.get("/v1/partners/northwind")
    metrics = (await house.client.get("/metrics")).text
    assert 'firstclaim_requests_total{method="GET",route="/v1/partners/{id}",status="200"}' in metrics
    await house.refused("GET", "/v1/deliveries/crm/a/b")
    metrics = (await house.client.get("/metrics")).text
    assert 'firstclaim_requests_total{method="GET",route="/v1/deliveries/{source}/{id}",status="404"}' in metrics
    assert "{id:path}" not in metrics
    assert "firstclaim_view_lag" in metrics
