"""What a changed calculation would have made of closed periods: for finance to post, or to let be."""

from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import shown
from api.call import Call
from api.models.proposals import Variances
from api.operation import Operations
from api.paging import Reading
from api.problems import not_found
from api.security import allowed
from domain.commission.statement import StatementInputs
from domain.ids import PartnerId
from service.presentation.proposals import variances_document
from service.reading import Moment

proposals = Operations("Settling")

READERS: Final = allowed("finance", "auditor")


async def _inputs(call: Call, moment: Moment, partner: str) -> StatementInputs:
    named = PartnerId(partner)
    found = await call.service.statements.at_head(moment.connection, call.programme, [named], moment.position)
    if named not in found:
        raise not_found(f"There is no partner {partner}.")
    return found[named]


@proposals.operation("GET", "/v1/partners/{id}/variances", roles=READERS, answer=Variances)
async def show_variances(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """List the closed periods that today's calculation would have stated otherwise than the one that closed them.

    It never becomes an adjustment by itself: post one as an adjustment of kind `variance` that names its period.
    """
    async with call.reading(query) as moment:
        return shown(variances_document(await _inputs(call, moment, id)), moment.position)
