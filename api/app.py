"""The HTTP application: every route of the contract on one service."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from api.accounts import accounts
from api.adjustments import adjustments
from api.audit import audit
from api.bank_accounts import bank_accounts
from api.conflicts import conflicts
from api.customer_choice import customer_choice
from api.deliveries import deliveries
from api.documentation import documentation
from api.evaluations import evaluations
from api.explanations import explanations
from api.extensions import extensions
from api.health import health
from api.incentives import incentives
from api.involvement import involvement
from api.keys import keys
from api.leads import leads
from api.openapi import contract
from api.operation import Operation, Operations
from api.outbox import outbox
from api.own_terms import own_terms
from api.partners import partners
from api.payout_files import payout_files
from api.payouts import payouts
from api.periods import periods
from api.priority import priority
from api.problems import Problem, internal_error, not_found, problem_response
from api.programme import programme
from api.proposals import proposals
from api.registration_reads import registration_reads
from api.registrations import registrations
from api.reports import reports
from api.reviews import reviews
from api.sales_owners import sales_owners
from api.settling import settling
from api.sharing import sharing
from api.sources import sources
from api.statements import statements
from api.webhooks import webhooks
from api.what_if import ripples
from service.running import Service

VERSION: Final = "1"

RESOURCES: Final[tuple[Operations, ...]] = (
    registrations,
    webhooks,
    registration_reads,
    extensions,
    customer_choice,
    reviews,
    reports,
    outbox,
    priority,
    accounts,
    conflicts,
    sharing,
    involvement,
    sales_owners,
    leads,
    partners,
    bank_accounts,
    own_terms,
    payout_files,
    incentives,
    evaluations,
    statements,
    periods,
    settling,
    payouts,
    adjustments,
    proposals,
    programme,
    deliveries,
    sources,
    keys,
    audit,
    ripples,
    explanations,
    health,
)
"""Every resource, those that are asked for most first."""


def operations() -> list[Operation]:
    """Every operation of the contract, in the order in which they are matched."""
    return [route for resource in RESOURCES for route in resource.routes]


class Application(FastAPI):
    """Finds an operation whose path has no parameters at once. Operations answer every failure themselves.

    HEAD is answered as GET is: the server knows what it was asked and sends no body.
    """

    def __init__(self, routes: Iterable[Operation], **settings: Any) -> None:
        super().__init__(**settings)
        self._by_path = {(route.method, route.path): route for route in routes if "{" not in route.path}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        if scope["type"] == "http" and (found := self._by_path.get((scope["method"], scope["path"]))) is not None:
            scope["app"] = self
            scope["path_params"] = {}
            await found.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(service: Service) -> FastAPI:
    """The application on a service that it starts and closes with itself."""
    routes = operations()
    app = Application(
        routes,
        title="Firstclaim",
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_living(service),
        exception_handlers={HTTPException: _http_problem, Exception: _last_resort},
    )
    app.state.service = service
    app.router.routes.extend(routes)
    app.router.routes.extend(documentation(lambda: contract(routes)))
    return app


def _living(service: Service) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        service.start()
        try:
            yield
        finally:
            await service.close()

    return lifespan


async def _http_problem(request: Request, failure: Exception) -> Response:
    """What the router itself says no to: an unknown path, or a method that a path does not have."""
    assert isinstance(failure, HTTPException)
    if failure.status_code == 405:
        allowed = ", ".join(sorted(_methods(request)))
        detail = f"This path takes {allowed}."
        return problem_response(Problem("METHOD_NOT_ALLOWED", detail, headers={"Allow": allowed}))
    return problem_response(not_found())


def _methods(request: Request) -> set[str]:
    """The methods that the request's path has; one without parameters is not also one of those with them."""
    routes = [route for route in request.app.router.routes if isinstance(route, Route)]
    found = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    exact = [route for route in found if route.path == request.url.path]
    methods = {method for route in exact or found for method in route.methods or ()}
    return methods | {"HEAD"} if "GET" in methods else methods


async def _last_resort(request: Request, failure: Exception) -> Response:
    return problem_response(internal_error(failure, request.url.path))
