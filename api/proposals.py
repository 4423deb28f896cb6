"""What a changed calculation would have made of closed periods: for finance to post, or to let be."""

from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.proposals import Variances, VarianceWritten
from api.models.settling import AdjustmentWritten, Because
from api.one_partner import no_partner
from api.operation import Operations
from api.paging import Reading
from api.security import allowed
from domain.ids import AdjustmentId, PartnerId
from service.commands.registering import fresh_token
from service.commands.variances import DismissVariance, PostVariance
from service.presentation.proposals import variances_document
from service.settlement_reading import closed_variances

proposals = Operations("Settling")

FINANCE: Final = allowed("finance")
READERS: Final = allowed("finance", "auditor")


@proposals.operation("GET", "/v1/partners/{id}/variances", roles=READERS, answer=Variances)
async def show_variances(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """List the closed periods that today's calculation would have stated otherwise than the one that closed them.

    It never becomes an adjustment by itself: finance posts it, or dismisses it.
    """
    async with call.reading(query) as moment:
        named = PartnerId(id)
        known = await call.service.statements.at_head(moment.connection, call.programme, [named], moment.position)
        if named not in known:
            raise no_partner(id)
        inputs = known[named]
        return shown(variances_document(inputs, await closed_variances(moment, inputs)), moment.position)


@proposals.operation(
    "POST",
    "/v1/partners/{id}/variances/{period}/post",
    roles=FINANCE,
    answer=AdjustmentWritten,
    status=201,
    refusals=("WRONG_STATE",),
)
async def post_variance(call: Call, id: path.Partner, period: path.Period, body: Because) -> Response:  # noqa: A002 - as in the path
    """Enter what is left of a closed period's variance as an adjustment in the partner's first open period."""
    work = PostVariance(
        actor=call.actor,
        partner=PartnerId(id),
        period=path.period_of(period),
        reason=body.reason,
        reader=call.service.statements,
        adjustment=AdjustmentId(f"adj_{fresh_token()}"),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


@proposals.operation(
    "POST",
    "/v1/partners/{id}/variances/{period}/dismiss",
    roles=FINANCE,
    answer=VarianceWritten,
    refusals=("WRONG_STATE",),
)
async def dismiss_variance(call: Call, id: path.Partner, period: path.Period, body: Because) -> Response:  # noqa: A002 - as in the path
    """Let a closed period be as it was closed. Another amount, or a later calculation, is a new variance."""
    work = DismissVariance(
        actor=call.actor,
        partner=PartnerId(id),
        period=path.period_of(period),
        reason=body.reason,
        reader=call.service.statements,
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))
