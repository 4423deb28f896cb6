"""Webhooks' deliveries: looked at, and taken up again by a person."""

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.answers import erased, shown, written
from api.call import Call
from api.models.base import Erased
from api.models.webhooks import Delivered, DeliveryInFull, DeliveryPage
from api.operation import Operations
from api.paging import Listing, Reading, page, read_cursor
from api.problems import not_found
from api.security import ADMIN, allowed
from service.commands.deliveries import Retry
from service.delivery_lists import caused_by, find_delivery, list_deliveries, rivals_of
from service.erasure import erase_delivery
from service.payloads.base import Slug
from service.presentation.deliveries import delivery_document, delivery_in_full
from service.work import DeliveryOutcome

deliveries = Operations("Deliveries")

AUDITORS = allowed("auditor")


class Wanted(Listing):
    """Which deliveries."""

    source: Slug | None = Field(default=None, description="Of this source.")
    outcome: DeliveryOutcome | None = Field(default=None, description="With this outcome.")


@deliveries.operation("GET", "/v1/deliveries", roles=AUDITORS, answer=DeliveryPage)
async def show_deliveries(call: Call, query: Annotated[Wanted, Query()]) -> Response:
    """List deliveries in order of arrival."""
    after = read_cursor(query.after, "deliveries", -1)
    async with call.reading(query) as moment:
        found = await list_deliveries(
            moment.connection,
            call.programme,
            source=query.source,
            outcome=query.outcome,
            after=after[0],
            limit=query.limit + 1,
        )
        listed = page(found, query.limit, "deliveries", lambda one: (one.arrival,))
        return shown(listed.of(delivery_document(one.row) for one in listed.items), moment.position)


@deliveries.operation("GET", "/v1/deliveries/{source}/{id:path}", roles=AUDITORS, answer=DeliveryInFull)
async def show_delivery(
    call: Call,
    source: path.Source,
    id: path.Delivery,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show a delivery: its raw body, what it caused, and what else came under its id."""
    async with call.reading(query) as moment:
        row = await find_delivery(moment.connection, call.programme, source, id)
        if row is None:
            raise not_found(f"There is no delivery {id} of {source}.")
        caused = await caused_by(moment.connection, call.programme, row)
        rivals = await rivals_of(moment.connection, call.programme, source, id)
        return shown(delivery_in_full(row, caused, rivals), moment.position)


@deliveries.operation(
    "POST", "/v1/deliveries/{source}/{id:path}/retry", roles=ADMIN, answer=Delivered, refusals=("WRONG_STATE",)
)
async def retry_delivery(call: Call, source: path.Source, id: path.Delivery) -> Response:  # noqa: A002 - as in the path
    """Take a parked delivery up again, whatever its age."""
    work = Retry(actor=call.actor, source=source, delivery_id=id, cause=call.cause, request=call.request_key)
    return written(await call.service.submit(call.programme, work))


@deliveries.operation("DELETE", "/v1/deliveries/{source}/{id:path}/body", roles=ADMIN, answer=Erased)
async def erase_body(call: Call, source: path.Source, id: path.Delivery) -> Response:  # noqa: A002 - as in the path
    """Erase the raw body and the headers of a delivery, for good.

    Its id, the digest of its body, its outcome and what it caused stay; no event and no amount changes.
    """
    if not await erase_delivery(call.service.engine, call.programme, source, id):
        raise not_found(f"There is no delivery {id} of {source}.")
    return erased()
