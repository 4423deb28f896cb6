"""A command on one registration, from any of its resources."""

from starlette.responses import Response

from api.answers import written
from api.call import Call
from domain.deal_registration.aggregate import RegistrationCommand
from domain.ids import RegistrationId
from service.commands.registering import fresh_token
from service.commands.registrations import ChangeRegistration


async def change_registration(call: Call, registration: str, command: RegistrationCommand) -> Response:
    """Carry it out and show the registration as it stands then; a partner's key reaches only its own."""
    work = ChangeRegistration(
        actor=call.actor,
        registration=RegistrationId(registration),
        only_of=call.partner,
        command=command,
        token=fresh_token(),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))
