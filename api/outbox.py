"""What partners must be told, for whoever sends it."""

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api.answers import shown
from api.call import Call
from api.models.outbox import OutboxPage
from api.operation import Operations
from api.paging import LIMIT_DEFAULT, LIMIT_MOST, Reading, Whole
from api.security import allowed
from projections.outbox import list_notices
from service.payloads.base import INTEGER_LIMIT
from service.presentation.outbox import posted_document

outbox = Operations("Outbox")


class From(Reading):
    """From where, and how many."""

    after: Annotated[int, Field(ge=0, le=INTEGER_LIMIT), Whole] = Field(
        default=0, description="The `next` of the answer before; 0: from the beginning."
    )
    limit: Annotated[int, Field(ge=1, le=LIMIT_MOST), Whole] = Field(
        default=LIMIT_DEFAULT, description="About the most notices of an answer; those of one event are not parted."
    )


@outbox.operation("GET", "/v1/outbox", roles=allowed("partner_manager", "partner"), answer=OutboxPage)
async def read_outbox(call: Call, query: Annotated[From, Query()]) -> Response:
    """Read what partners must be told, in the order in which it happened; a partner reads its own.

    Remember `next` when everything up to it is sent: then each notice is picked up in order and once.
    """
    async with call.reading(query, "outbox") as moment:
        found = await list_notices(
            moment.connection, call.programme, partner=call.partner, after=query.after, limit=query.limit
        )
        last = found[-1].position if found else query.after
        document = {"items": [posted_document(one) for one in found], "next": str(last)}
        return shown(document, await moment.seen_by("outbox"))
