"""Closing commission periods, and looking at what that would state."""

from typing import Annotated, Final

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.periods import PeriodPreview
from api.models.statements import Close, PeriodClosed
from api.operation import Operations
from api.paging import Listing, cursor, read_cursor
from api.problems import mistake
from api.security import allowed
from domain.commission.windows import is_period
from domain.ids import PartnerId
from domain.refusal import Refusal
from service.commands import periods as commands
from service.payloads.base import Slug
from service.period_preview import has_ended, partners_after, preview

periods = Operations("Statements")

PREVIEW: Final = "preview"


@periods.operation(
    "POST",
    "/v1/periods/{period}/close",
    roles=allowed("finance"),
    answer=PeriodClosed,
    refusals=("PERIOD_NOT_ENDED", "EARLIER_PERIOD_OPEN", "UNKNOWN_PARTNER"),
)
async def close_period(call: Call, period: path.Period, body: Close) -> Response:
    """Close a period of every partner, or of one: its statements never change again.

    One refusal closes nothing. Closing again answers the first result again. The statements of many partners take
    minutes to compute, and other requests go on meanwhile; if too much changes before they are recorded: 503.
    """
    work = commands.Close(
        actor=call.actor,
        period=path.period_of(period),
        partner=None if body.partner is None else PartnerId(body.partner),
        force=body.force,
        reader=call.service.statements,
        cause=call.cause,
        request=call.request_key,
    )
    await work.compute(call.service.reading, call.programme)
    return written(await call.service.submit(call.programme, work))


class Previewed(Listing):
    """Of whom."""

    partner: Slug | None = Field(default=None, description="Only this one; default: every partner.")


@periods.operation(
    "GET",
    "/v1/periods/{period}/preview",
    roles=allowed("finance", "auditor"),
    answer=PeriodPreview,
    refusals=("UNKNOWN_PARTNER", "MALFORMED"),
)
async def preview_period(call: Call, period: path.Period, query: Annotated[Previewed, Query()]) -> Response:
    """Show what closing the period now would state for each partner, and why each line is held.

    Nothing is stored. A period that has not ended is previewed as if its closing were forced.
    """
    wanted = path.period_of(period)
    after = read_cursor(query.after, PREVIEW, "")
    async with call.reading(query) as moment:
        if not is_period(moment.programme, wanted):
            raise mistake("period", "value_error", f"{wanted} is not one of the programme's commission periods.")
        if query.partner is None:
            partners = await partners_after(moment.connection, call.programme, after[0], query.limit + 1)
        else:
            partners = [PartnerId(query.partner)]
        shown_now = partners[: query.limit]
        items = await preview(moment, call.service.statements, wanted, shown_now)
        if query.partner is not None and not items:
            raise Refusal("UNKNOWN_PARTNER", f"There is no partner {query.partner} in the programme.")
        more = cursor(PREVIEW, (shown_now[-1],)) if len(partners) > query.limit else None
        document = {"period": str(wanted), "ended": has_ended(moment, wanted), "items": items, "next": more}
        return shown(document, moment.position)
