"""What waits for a reviewer, and what for its partner."""

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api.answers import shown
from api.call import Call
from api.models.reviews import ReviewPage, WaitsFor
from api.operation import Operations
from api.paging import Listing, cursor, read_cursor
from api.security import ALL_BUT_CRM
from domain.ids import PartnerId
from service.payloads.base import Slug
from service.presentation.reviews import review_document
from service.presentation.values import Document
from service.review_lists import Wanted, reviews_wanted

reviews = Operations("Registrations")


class Queue(Listing):
    """Which reviews."""

    partner: Slug | None = Field(default=None, description="Of this partner's registrations.")
    waits_for: WaitsFor | None = Field(default=None, description="That wait for the reviewer, or for the partner.")


@reviews.operation("GET", "/v1/reviews", roles=ALL_BUT_CRM, answer=ReviewPage)
async def list_reviews(call: Call, query: Annotated[Queue, Query()]) -> Response:
    """List what is in review, the longest first, with its age and when it is due; to a partner its own."""
    after = read_cursor(query.after, "reviews", -1, "")
    async with call.reading(query, "registrations") as moment:
        position = await moment.seen_by("registrations")
        items: list[Document] = []
        more: tuple[int, str] | None = None
        if call.partner in (None, query.partner) or query.partner is None:
            partner = call.partner or query.partner
            wanted = Wanted(partner=None if partner is None else PartnerId(partner), waits_for=query.waits_for)
            found, more = await reviews_wanted(moment, wanted, after=after, limit=query.limit)
            items = [review_document(one, moment.programme, moment.now, call.partner) for one in found]
    next_page = None if more is None else cursor("reviews", more)
    return shown({"items": items, "next": next_page}, position)
