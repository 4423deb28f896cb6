"""A route of the contract: stated once, it is both what the OpenAPI says and what a request goes through.

FastAPI reads the endpoint's signature for the OpenAPI. The request itself takes a shorter way than FastAPI's own: the
key and its role before anything of the body is read, then the body's bytes once through one validator, then the
endpoint, which gives a finished `Response`. An endpoint takes `call`, the parameters of its path, and where it has
them `query` (a model of `api.paging`) and `body` (a model of `api.models`).
"""

import inspect
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from api.body import ClientGone, read_body, require_json
from api.call import Call
from api.headers import Headers
from api.idempotency import idempotency_key, request_key
from api.metrics import RequestMeter
from api.models.problem import ProblemAnswer
from api.paging import read_query
from api.problems import (
    Problem,
    from_refusal,
    internal_error,
    logger,
    malformed,
    mistake,
    not_found,
    problem_response,
    status_of,
)
from api.security import Roles, caller
from domain.refusal import Refusal
from service.database import is_connection_error, is_serialization_failure
from service.payloads.strict_json import NotJson, mistakes, strict_json
from service.views import ViewBehind, ViewParked
from service.work import KeyInUse, KeyReused, Unavailable

Endpoint = Callable[..., Awaitable[Response]]
E = TypeVar("E", bound=Endpoint)

PATH_PARAMETER_MOST: Final = 255


class Operation(APIRoute):
    """One method on one path."""

    def __init__(
        self,
        method: str,
        path: str,
        endpoint: Endpoint,
        *,
        roles: Roles | None,
        tag: str,
        answer: type[BaseModel] | None,
        status: int,
        refusals: Sequence[str],
        also: Mapping[int | str, dict[str, Any]],
        reads_raw_body: bool,
    ) -> None:
        parameters = inspect.signature(endpoint).parameters
        self.handler = endpoint
        self.method = method
        self.tag = tag
        self.beginning = path.partition("{")[0]
        self.roles = roles
        self.refusals = tuple(refusals)
        self.also = also
        self.reads_raw_body = reads_raw_body
        self.query_model: type[BaseModel] | None = _annotated(parameters, "query")
        self.body_model: type[BaseModel] | None = _annotated(parameters, "body")
        self.body_adapter = None if self.body_model is None else TypeAdapter(self.body_model)
        self.body_optional = "body" in parameters and self._fits_nothing()
        self.takes_idempotency_key = method == "POST" and roles is not None
        super().__init__(
            path,
            endpoint,
            methods=[method],
            tags=[tag],
            status_code=status,
            response_model=answer,
            response_class=Response if answer is None else JSONResponse,
            response_description="As asked.",
            summary=(endpoint.__doc__ or path).strip().split("\n")[0].rstrip("."),
            responses={**self._problems(path), **also},
            operation_id=endpoint.__name__,
            openapi_extra={} if roles is None else {"x-roles": sorted(roles)},
        )
        self.meter = RequestMeter(method, self.path_format)
        self.app = self._serve

    def _fits_nothing(self) -> bool:
        """Whether an absent body can stand for `{}`."""
        assert self.body_adapter is not None
        try:
            self.body_adapter.validate_json(b"{}")
        except ValidationError:
            return False
        return True

    def _problems(self, path: str) -> dict[int | str, dict[str, Any]]:
        """Every answer that is not the wanted one, by status, with its codes."""
        codes = {"NOT_FOUND"} if "{" in path else set()
        codes |= set(self.refusals) | {"UNAVAILABLE", "INTERNAL_ERROR"}
        if self.roles is not None:
            codes |= {"UNAUTHENTICATED", "FORBIDDEN"}
        if self.query_model is not None or self.body_model is not None or self.takes_idempotency_key:
            codes.add("MALFORMED")
        if self.body_model is not None or self.reads_raw_body:
            codes |= {"TOO_LARGE"}
        if self.body_model is not None:
            codes |= {"UNSUPPORTED_MEDIA_TYPE"}
        if self.takes_idempotency_key:
            codes |= {"IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_KEY_IN_USE"}
        if self.query_model is not None and "at_least" in self.query_model.model_fields:
            codes |= {"VIEW_BEHIND", "VIEW_PARKED"}
        problems: dict[int | str, dict[str, Any]] = {}
        for number in sorted({status_of(code) for code in codes}):
            named = ", ".join(f"`{code}`" for code in sorted(codes) if status_of(code) == number)
            problems[number] = {"model": ProblemAnswer, "description": f"{named}."}
        return problems

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the request is for this path; most are told apart by how the path begins, which is quick."""
        if not scope["path"].startswith(self.beginning):
            return Match.NONE, {}
        return super().matches(scope)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever happens."""
        began = time.perf_counter()
        status = 499
        try:
            try:
                response = await self._answer(scope, receive, send)
            except ClientGone:
                return
            except Exception as failure:  # noqa: BLE001 - everything is answered, and what is a bug is logged
                response = problem_response(as_problem(failure, f"{self.method} {self.path_format}"))
            status = response.status_code
            await response(scope, receive, send)
        finally:
            self.meter.answered(status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> Response:
        call = Call(scope, receive, send, scope["app"].state.service)
        headers = Headers(scope["headers"])
        if self.roles is not None:
            call.key = await caller(headers, call.service.access_keys, self.roles)
        arguments: dict[str, Any] = dict(scope["path_params"])
        if any("\x00" in value or len(value) > PATH_PARAMETER_MOST for value in arguments.values()):
            raise not_found()
        if self.query_model is not None:
            arguments["query"] = read_query(scope["query_string"], self.query_model)
        elif scope["query_string"] and not self.reads_raw_body:
            raise mistake("", "extra_forbidden", "This route takes no query.")
        header = idempotency_key(headers) if self.takes_idempotency_key else None
        if self.body_adapter is not None:
            arguments["body"] = await self._body(call, headers, receive)
        elif self.reads_raw_body or self.takes_idempotency_key:
            call.raw = await read_body(headers, receive)
            if not self.reads_raw_body and call.raw.strip() not in (b"", b"{}"):
                raise mistake("", "extra_forbidden", "This route takes no body.")
        if self.roles is not None and self.method != "GET":
            call.request_key = request_key(call.key, header, scope, call.raw)
        return await self.handler(call, **arguments)

    async def _body(self, call: Call, headers: Headers, receive: Receive) -> Any:
        assert self.body_adapter is not None
        call.raw = await read_body(headers, receive)
        if not call.raw and self.body_optional:
            return self.body_adapter.validate_json(b"{}")
        require_json(headers)
        return validated(self.body_adapter, call.raw)


def validated(adapter: TypeAdapter[Any], raw: bytes) -> Any:
    """The body as its model; 422 for anything else."""
    try:
        strict_json(raw)
        return adapter.validate_json(raw)
    except NotJson as failure:
        raise mistake("", "not_json", str(failure)) from None
    except ValidationError as failure:
        raise malformed(mistakes(failure)) from None


def as_problem(failure: Exception, where: str) -> Problem:
    """What a failure of any kind answers."""
    if isinstance(failure, Problem):
        return failure
    if isinstance(failure, Refusal):
        return from_refusal(failure)
    if isinstance(failure, Unavailable):
        return Problem("UNAVAILABLE", failure.reason, headers={"Retry-After": str(failure.retry_after_seconds)})
    if isinstance(failure, KeyReused):
        return Problem("IDEMPOTENCY_KEY_REUSED", "Another request was answered under this Idempotency-Key.")
    if isinstance(failure, KeyInUse):
        return Problem("IDEMPOTENCY_KEY_IN_USE", "A request under this Idempotency-Key is still being answered.")
    if isinstance(failure, ViewBehind):
        return Problem("VIEW_BEHIND", f"The view stands at position {failure.position}, not yet at {failure.at_least}.")
    if isinstance(failure, ViewParked):
        return Problem("VIEW_PARKED", "What this shows is not the latest: it is waiting for a repair.")
    if is_connection_error(failure) or is_serialization_failure(failure):
        logger.warning("the database failed in %s: %r", where, failure)
        return Problem("UNAVAILABLE", "The database cannot be reached at the moment.")
    return internal_error(failure, where)


def _annotated(parameters: Mapping[str, inspect.Parameter], name: str) -> Any:
    """The model of a parameter, without the `Annotated` around it."""
    if name not in parameters:
        return None
    annotation = parameters[name].annotation
    return getattr(annotation, "__origin__", annotation)


class Operations:
    """The operations of one resource, in the order in which they are matched."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.routes: list[Operation] = []

    def operation(
        self,
        method: str,
        path: str,
        *,
        roles: Roles | None,
        answer: type[BaseModel] | None = None,
        status: int = 200,
        refusals: Sequence[str] = (),
        also: Mapping[int | str, dict[str, Any]] | None = None,
        reads_raw_body: bool = False,
    ) -> Callable[[E], E]:
        """State an operation: who may call it (None: no key is asked for), what it answers, how it may refuse.

        `also` states answers that are neither the usual one nor problems, or another form of the usual one.
        """

        def stated(endpoint: E) -> E:
            self.routes.append(
                Operation(
                    method,
                    path,
                    endpoint,
                    roles=roles,
                    tag=self.tag,
                    answer=answer,
                    status=status,
                    refusals=refusals,
                    also=also or {},
                    reads_raw_body=reads_raw_body,
                )
            )
            return endpoint

        return stated
