"""The documentation of the API: a page that works without the internet, and the OpenAPI document behind it."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

ASSETS: Final = "/docs/assets"
OPENAPI: Final = "/openapi.json"

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The page loads from this service alone."""


def documentation(contract: Callable[[], dict[str, Any]]) -> list[BaseRoute]:
    """The routes of the page: Swagger UI from an installed package, and the document that it shows."""

    @cache
    def document() -> bytes:
        return json.dumps(contract()).encode()

    page = get_swagger_ui_html(
        openapi_url=OPENAPI,
        title="Firstclaim",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon.png",
        swagger_ui_parameters={"docExpansion": "list", "tryItOutEnabled": True, "persistAuthorization": True},
    ).body

    async def show_page(request: Request) -> Response:
        del request
        return HTMLResponse(page, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    async def show_document(request: Request) -> Response:
        del request
        return Response(document(), media_type="application/json")

    return [
        Route("/docs", show_page, include_in_schema=False),
        Route(OPENAPI, show_document, include_in_schema=False),
        Mount(ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static"))),
    ]
