"""What an answer looks like when the answer is no: RFC 9457 problems, and the one table from a code to its status."""

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response

from domain.refusal import Refusal

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[str, int]] = {
    "NOT_JSON": 400,
    "UNAUTHENTICATED": 401,
    "BAD_SIGNATURE": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_ACCEPTABLE": 406,
    "TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "MALFORMED": 422,
    "UNKNOWN_PARTNER": 422,
    "UNKNOWN_PRODUCT": 422,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "TOO_MANY_REQUESTS": 429,
    "INTERNAL_ERROR": 500,
    "UNAVAILABLE": 503,
    "VIEW_BEHIND": 503,
    "VIEW_PARKED": 503,
}
"""Every code whose status is not 409. A rule's refusal is a conflict with what is recorded, so 409 is the rule here."""

logger = logging.getLogger("firstclaim.api")


def status_of(code: str) -> int:
    """The HTTP status of a code."""
    return STATUS.get(code, 409)


@dataclass(eq=False)
class Problem(Exception):
    """An answer that is a problem. Raised at the edge only; a rule's "no" is a `domain.refusal.Refusal`."""

    code: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


def malformed(
    errors: Sequence[Mapping[str, str]], detail: str = "The request does not have the stated form."
) -> Problem:
    """A payload that cannot be understood: 422 with what is wrong, field by field."""
    return Problem("MALFORMED", detail, errors=errors)


def mistake(field_name: str, code: str, message: str) -> Problem:
    """422 for one thing that is wrong."""
    return malformed([{"field": field_name, "code": code, "message": message}])


def not_found(what: str = "There is nothing here.") -> Problem:
    """404. Another partner's things are answered the same way as things that do not exist."""
    return Problem("NOT_FOUND", what)


def from_refusal(refusal: Refusal) -> Problem:
    """The problem that tells a rule's refusal; its facts become members of the answer.

    What only a rule could tell to be malformed names its `field`, and is answered like any malformed payload.
    """
    facts = dict(refusal.facts)
    if refusal.code == "MALFORMED" and "errors" not in facts:
        where = str(facts.pop("field", ""))
        facts["errors"] = [{"field": where, "code": "value_error", "message": refusal.detail}]
    return Problem(refusal.code, refusal.detail, members=facts)


def internal_error(failure: BaseException, where: str) -> Problem:
    """500. The log gets the failure under an id; the answer gets only the id."""
    number = secrets.token_hex(8)
    logger.error("failure %s in %s", number, where, exc_info=failure)
    return Problem(
        "INTERNAL_ERROR",
        "Something went wrong on our side; nothing was half written. Give this id when you report it.",
        members={"failure": number},
    )


def problem_response(problem: Problem) -> Response:
    """The problem as `application/problem+json`."""
    status = status_of(problem.code)
    body: dict[str, object] = {
        "type": f"urn:firstclaim:problem:{problem.code}",
        "title": problem.code.replace("_", " ").capitalize(),
        "status": status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.errors:
        body["errors"] = problem.errors
    body |= {name: value for name, value in problem.members.items() if name not in body}
    headers = dict(problem.headers)
    if status in (429, 503):
        headers.setdefault("Retry-After", "1")
    return Response(json.dumps(body, default=str), status, headers, MEDIA_TYPE)
