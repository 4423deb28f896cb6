"""Closing commission periods."""

from starlette.responses import Response

from api import path
from api.answers import written
from api.call import Call
from api.models.statements import Close, PeriodClosed
from api.operation import Operations
from api.security import allowed
from api.statements import period_of
from domain.ids import PartnerId
from service.commands import periods as commands

periods = Operations("Statements")


@periods.operation(
    "POST",
    "/v1/periods/{period}/close",
    roles=allowed("finance"),
    answer=PeriodClosed,
    refusals=("PERIOD_NOT_ENDED", "EARLIER_PERIOD_OPEN", "UNKNOWN_PARTNER"),
)
async def close_period(call: Call, period: path.Period, body: Close) -> Response:
    """Close a period of every partner, or of one: its statements never change again.

    One refusal closes nothing. Closing again answers the first result again.
    """
    work = commands.Close(
        actor=call.actor,
        period=period_of(period),
        partner=None if body.partner is None else PartnerId(body.partner),
        force=body.force,
        reader=call.service.statements,
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))
