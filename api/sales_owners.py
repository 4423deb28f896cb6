"""Who of the vendor's sales works on a registration."""

from starlette.responses import Response

from api import path
from api.answers import written
from api.call import Call
from api.models.registrations import RegistrationWritten, SetSalesOwner
from api.operation import Operations
from api.security import allowed
from domain.deal_registration.aggregate import NameSalesOwner
from domain.ids import RegistrationId
from service.commands import registrations as commands
from service.commands.registering import fresh_token

sales_owners = Operations("Registrations")


@sales_owners.operation(
    "PUT",
    "/v1/registrations/{id}/sales-owner",
    roles=allowed("partner", "partner_manager", "sales"),
    answer=RegistrationWritten,
)
async def set_sales_owner(call: Call, id: path.Registration, body: SetSalesOwner) -> Response:  # noqa: A002 - as in the path
    """Name the sales owner of a registration, in place of whoever was named before.

    Where the terms ask for one (`sales_owner_required_for`), nothing is approved before. A registration that waited
    for nothing else is approved at once, unless the terms have a person approve. The name is kept outside the log and
    is erased with what else is personal; the log knows that one was named.
    """
    work = commands.SetSalesOwner(
        actor=call.actor,
        registration=RegistrationId(id),
        only_of=call.partner,
        command=NameSalesOwner(),
        token=fresh_token(),
        cause=call.cause,
        sales_owner=body.sales_owner,
    )
    return written(await call.service.submit(call.programme, work))
