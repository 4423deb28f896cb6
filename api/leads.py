"""Leads: offered by a partner or by staff to a partner, answered, taken back, read."""

from typing import Annotated, Final

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.leads import DeclineLead, Lead, LeadPage, LeadStatus, LeadWritten, OfferLead
from api.models.registrations import Reason
from api.operation import Operations
from api.paging import Listing, Reading, page, read_cursor
from api.problems import Problem, not_found
from api.security import ALL_BUT_CRM, PARTNERS_OWN, allowed
from domain.ids import LeadId, PartnerId, Product
from domain.lead import aggregate
from domain.matching import AccountFacts
from projections.leads import list_leads
from service.commands.leads import ChangeLead, LeadCommandAt, Offer
from service.commands.registering import fresh_token
from service.personal import find_lead_notes
from service.presentation.leads import lead_document
from service.presentation.values import Document
from service.public_suffix import registrable_domain
from service.reading import Moment

leads = Operations("Leads")

VIEW: Final = "leads"


@leads.operation(
    "POST",
    "/v1/leads",
    roles=allowed("partner", "partner_manager", "sales"),
    answer=LeadWritten,
    status=201,
    refusals=("PARTNER_NOT_ACTIVE", "UNKNOWN_PARTNER", "UNKNOWN_PRODUCT"),
)
async def offer_lead(call: Call, body: OfferLead) -> Response:
    """Offer a lead to a partner.

    A lead is no claim and gives nobody a place. A registration that is made from an accepted one names its origin.
    """
    if call.partner is not None and body.source not in (None, call.partner):
        raise Problem("FORBIDDEN", "A partner's key passes on the leads of its own partner only.")
    source = body.source or call.partner
    account = body.account
    work = Offer(
        actor=call.actor,
        lead=LeadId(f"lead_{fresh_token()}"),
        source=None if source is None else PartnerId(source),
        recipient=PartnerId(body.recipient),
        facts=AccountFacts(
            name=account.name,
            country=account.country,
            domain=None if account.domain is None else registrable_domain(account.domain),
            crm_id=None,
            site=account.site,
        ),
        products=tuple(Product(product) for product in body.products),
        notes=body.notes,
        only_of=call.partner,
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


async def _change(call: Call, lead: str, command: LeadCommandAt, *, as_source: bool = False) -> Response:
    work = ChangeLead(
        actor=call.actor,
        lead=LeadId(lead),
        only_of=call.partner,
        as_source=as_source,
        command=command,
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


@leads.operation(
    "POST",
    "/v1/leads/{id}/accept",
    roles=PARTNERS_OWN,
    answer=LeadWritten,
    refusals=("WRONG_STATE", "PARTNER_NOT_ACTIVE"),
)
async def accept_lead(call: Call, id: path.Lead) -> Response:  # noqa: A002 - as in the path
    """Take on a lead, as the partner that it is offered to."""
    return await _change(call, id, lambda recipient, now: aggregate.AcceptLead(recipient=recipient, now=now))


@leads.operation("POST", "/v1/leads/{id}/decline", roles=PARTNERS_OWN, answer=LeadWritten, refusals=("WRONG_STATE",))
async def decline_lead(call: Call, id: path.Lead, body: DeclineLead) -> Response:  # noqa: A002 - as in the path
    """Decline a lead, as the partner that it is offered to."""
    return await _change(call, id, lambda _, now: aggregate.DeclineLead(reason=body.reason, now=now))


@leads.operation(
    "POST",
    "/v1/leads/{id}/withdraw",
    roles=allowed("partner", "partner_manager", "sales"),
    answer=LeadWritten,
    refusals=("WRONG_STATE",),
)
async def withdraw_lead(call: Call, id: path.Lead, body: Reason) -> Response:  # noqa: A002 - as in the path
    """Take back a lead that nobody has answered; a partner its own."""
    withdraw: LeadCommandAt = lambda _, now: aggregate.WithdrawLead(reason=body.reason, now=now)  # noqa: E731
    return await _change(call, id, withdraw, as_source=True)


class Wanted(Listing):
    """Which leads."""

    status: LeadStatus | None = Field(default=None, description="In this status.")


@leads.operation("GET", "/v1/leads", roles=ALL_BUT_CRM, answer=LeadPage)
async def show_leads(call: Call, query: Annotated[Wanted, Query()]) -> Response:
    """List leads, oldest first; to a partner those that it offered or was offered."""
    after = read_cursor(query.after, VIEW, 0)
    async with call.reading(query) as moment:
        found = await list_leads(
            moment.connection,
            call.programme,
            partner=call.partner,
            status=query.status,
            now=moment.now,
            after=after[0],
            limit=query.limit + 1,
        )
        listed = page(found, query.limit, VIEW, lambda one: (one[1],))
        documents = await _documents(call, moment, [lead for lead, _ in listed.items])
        return shown(listed.of(documents), moment.position)


@leads.operation("GET", "/v1/leads/{id}", roles=ALL_BUT_CRM, answer=Lead)
async def show_lead(call: Call, id: path.Lead, query: Annotated[Reading, Query()]) -> Response:  # noqa: A002 - as in the path
    """Show a lead; to a partner one that it offered or was offered."""
    async with call.reading(query) as moment:
        documents = await _documents(call, moment, [LeadId(id)])
        if not documents:
            raise not_found(f"There is no lead {id}.")
        return shown(documents[0], moment.position)


async def _documents(call: Call, moment: Moment, wanted: list[LeadId]) -> list[Document]:
    """These leads as the caller may see them; those of others are left out."""
    every = await moment.leads(wanted)
    known = [every[lead] for lead in wanted if lead in every]
    concerning = [lead for lead in known if call.partner in (None, lead.source, lead.recipient)]
    named = [partner for lead in concerning for partner in (lead.source, lead.recipient) if partner is not None]
    partners = await moment.partners(dict.fromkeys(named))
    notes = await find_lead_notes(moment.connection, call.programme, [lead.id for lead in concerning])
    return [
        lead_document(lead, partners, moment.now, viewer=call.partner, notes=notes.get(lead.id)) for lead in concerning
    ]
