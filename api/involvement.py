"""Who has which part in the work on a deal, besides its shares."""

from starlette.responses import Response

from api import path
from api.answers import written
from api.call import Call
from api.models.registrations import RegistrationWritten, SetRoles
from api.operation import Operations
from api.security import allowed
from domain.deal_registration.aggregate import StateRoles
from domain.ids import RegistrationId
from service.commands import involvement as commands
from service.commands.involvement import roles_of
from service.commands.registering import fresh_token

involvement = Operations("Registrations")


@involvement.operation(
    "PUT",
    "/v1/registrations/{id}/roles",
    roles=allowed("partner_manager", "sales"),
    answer=RegistrationWritten,
    refusals=("ALREADY_WON", "UNKNOWN_PARTNER"),
)
async def set_roles(call: Call, id: path.Registration, body: SetRoles) -> Response:  # noqa: A002 - as in the path
    """State which partners have which part in the work: source, influence, delivery.

    It earns nothing by itself. Up to the win it decides which partners sourced and which influenced the deal.
    """
    work = commands.SetRoles(
        actor=call.actor,
        registration=RegistrationId(id),
        only_of=call.partner,
        command=StateRoles(roles=roles_of(body.roles)),
        token=fresh_token(),
        cause=call.cause,
    )
    return written(await call.service.submit(call.programme, work))
