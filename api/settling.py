"""What people do to a closed statement: dispute and resolve, pay out, propose and post what is forfeited."""

from typing import Annotated, Final, Literal

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.settling import (
    Because,
    DisputeLine,
    DisputePage,
    DisputeWritten,
    FailPayout,
    PayOut,
    PayoutWritten,
    ResolveDispute,
    Settlement,
    SettlementWritten,
)
from api.one_partner import no_partner, own_partner, seen_partner, wanted_partner
from api.operation import Operations
from api.paging import Listing, Reading, page, read_cursor
from api.security import PARTNERS_OWN, allowed
from domain.commission_period import disputes, forfeiture, payouts
from domain.commission_period.aggregate import ClosedPeriod
from domain.ids import DisputeId, LineId, PartnerId
from projections.disputes import list_disputes
from service.commands.registering import fresh_token
from service.commands.settling import ChangeStatement, Decide, Show, StatementAt
from service.payloads.base import PeriodText, Slug
from service.presentation.settling import dispute_document, payout_document, settlement_document
from service.presentation.values import Document
from service.settlement_reading import settlement_of

settling = Operations("Settling")

FINANCE: Final = allowed("finance")
READERS: Final = allowed("finance", "auditor", "partner_manager", "partner")
DISPUTES: Final = "disputes"


async def _change(
    call: Call, partner: str, period: str, decide: Decide, show: Show, *, token: str = "", creates: bool = False
) -> Response:
    work = ChangeStatement(
        actor=call.actor,
        partner=PartnerId(partner),
        period=path.period_of(period),
        decide=decide,
        show=show,
        token=token or fresh_token(),
        creates=creates,
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


def _dispute(dispute: DisputeId, call: Call) -> Show:
    """Shows one dispute of the statement."""

    def show(state: ClosedPeriod, at: StatementAt) -> Document:
        one = next(one for one in state.after.disputes if one.id == dispute)
        stated = state.closing.statement
        return dispute_document(one, stated.partner, stated.period, stated.currency, now=at.now, viewer=call.partner)

    return show


def _payout(reference: str) -> Show:
    """Shows one payout of the statement."""

    def show(state: ClosedPeriod, _at: StatementAt) -> Document:
        one = next(one for one in state.after.payouts if one.reference == reference)
        stated = state.closing.statement
        return payout_document(one, stated.partner, stated.period, stated.currency, viewer=None)

    return show


def _settlement(state: ClosedPeriod, at: StatementAt) -> Document:
    return settlement_document(state, at.holds, now=at.now, viewer=None)


@settling.operation(
    "POST",
    "/v1/statements/{partner}/{period}/dispute",
    roles=PARTNERS_OWN,
    answer=DisputeWritten,
    status=201,
    refusals=("WRONG_STATE", "ALREADY_EXISTS", "MALFORMED"),
)
async def dispute_line(call: Call, partner: path.Partner, period: path.Period, body: DisputeLine) -> Response:
    """Dispute a line of a closed statement; only the partner itself may.

    What the line pays is held until the dispute is resolved; the rest is payable.
    """
    asked, token = own_partner(call, partner), fresh_token()
    named = DisputeId(f"dsp_{token}")
    command = disputes.DisputeLine(dispute=named, line=LineId(body.line), reason=body.reason)
    return await _change(
        call,
        asked,
        period,
        lambda at: disputes.dispute(at.state, command),
        _dispute(named, call),
        token=token,
        creates=True,
    )


@settling.operation(
    "POST",
    "/v1/statements/{partner}/{period}/disputes/{id}/resolve",
    roles=FINANCE,
    answer=DisputeWritten,
    refusals=("WRONG_STATE", "MALFORMED"),
)
async def resolve_dispute(
    call: Call,
    partner: path.Partner,
    period: path.Period,
    id: path.Dispute,  # noqa: A002 - as in the path
    body: ResolveDispute,
) -> Response:
    """Uphold or reject a dispute: the line is released as it was stated.

    Upheld: `amount` is entered beside it as a `dispute` adjustment in the partner's first open period.
    """
    command = disputes.ResolveDispute(
        dispute=DisputeId(id),
        outcome=body.outcome,
        reason=body.reason,
        amount=None if body.amount is None else body.amount.money,
    )
    return await _change(
        call, partner, period, lambda at: disputes.resolve(at.state, command), _dispute(DisputeId(id), call)
    )


@settling.operation(
    "POST",
    "/v1/statements/{partner}/{period}/payout",
    roles=FINANCE,
    answer=PayoutWritten,
    refusals=("WRONG_STATE", "ALREADY_EXISTS", "NOTHING_PAYABLE", "PARTNER_SUSPENDED", "PAPERWORK_MISSING"),
)
async def pay_out(call: Call, partner: path.Partner, period: path.Period, body: PayOut) -> Response:
    """Record that what is due of a closed statement was paid. A line is in at most one payout that did not fail."""
    return await _change(
        call,
        partner,
        period,
        lambda at: payouts.pay_out(
            at.state, payouts.PayOut(reference=body.reference, paid_on=body.paid_on, holds=at.holds)
        ),
        _payout(body.reference),
    )


@settling.operation(
    "POST", "/v1/statements/{partner}/{period}/payout/fail", roles=FINANCE, answer=PayoutWritten, refusals=()
)
async def fail_payout(call: Call, partner: path.Partner, period: path.Period, body: FailPayout) -> Response:
    """Record that a payout did not arrive: what it paid is due again, and can be paid under another reference."""
    command = payouts.FailPayout(reference=body.reference, reason=body.reason)
    return await _change(
        call, partner, period, lambda at: payouts.fail_payout(at.state, command), _payout(body.reference)
    )


@settling.operation(
    "POST",
    "/v1/statements/{partner}/{period}/forfeiture/propose",
    roles=FINANCE,
    answer=SettlementWritten,
    refusals=("WRONG_STATE", "NOTHING_PAYABLE", "FORFEITURE_NOT_DUE"),
)
async def propose_forfeiture(call: Call, partner: path.Partner, period: path.Period, body: Because) -> Response:
    """Propose that what is due is forfeited, because paperwork was missing for longer than the terms allow."""
    return await _change(
        call,
        partner,
        period,
        lambda at: forfeiture.propose(
            at.state,
            forfeiture.ProposeForfeiture(
                closed_on=at.closed_on,
                today=at.today,
                after_days=at.programme.terms_at(at.now).terms.forfeit_after_days,
                missing=at.missing,
                reason=body.reason,
            ),
        ),
        _settlement,
    )


@settling.operation(
    "POST",
    "/v1/statements/{partner}/{period}/forfeiture/post",
    roles=FINANCE,
    answer=SettlementWritten,
    refusals=("WRONG_STATE", "NOTHING_PAYABLE"),
)
async def post_forfeiture(call: Call, partner: path.Partner, period: path.Period, body: Because) -> Response:
    """Post a proposed forfeiture: what is still due is not paid any more. Refused once the paperwork is there."""
    return await _change(
        call,
        partner,
        period,
        lambda at: forfeiture.post(at.state, forfeiture.PostForfeiture(missing=at.missing, reason=body.reason)),
        _settlement,
    )


@settling.operation(
    "POST",
    "/v1/statements/{partner}/{period}/forfeiture/dismiss",
    roles=FINANCE,
    answer=SettlementWritten,
    refusals=("WRONG_STATE",),
)
async def dismiss_forfeiture(call: Call, partner: path.Partner, period: path.Period, body: Because) -> Response:
    """Dismiss a proposed forfeiture: what is due stays due."""
    command = forfeiture.DismissForfeiture(reason=body.reason)
    return await _change(call, partner, period, lambda at: forfeiture.dismiss(at.state, command), _settlement)


@settling.operation(
    "GET",
    "/v1/statements/{partner}/{period}/settlement",
    roles=READERS,
    answer=Settlement,
    refusals=("WRONG_STATE",),
)
async def show_settlement(
    call: Call, partner: path.Partner, period: path.Period, query: Annotated[Reading, Query()]
) -> Response:
    """Show where a closed statement's payable stands: what was paid, is due, is held and why."""
    asked, wanted = seen_partner(call, partner), path.period_of(period)
    async with call.reading(query) as moment:
        found = await settlement_of(moment, asked, wanted, call.partner)
        if found is None:
            raise no_partner(partner)
        return shown(found, moment.position)


class WantedDisputes(Listing):
    """Which disputes."""

    period: PeriodText | None = Field(default=None, description="Of this period.")
    partner: Slug | None = Field(default=None, description="Of this partner.")
    state: Literal["open", "upheld", "rejected"] | None = Field(default=None, description="In this state.")


@settling.operation("GET", "/v1/disputes", roles=READERS, answer=DisputePage, refusals=("NOT_FOUND",))
async def show_disputes(call: Call, query: Annotated[WantedDisputes, Query()]) -> Response:
    """List disputes, the oldest first; a partner sees its own."""
    after = read_cursor(query.after, DISPUTES, 0)
    partner = wanted_partner(call, query.partner)
    async with call.reading(query, DISPUTES) as moment:
        found = await list_disputes(
            moment.connection,
            call.programme,
            partner=partner,
            period=query.period,
            state=query.state,
            after=after[0],
            limit=query.limit + 1,
        )
        listed = page(found, query.limit, DISPUTES, lambda one: (one.dispute.opened.position,))
        documents = (
            dispute_document(one.dispute, one.partner, one.period, one.currency, now=moment.now, viewer=call.partner)
            for one in listed.items
        )
        return shown(listed.of(documents), await moment.seen_by(DISPUTES))
