"""Payouts: what was paid for which statement, and paying a whole period."""

from typing import Annotated, Final, Literal

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.settling import PayOut, PayoutPage, PeriodPaid
from api.one_partner import wanted_partner
from api.operation import Operations
from api.paging import Listing, page, read_cursor
from api.security import allowed
from projections.payouts import list_payouts
from service.commands.paying import PayOutPeriod
from service.payloads.base import PeriodText, ShortText, Slug
from service.presentation.settling import payout_document

payouts = Operations("Settling")

VIEW: Final = "payouts"


@payouts.operation(
    "POST",
    "/v1/periods/{period}/payout",
    roles=allowed("finance"),
    answer=PeriodPaid,
    refusals=("ALREADY_EXISTS", "WRONG_STATE"),
)
async def pay_period(call: Call, period: path.Period, body: PayOut) -> Response:
    """Record that what is due of a period was paid to every partner, under one reference: to all of them or to nobody.

    Left out, and listed with the reason, is who may not be paid now. The same again answers the same payouts again.
    """
    work = PayOutPeriod(
        actor=call.actor,
        period=path.period_of(period),
        reference=body.reference,
        paid_on=body.paid_on,
        types=call.service.types,
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


class Wanted(Listing):
    """Which payouts."""

    period: PeriodText | None = Field(default=None, description="Of this period.")
    partner: Slug | None = Field(default=None, description="Of this partner.")
    reference: ShortText | None = Field(default=None, description="Of this reference.")
    state: Literal["paid", "failed"] | None = Field(default=None, description="In this state.")


@payouts.operation(
    "GET",
    "/v1/payouts",
    roles=allowed("finance", "auditor", "partner_manager", "partner"),
    answer=PayoutPage,
    refusals=("NOT_FOUND",),
)
async def show_payouts(call: Call, query: Annotated[Wanted, Query()]) -> Response:
    """List payouts, the oldest first; a partner sees its own."""
    after = read_cursor(query.after, VIEW, 0)
    partner = wanted_partner(call, query.partner)
    async with call.reading(query, VIEW) as moment:
        found = await list_payouts(
            moment.connection,
            call.programme,
            partner=partner,
            period=query.period,
            reference=query.reference,
            state=query.state,
            after=after[0],
            limit=query.limit + 1,
        )
        listed = page(found, query.limit, VIEW, lambda one: (one.payout.made.position,))
        documents = (
            payout_document(one.payout, one.partner, one.period, one.currency, viewer=call.partner)
            for one in listed.items
        )
        return shown(listed.of(documents), await moment.seen_by(VIEW))
