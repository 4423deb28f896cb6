"""Whether the process lives, whether it is ready, and what it counts."""

from typing import Any

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import select
from starlette.responses import Response

from api.answers import JSON, encoded
from api.call import Call
from api.metrics import LAG, PARKED, POSITION, registry
from api.models.health import Alive, Ready
from api.operation import Operations
from domain.ids import ProgrammeId
from service.counted import counted
from service.database import read
from service.migrate import is_current
from service.schema import record_heads
from service.views import GREATEST_LAG

health = Operations("Health")


@health.operation("GET", "/healthz", roles=None, answer=Alive)
async def process_lives(call: Call) -> Response:
    """Whether the process lives.

    Says nothing about the database: a process that answers this is not helped by being started again.
    """
    del call
    return Response(b'{"status":"ok"}', media_type=JSON)


@health.operation(
    "GET", "/readyz", roles=None, answer=Ready, also={503: {"model": Ready, "description": "Not ready, and why."}}
)
async def process_is_ready(call: Call) -> Response:
    """Whether the process can do its work now.

    The database is reached, its schema is the one of this version, the log can be written, and the followers are
    within bounds. 503 with the same body otherwise.
    """
    checks = {"database": "ok", "migrations": "ok", "log": "ok", "followers": "ok"}
    try:
        checks |= await _trouble(call)
    except Exception as failure:  # noqa: BLE001 - whatever it is, the answer is that this process is not ready
        checks["database"] = type(failure).__name__
    ready = all(state == "ok" for state in checks.values())
    status = 200 if ready else 503
    headers = {} if ready else {"Retry-After": "1"}
    return Response(encoded({"ready": ready, "checks": checks}), status, headers, JSON)


async def _trouble(call: Call) -> dict[str, str]:
    """What keeps this process from its work, by check."""
    service = call.service
    if not await is_current(service.engine):
        return {"migrations": "the schema is not this version's: run `firstclaim migrate`"}
    trouble: dict[str, str] = {}
    appending = service.appenders.health
    if not appending.ready:
        trouble["log"] = str(appending.reason)
    if service.followers is not None and (held := service.followers.errors()):
        trouble["followers"] = f"held up in {', '.join(sorted(held))}"
    for programme in await _programmes(call):
        for name, view in (await service.views.health(programme)).items():
            if view.lag > GREATEST_LAG:
                trouble["followers"] = f"{name} of {programme} is {counted(view.lag, 'event')} behind"
    return trouble


@health.operation(
    "GET",
    "/metrics",
    roles=None,
    also={
        200: {
            "description": "In the text format of Prometheus.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": "# HELP"}},
        }
    },
)
async def metrics(call: Call) -> Response:
    """What this process counts, for Prometheus."""
    for programme in await _programmes(call):
        await _measure(call.service.views, programme)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


async def _measure(views: Any, programme: ProgrammeId) -> None:
    for name, view in (await views.health(programme)).items():
        LAG.labels(programme, name).set(view.lag)
        PARKED.labels(programme, name).set(view.parked)
        POSITION.labels(programme).set(view.position + view.lag)


async def _programmes(call: Call) -> list[ProgrammeId]:
    async with read(call.service.engine) as connection:
        found = await connection.scalars(select(record_heads.c.programme).order_by(record_heads.c.programme))
        return [ProgrammeId(programme) for programme in found]
