"""Incentives: SPIFFs for everybody, targets of one partner."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.incentives import (
    EndSpiff,
    ProposedClawbackList,
    PublishSpiff,
    SetTarget,
    SpiffList,
    SpiffWritten,
    TargetList,
    TargetWritten,
)
from api.one_partner import change_pay, no_partner, show_of_partner
from api.operation import Operations
from api.paging import Reading
from api.security import ALL_BUT_CRM, allowed
from api.stated_terms import minor
from domain.commission.clawbacks import proposed_clawbacks
from domain.ids import PartnerId, Product
from domain.partner import pay
from domain.programme import spiffs
from service.commands.programme import PublishOrEndSpiff, SpiffCommandAt
from service.presentation.programme import clawback_document, spiff_document, target_document

incentives = Operations("Incentives")


@incentives.operation(
    "POST",
    "/v1/programme/spiffs",
    roles=allowed("finance"),
    answer=SpiffWritten,
    status=201,
    refusals=("ALREADY_EXISTS", "PERIOD_CLOSED"),
)
async def publish_spiff(call: Call, body: PublishSpiff) -> Response:
    """Publish a SPIFF: an extra rate or amount for deals with certain products, between two days.

    Each deal that earns it has a line of its own for it, of the kind `spiff`. Every partner may read it.
    """
    return await _change_spiff(
        call,
        lambda programme, closed_through: spiffs.PublishSpiff(
            spiff=body.id,
            name=body.name,
            products=tuple(map(Product, body.products)),
            first_on=body.first_on,
            last_on=body.last_on,
            rate_basis_points=body.rate_basis_points or 0,
            amount_minor=0 if body.amount is None else minor(body.amount, programme.currency, "amount"),
            closed_through=closed_through,
        ),
    )


@incentives.operation(
    "POST",
    "/v1/programme/spiffs/{spiff}/end",
    roles=allowed("finance"),
    answer=SpiffWritten,
    refusals=("WRONG_STATE", "PERIOD_CLOSED"),
)
async def end_spiff(call: Call, spiff: path.Spiff, body: EndSpiff) -> Response:
    """Let a SPIFF end sooner. It can be shortened, never lengthened."""
    return await _change_spiff(
        call,
        lambda _programme, closed_through: spiffs.EndSpiff(
            spiff=spiff, last_on=body.last_on, closed_through=closed_through
        ),
    )


async def _change_spiff(call: Call, command: SpiffCommandAt) -> Response:
    work = PublishOrEndSpiff(actor=call.actor, command=command, cause=call.cause, request=call.request_key)
    return written(await call.service.submit(call.programme, work))


@incentives.operation("GET", "/v1/programme/spiffs", roles=ALL_BUT_CRM, answer=SpiffList)
async def show_spiffs(call: Call, query: Annotated[Reading, Query()]) -> Response:
    """List all SPIFFs."""
    async with call.reading(query) as moment:
        currency = moment.programme.currency
        return shown({"items": [spiff_document(s, currency) for s in moment.programme.spiffs]}, moment.position)


@incentives.operation(
    "PUT",
    "/v1/partners/{id}/targets/{period}",
    roles=allowed("finance"),
    answer=TargetWritten,
    refusals=("CURRENCY_MISMATCH", "PERIOD_CLOSED"),
)
async def set_target(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    period: path.Period,
    body: SetTarget,
) -> Response:
    """Give a partner a target for a quarter or month, in place of any that it had.

    Reaching it earns the bonus, all revenue beyond it the accelerator, each in lines of the kind `bonus`.
    """
    wanted = str(path.period_of(period))
    return await change_pay(
        call,
        id,
        lambda _programme, closed_through: pay.SetTarget(
            period=wanted,
            currency=body.target.currency,
            target_minor=body.target.money.amount_minor,
            bonus_minor=0 if body.bonus is None else body.bonus.money.amount_minor,
            accelerator_basis_points=body.accelerator_basis_points or 0,
            closed_through=closed_through,
        ),
    )


@incentives.operation(
    "GET",
    "/v1/partners/{id}/clawbacks",
    roles=allowed("finance", "auditor", "partner_manager"),
    answer=ProposedClawbackList,
)
async def show_proposed_clawbacks(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show what should be taken back: settled for deals that were not paid in time since (`payable_on`).

    Nothing is taken back by itself. Finance enters a clawback for the line, or leaves it. Paid after all, it is
    proposed no longer.
    """
    async with call.reading(query) as moment:
        inputs = await call.service.statements.as_of(moment.connection, call.programme, PartnerId(id), moment.position)
        if inputs is None:
            raise no_partner(id)
        items = [clawback_document(one, inputs.partner.currency) for one in proposed_clawbacks(inputs)]
        return shown({"items": items}, moment.position)


@incentives.operation(
    "GET",
    "/v1/partners/{id}/targets",
    roles=allowed("partner_manager", "finance", "auditor", "partner"),
    answer=TargetList,
)
async def show_targets(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """List all targets of a partner. A partner's key sees its own."""
    return await show_of_partner(
        call,
        query,
        id,
        lambda _moment, partner: {"items": [target_document(partner, target) for target in partner.pay.targets]},
    )
