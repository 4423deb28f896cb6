"""The contract as an OpenAPI document, from the operations themselves."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.operation import Operation
from api.problems import MEDIA_TYPE
from service.crm.reports import ENVELOPES

DESCRIPTION: Final = """\
Who registered the deal first, what that earns, and the proof of both.

Instants are RFC 3339 in UTC with microseconds, dates `YYYY-MM-DD`, money a decimal string with exactly the currency's
digits, shares and rates basis points. Every answer to a write carries `position` and `recorded_at`; every read carries
the header `Firstclaim-Position`. Problems are RFC 9457 with a stable `code`. Send `Idempotency-Key` with a POST, and a
repeat of the same request gets the same answer.
"""

SECURITY: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of one programme and one role; every operation names the roles that may call it.",
    }
}

IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A repeat with the same key and the same request gets the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "example": "0b9a3f0c-41f5-4a4c-9d6f-1f6f3a0c3f5e",
}
POSITION_HEADER: Final = {
    "description": "How much of the log the answer has seen.",
    "schema": {"type": "integer", "minimum": 0},
    "example": 21,
}
REPLAYED_HEADER: Final = {
    "description": "`true` where the answer of an earlier, same request is given again.",
    "schema": {"type": "string", "const": "true"},
    "example": "true",
}
RETRY_HEADER: Final = {
    "description": "Seconds after which to try again.",
    "schema": {"type": "integer", "minimum": 0},
    "example": 1,
}


RECEIVE: Final = "receive_webhook"
SIGNATURE_HEADERS: Final = {
    "webhook-id": {
        "description": "The delivery's id, the same in every repeat.",
        "example": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    },
    "webhook-timestamp": {"description": "When this was sent, in seconds since 1970.", "example": "1795255200"},
    "webhook-signature": {
        "description": "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; several, with spaces between.",
        "example": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
}


def contract(operations: Sequence[Operation]) -> dict[str, Any]:
    """The OpenAPI document of these operations."""
    document = get_openapi(
        title="Firstclaim",
        version="1",
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=list(operations),
        tags=[{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        separate_input_output_schemas=False,
    )
    components = document["components"]
    components["securitySchemes"] = SECURITY
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for operation in operations:
        _complete(document["paths"][operation.path_format][operation.method.lower()], operation)
    if any(operation.operation_id == RECEIVE for operation in operations):
        _describe_webhooks(document)
    return document


def _describe_webhooks(document: dict[str, Any]) -> None:
    """What a webhook's body may be, and the headers that it is signed with."""
    references, definitions = models_json_schema(
        [(envelope, "validation") for envelope in ENVELOPES.values()], ref_template="#/components/schemas/{model}"
    )
    document["components"]["schemas"] |= definitions["$defs"]
    receiving = document["paths"]["/webhooks/{source}"]["post"]
    receiving["requestBody"] = {
        "required": True,
        "description": "By `type`; other types are taken and ignored.",
        "content": {"application/json": {"schema": {"anyOf": list(references.values())}}},
    }
    receiving["parameters"] += [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, **said}
        for name, said in SIGNATURE_HEADERS.items()
    ]


def _complete(stated: dict[str, Any], operation: Operation) -> None:
    """Say of one operation what FastAPI does not know: roles, headers, and that problems are problems."""
    if operation.roles is not None:
        stated["security"] = [{"bearer": []}]
        named = ", ".join(f"`{role}`" for role in sorted(operation.roles))
        stated["description"] = f"{stated.get('description', '')}\n\nRoles: {named}.".strip()
    if operation.takes_idempotency_key:
        stated.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    if operation.body_model is not None:
        stated["requestBody"]["required"] = not operation.body_optional
    if 422 not in operation.responses:
        stated["responses"].pop("422", None)
    for status, answer in stated["responses"].items():
        if int(status) >= 400 and int(status) not in operation.also:
            _as_problem(answer, int(status))
        elif operation.method == "GET" and operation.roles is not None:
            answer.setdefault("headers", {})["Firstclaim-Position"] = POSITION_HEADER
        elif operation.takes_idempotency_key:
            answer.setdefault("headers", {})["Idempotency-Replayed"] = REPLAYED_HEADER


def _as_problem(answer: dict[str, Any], status: int) -> None:
    content = answer.get("content", {})
    if "application/json" in content:
        content[MEDIA_TYPE] = content.pop("application/json")
    if status in (429, 503):
        answer["headers"] = {"Retry-After": RETRY_HEADER}
