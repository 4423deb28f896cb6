"""The customer's own choice between partners, which overrides strict priority."""

from starlette.responses import Response

from api import path
from api.answers import written
from api.call import Call
from api.models.customer_choice import CustomerPreference, CustomerPreferenceRecorded
from api.operation import Operations
from api.security import allowed
from domain.conflict_case.customer_choice import RecordCustomerChoice
from domain.ids import RegistrationId
from service.commands.customer_choice import RecordChoice
from service.commands.registering import fresh_token

customer_choice = Operations("Registrations")


@customer_choice.operation(
    "POST",
    "/v1/registrations/{id}/customer-preference",
    roles=allowed("partner_manager"),
    answer=CustomerPreferenceRecorded,
    refusals=("WRONG_STATE", "PARTNER_NOT_ACTIVE", "SALES_OWNER_MISSING"),
)
async def record_customer_preference(
    call: Call,
    id: path.Registration,  # noqa: A002 - as in the path
    body: CustomerPreference,
) -> Response:
    """Record that the customer chose this registration's partner in writing.

    Wherever the registration waits behind another partner it goes first from this instant, with a protection of its
    own; whoever was protected waits behind it. A `customer_preference` case says so for ever, with the letter's digest.
    """
    work = RecordChoice(
        actor=call.actor,
        registration=RegistrationId(id),
        command=RecordCustomerChoice(letter_sha256=body.letter_sha256, dated_on=body.dated_on, reason=body.reason),
        token=fresh_token(),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))
