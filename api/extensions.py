"""A longer protection: asked for by the partner, granted at once or by a person."""

from starlette.responses import Response

from api import path
from api.call import Call
from api.models.registrations import Extend, Reason, RegistrationWritten
from api.operation import Operations
from api.registration_changes import change_registration
from api.registrations import PARTNER_SIDE
from api.security import allowed
from domain.deal_registration.aggregate import DeclineExtension, ExtendProtection, GrantExtension

extensions = Operations("Registrations")


@extensions.operation(
    "POST",
    "/v1/registrations/{id}/extend",
    roles=PARTNER_SIDE,
    answer=RegistrationWritten,
    refusals=("WRONG_STATE", "PROTECTION_LAPSED", "NO_EXTENSION_LEFT"),
)
async def extend(call: Call, id: path.Registration, body: Extend) -> Response:  # noqa: A002 - as in the path
    """Extend the protection, with evidence, before it ends.

    Where the terms say `extension_approval: manual` it is asked for, and a partner manager decides.
    """
    return await change_registration(call, id, ExtendProtection(evidence=body.evidence))


@extensions.operation(
    "POST",
    "/v1/registrations/{id}/extension/grant",
    roles=allowed("partner_manager"),
    answer=RegistrationWritten,
    refusals=("WRONG_STATE", "PROTECTION_LAPSED", "PARTNER_NOT_ACTIVE"),
)
async def grant_extension(call: Call, id: path.Registration) -> Response:  # noqa: A002 - as in the path
    """Grant the extension that was asked for.

    Protection that ended before this decision goes on without a gap, unless somebody else came first meanwhile.
    """
    return await change_registration(call, id, GrantExtension())


@extensions.operation(
    "POST",
    "/v1/registrations/{id}/extension/decline",
    roles=allowed("partner_manager"),
    answer=RegistrationWritten,
    refusals=("WRONG_STATE",),
)
async def decline_extension(call: Call, id: path.Registration, body: Reason) -> Response:  # noqa: A002 - as in the path
    """Decline the extension that was asked for, with the reason."""
    return await change_registration(call, id, DeclineExtension(reason=body.reason))
