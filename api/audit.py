"""The log as an auditor reads it."""

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api.answers import encoded, shown
from api.call import Call
from api.models.audit import Head, Replay
from api.operation import Operations
from api.paging import Reading, Whole
from api.security import allowed
from domain.calendar import instant_text
from service.audit import replay
from service.chain import first_hash
from service.database import read
from service.event_store import read_events, read_head
from service.log_lines import event_line
from service.payloads.base import INTEGER_LIMIT
from service.views import ViewBehind

AUDITORS = allowed("auditor")
NDJSON = "application/x-ndjson"

audit = Operations("Audit")


class Events(Reading):
    """Which part of the log."""

    after: Annotated[int, Field(ge=0, le=INTEGER_LIMIT), Whole] = Field(
        default=0, description="The position after which to begin."
    )
    limit: Annotated[int, Field(ge=1, le=1_000), Whole] = Field(default=200, description="The most events to give.")


@audit.operation("GET", "/v1/audit/head", roles=AUDITORS, answer=Head)
async def show_head(call: Call, query: Annotated[Reading, Query()]) -> Response:
    """Show the end of the log.

    Keep position and hash somewhere else: with them anybody can tell later whether the log was cut or rewritten.
    """
    async with read(call.service.engine) as connection:
        head = await read_head(connection, call.programme)
    _reached(query, head.position)
    document = {
        "programme": call.programme,
        "position": head.position,
        "hash": head.hash.hex(),
        "recorded_at": instant_text(head.recorded_at),
    }
    return shown(document, head.position)


@audit.operation(
    "GET",
    "/v1/audit/events",
    roles=AUDITORS,
    also={
        200: {
            "description": "One event a line, each as `LoggedEvent` says.",
            "content": {NDJSON: {"schema": {"type": "string"}, "example": '{"programme":"default","position":1}'}},
        }
    },
)
async def show_events(call: Call, query: Annotated[Events, Query()]) -> Response:
    """Give a part of the log, one event a line.

    `body` is a text of exactly the stored bytes, so that the hash chain can be computed again.
    """
    async with read(call.service.engine) as connection:
        head = await read_head(connection, call.programme)
        before = await read_events(connection, call.programme, after=query.after - 1, up_to=query.after, at_most=1)
        rows = await read_events(
            connection, call.programme, after=query.after, up_to=head.position, at_most=query.limit
        )
    _reached(query, head.position)
    previous = before[0].hash if before else first_hash(call.programme)
    lines: list[bytes] = []
    for row in rows:
        lines.append(encoded(event_line(call.programme, row, previous)) + b"\n")
        previous = row.hash
    return Response(b"".join(lines), 200, {"Firstclaim-Position": str(head.position)}, NDJSON)


@audit.operation("POST", "/v1/audit/replay", roles=AUDITORS, answer=Replay)
async def replay_log(call: Call) -> Response:
    """Fold everything from position 1 again, and compare.

    It follows the hash chain, computes every closed statement again, compares the deliveries with what their events say
    of them, and the views row for row with a rebuild. What comes behind a disagreement is not compared.
    """
    verdict = await replay(call.service, call.programme)
    return shown(verdict.document(), verdict.chain.position)


def _reached(query: Reading, position: int) -> None:
    if query.at_least is not None and query.at_least > position:
        raise ViewBehind("the log", query.at_least, position)
