"""What finance enters for a partner, what it must have on file to be paid, and what becomes of its held pay."""

from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.partners import PartnerWritten
from api.models.settling import (
    Adjudicate,
    AdjustmentPage,
    AdjustmentWritten,
    EnterAdjustment,
    FilePaperwork,
    Paperwork,
    PaperworkWritten,
    RevokePaperwork,
)
from api.one_partner import change_partner, reading_of_partner, show_of_partner
from api.operation import Operations
from api.paging import Listing, Reading, page, read_cursor
from api.security import allowed
from domain.calendar import local_date
from domain.entered_adjustment import aggregate as entered
from domain.ids import AdjustmentId, Instant, LineId, PartnerId
from domain.partner import paperwork
from domain.partner.aggregate import AdjudicateHeldPay, Partner
from domain.programme.aggregate import Programme
from service.commands.registering import fresh_token
from service.commands.settling import Enter
from service.presentation.programme import paperwork_document
from service.presentation.settling import entered_document
from service.presentation.values import Document

adjustments = Operations("Settling")

FINANCE: Final = allowed("finance")
READERS: Final = allowed("finance", "auditor", "partner_manager", "partner")
VIEW: Final = "adjustments"


@adjustments.operation(
    "POST",
    "/v1/partners/{id}/adjustments",
    roles=FINANCE,
    answer=AdjustmentWritten,
    status=201,
    refusals=("WRONG_STATE",),
)
async def enter_adjustment(call: Call, id: path.Partner, body: EnterAdjustment) -> Response:  # noqa: A002 - as in the path
    """Enter an amount, which may be negative, into the partner's first open period, with the reason for it."""
    command = entered.EnterAdjustment(
        adjustment=AdjustmentId(f"adj_{fresh_token()}"),
        kind=body.kind,
        amount=body.amount.money,
        reason=body.reason,
        period=body.period,
        line=None if body.line is None else LineId(body.line),
    )
    work = Enter(actor=call.actor, partner=PartnerId(id), command=command, cause=call.cause, request=call.request_key)
    return written(await call.service.submit(call.programme, work))


@adjustments.operation("GET", "/v1/partners/{id}/adjustments", roles=READERS, answer=AdjustmentPage)
async def show_adjustments(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Listing, Query()],
) -> Response:
    """List what was entered for a partner, in order."""
    after = read_cursor(query.after, VIEW, 0)
    async with reading_of_partner(call, query, id) as (moment, partner):
        entered = await moment.states.entered_at(moment.connection, call.programme, [partner.id], moment.position)
        found = entered.get(partner.id, ())
        later = [one for one in found if one.position > after[0]]
        listed = page(later, query.limit, VIEW, lambda one: (one.position,))
        return shown(listed.of(entered_document(one, call.partner) for one in listed.items), moment.position)


@adjustments.operation(
    "POST",
    "/v1/partners/{id}/paperwork",
    roles=allowed("finance", "partner_manager"),
    answer=PaperworkWritten,
    refusals=("WRONG_STATE",),
)
async def file_paperwork(call: Call, id: path.Partner, body: FilePaperwork) -> Response:  # noqa: A002 - as in the path
    """Put a document on file that payouts need, such as a tax form: where it is, and until when it counts."""
    command = paperwork.FilePaperwork(kind=body.kind, reference=body.reference, expires_on=body.expires_on)
    return await change_partner(call, id, lambda _programme, _now: command, _paperwork)


@adjustments.operation(
    "POST",
    "/v1/partners/{id}/paperwork/revoke",
    roles=allowed("finance", "partner_manager"),
    answer=PaperworkWritten,
)
async def revoke_paperwork(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    body: RevokePaperwork,
) -> Response:
    """Say that a document on file does not count any more."""
    command = paperwork.RevokePaperwork(kind=body.kind, reason=body.reason)
    return await change_partner(call, id, lambda _programme, _now: command, _paperwork)


def _paperwork(partner: Partner, programme: Programme, now: Instant) -> Document:
    return paperwork_document(partner, programme.terms_at(now).terms, local_date(now, programme.zone))


@adjustments.operation("GET", "/v1/partners/{id}/paperwork", roles=READERS, answer=Paperwork)
async def show_paperwork(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show what a partner must have on file to be paid, and what it has."""
    return await show_of_partner(
        call, query, id, lambda moment, partner: _paperwork(partner, moment.programme, moment.now)
    )


@adjustments.operation(
    "POST", "/v1/partners/{id}/adjudicate", roles=FINANCE, answer=PartnerWritten, refusals=("WRONG_STATE",)
)
async def adjudicate(call: Call, id: path.Partner, body: Adjudicate) -> Response:  # noqa: A002 - as in the path
    """Say what becomes of the pay of a partner that left suspended or for fraud: released, or forfeited for good."""
    command = AdjudicateHeldPay(outcome=body.outcome, reason=body.reason)
    return await change_partner(call, id, lambda _programme, _now: command)
