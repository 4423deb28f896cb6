"""Registrations as they stand: listed, and each with its history."""

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.answers import shown
from api.call import Call
from api.models.registrations import RegistrationInFull, RegistrationPage, RegistrationStatus
from api.operation import Operations
from api.paging import Listing, Reading, Whole, cursor, read_cursor
from api.problems import not_found
from api.security import EVERYBODY
from domain.calendar import add_days
from domain.ids import Instant, PartnerId, Position, RegistrationId
from projections import registrations as registrations_view
from service.payloads.base import Slug
from service.personal import find_personal
from service.presentation.history import history_document
from service.presentation.registrations import involvement_document
from service.presentation.reviews import listed_document
from service.presentation.values import Document
from service.reading import Moment
from service.registration_lists import accounts_named, registrations_wanted

registration_reads = Operations("Registrations")


class Wanted(Listing):
    """Which registrations."""

    partner: Slug | None = Field(default=None, description="Of this partner.")
    status: RegistrationStatus | None = Field(default=None, description="In this status.")
    account: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None, description="On the account of this id, internet domain or name."
    )
    expiring_within_days: Annotated[int, Field(ge=0, le=3650), Whole] | None = Field(
        default=None, description="Whose protection ends within so many days."
    )


@registration_reads.operation("GET", "/v1/registrations", roles=EVERYBODY, answer=RegistrationPage)
async def list_registrations(call: Call, query: Annotated[Wanted, Query()]) -> Response:
    """List registrations, oldest first; to a partner its own."""
    after = read_cursor(query.after, "registrations", 0)
    async with call.reading(query, "registrations") as moment:
        position = await moment.seen_by("registrations")
        items: list[Document] = []
        more: int | None = None
        if call.partner in (None, query.partner) or query.partner is None:
            partner = call.partner or query.partner
            wanted = registrations_view.Wanted(
                now=moment.now,
                partner=None if partner is None else PartnerId(partner),
                status=query.status,
                accounts=None if query.account is None else await accounts_named(moment, query.account),
                expiring_before=_within(moment, query.expiring_within_days),
            )
            found, more = await registrations_wanted(moment, wanted, after=Position(after[0]), limit=query.limit)
            items = [
                listed_document(one.account, one.registration, moment.programme, moment.now, call.partner)
                for one in found
            ]
    next_page = None if more is None else cursor("registrations", (more,))
    return shown({"items": items, "next": next_page}, position)


def _within(moment: Moment, days: int | None) -> Instant | None:
    return None if days is None else add_days(moment.now, days, moment.programme.zone)


@registration_reads.operation("GET", "/v1/registrations/{id}", roles=EVERYBODY, answer=RegistrationInFull)
async def show_registration(
    call: Call,
    id: path.Registration,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show a registration as it stands now, with its history."""
    async with call.reading(query) as moment:
        registration = RegistrationId(id)
        account_id = await moment.account_of(registration)
        account = None if account_id is None else (await moment.accounts([account_id])).get(account_id)
        if account is None or call.partner not in (None, account.registrations[registration].partner):
            raise not_found(f"There is no registration {id}.")
        histories = await moment.histories([account.id])
        owner, notes = await find_personal(moment.connection, call.programme, registration)
        document = {
            **listed_document(account, registration, moment.programme, moment.now, call.partner),
            "sales_owner": owner,
            "notes": notes,
            **involvement_document(account, registration, moment.programme, call.partner),
            "history": history_document(histories[account.id], registration, call.partner),
        }
        return shown(document, moment.position)
