"""One partner as requests name it: who may see it, what is shown of it, and what changes it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.responses import Response

from api.answers import shown, written
from api.call import Call
from api.paging import Reading
from api.problems import Problem, not_found
from domain.ids import PartnerId
from domain.partner.aggregate import Partner
from service.commands.partners import ChangePartner, CommandAt, Shows, partner_shown
from service.commands.pay import ChangePay, PayCommandAt
from service.presentation.values import Document
from service.reading import Moment


def no_partner(partner: str) -> Problem:
    """404: the caller sees no such partner."""
    return not_found(f"There is no partner {partner}.")


def seen_partner(call: Call, partner: str) -> PartnerId:
    """The partner that a path names; to a partner's key there is none but its own."""
    if call.partner not in (None, partner):
        raise no_partner(partner)
    return PartnerId(partner)


def own_partner(call: Call, partner: str) -> PartnerId:
    """The partner that a path names, for what the partner alone may do."""
    if call.partner != partner:
        raise no_partner(partner)
    return PartnerId(partner)


def wanted_partner(call: Call, partner: str | None) -> PartnerId | None:
    """Whose items a list shows (None: everybody's); to a partner's key its own."""
    return call.partner if partner is None else seen_partner(call, partner)


@asynccontextmanager
async def reading_of_partner(call: Call, query: Reading, partner: str) -> AsyncIterator[tuple[Moment, Partner]]:
    """The programme at one moment, and a partner that the caller sees as it stands."""
    asked = seen_partner(call, partner)
    async with call.reading(query) as moment:
        found = (await moment.partners([asked])).get(asked)
        if found is None:
            raise no_partner(partner)
        yield moment, found


async def show_of_partner(
    call: Call, query: Reading, partner: str, document: Callable[[Moment, Partner], Document]
) -> Response:
    """Answer with what a document says of the partner as it stands."""
    async with reading_of_partner(call, query, partner) as (moment, found):
        return shown(document(moment, found), moment.position)


async def change_partner(call: Call, partner: str, command: CommandAt, shows: Shows = partner_shown) -> Response:
    """Carry out a command that concerns the partner alone."""
    work = ChangePartner(
        actor=call.actor,
        partner=PartnerId(partner),
        command=command,
        shows=shows,
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


async def change_pay(call: Call, partner: str, command: PayCommandAt) -> Response:
    """Carry out a command about how the partner is paid."""
    work = ChangePay(
        actor=call.actor, partner=PartnerId(partner), command=command, cause=call.cause, request=call.request_key
    )
    return written(await call.service.submit(call.programme, work))
