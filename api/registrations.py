"""Registrations: asked for, reviewed, changed, read."""

from typing import Final

from starlette.responses import Response

from api import path
from api.answers import JSON, erased, written
from api.call import Call
from api.models.base import Erased
from api.models.checking import Checked
from api.models.registrations import (
    Reason,
    Register,
    Registered,
    RegistrationWritten,
    Reject,
    Resubmit,
    Return,
    SetShares,
)
from api.operation import Operations
from api.problems import Problem, mistake, not_found
from api.registration_changes import change_registration
from api.security import ADMIN, allowed
from domain.deal_registration.aggregate import (
    AgreeShares,
    ApproveRegistration,
    LinkDeal,
    RejectRegistration,
    ResubmitRegistration,
    ReturnRegistration,
    WithdrawRegistration,
)
from domain.ids import DealRef, RegistrationId
from service.commands import registering
from service.commands import registrations as changes
from service.commands.checking import Check
from service.commands.registering import Wanted, fresh_token, wanted_of
from service.commands.registrations import LinkToDeal, agreed
from service.erasure import erase_registration
from service.payloads.registration import DealIn

registrations = Operations("Registrations")

REFUSALS_OF_A_REGISTRATION: Final = (
    "ALREADY_REGISTERED",
    "DEAL_ALREADY_LINKED",
    "PARTNER_NOT_ACTIVE",
    "OUTSIDE_AGREEMENT",
    "CERTIFICATION_MISSING",
    "EXISTING_CUSTOMER",
    "DIRECT_ACTIVE",
    "TOO_MANY_REGISTRATIONS",
    "BELOW_MINIMUM_VALUE",
    "COOL_DOWN",
    "UNKNOWN_PARTNER",
    "UNKNOWN_PRODUCT",
    "UNKNOWN_LEAD",
    "LEAD_NOT_ACCEPTED",
    "LEAD_FOR_ANOTHER_ACCOUNT",
)
REVIEWERS: Final = allowed("partner_manager", "sales")
PARTNER_SIDE: Final = allowed("partner", "partner_manager")
STAFF_WHO_LINK: Final = frozenset(("admin", "partner_manager", "sales"))


@registrations.operation(
    "POST",
    "/v1/registrations",
    roles=allowed("partner", "partner_manager", "crm"),
    answer=Registered,
    status=201,
    refusals=REFUSALS_OF_A_REGISTRATION,
)
async def register(call: Call, body: Register) -> Response:
    """Register a deal.

    Accepted in the order in which the service commits: first is who is recorded first. Behind somebody the
    registration waits and a conflict case opens; the answer says that somebody is ahead, never who.
    """
    work = registering.Register(
        actor=call.actor, wanted=_wanted(call, body), cause=call.cause, request=call.request_key
    )
    return written(await call.service.submit(call.programme, work))


@registrations.operation(
    "POST",
    "/v1/registrations/check",
    roles=allowed("partner", "partner_manager", "crm"),
    answer=Checked,
    refusals=("UNKNOWN_PARTNER", "UNKNOWN_PRODUCT"),
)
async def check_registration(call: Call, body: Register) -> Response:
    """Say what registering would lead to and why, policy by policy, without registering.

    Nothing is stored, no place is taken, and an `Idempotency-Key` has nothing to remember: asked again, it is judged
    again. A partner learns no more than registering would tell it.
    """
    work = Check(actor=call.actor, wanted=_wanted(call, body), for_staff=call.partner is None)
    answer = await call.service.submit(call.programme, work)
    return Response(answer.body, headers={"Firstclaim-Position": str(answer.position)}, media_type=JSON)


def _wanted(call: Call, body: Register) -> Wanted:
    deal = None if body.deal is None else DealRef(source=body.deal.source, id=body.deal.id)
    return wanted_of(body, partner=_partner_of(call, body), deal=deal, crm_ids_count=call.partner is None)


def _partner_of(call: Call, body: Register) -> str:
    """The partner that registers: a partner's key can only speak for its own."""
    partner = body.partner or call.partner
    if partner is None:
        raise mistake("partner", "missing", "State the partner; only a partner's own key may leave it out.")
    if call.partner not in (None, partner):
        raise Problem("FORBIDDEN", "A partner's key registers for its own partner only.")
    if body.shares is not None and partner not in {share.partner for share in body.shares}:
        raise mistake("shares", "value_error", "The registration's partner is in its shares.")
    return partner


@registrations.operation(
    "POST",
    "/v1/registrations/{id}/approve",
    roles=REVIEWERS,
    answer=RegistrationWritten,
    refusals=("WRONG_STATE", "NOT_FIRST", "SALES_OWNER_MISSING"),
)
async def approve(call: Call, id: path.Registration) -> Response:  # noqa: A002 - as in the path
    """Approve a registration that is under review."""
    return await change_registration(call, id, ApproveRegistration())


@registrations.operation(
    "POST",
    "/v1/registrations/{id}/reject",
    roles=REVIEWERS,
    answer=RegistrationWritten,
    refusals=("WRONG_STATE",),
)
async def reject(call: Call, id: path.Registration, body: Reject) -> Response:  # noqa: A002 - as in the path
    """Reject a registration, with the reason."""
    return await change_registration(call, id, RejectRegistration(reason=body.reason, code=body.reason_code))


@registrations.operation(
    "POST",
    "/v1/registrations/{id}/return",
    roles=REVIEWERS,
    answer=RegistrationWritten,
    refusals=("WRONG_STATE",),
)
async def return_to_partner(call: Call, id: path.Registration, body: Return) -> Response:  # noqa: A002 - as in the path
    """Return a registration to its partner to have fields changed.

    Its place stays for `return_days` of the terms; then its claim ends by itself and the next in line is first.
    """
    return await change_registration(call, id, ReturnRegistration(reason=body.reason, fields=body.fields))


@registrations.operation(
    "POST",
    "/v1/registrations/{id}/resubmit",
    roles=PARTNER_SIDE,
    answer=RegistrationWritten,
    refusals=("WRONG_STATE", "RETURN_LAPSED", "CERTIFICATION_MISSING"),
)
async def resubmit(call: Call, id: path.Registration, body: Resubmit) -> Response:  # noqa: A002 - as in the path
    """Answer a return."""
    work = changes.Resubmit(
        actor=call.actor,
        registration=RegistrationId(id),
        only_of=call.partner,
        command=ResubmitRegistration(
            value=None if body.value is None else body.value.money,
            engagement=body.engagement,
            expected_close_on=body.expected_close_on,
            changed=tuple(sorted(body.model_fields_set)),
            names_sales_owner=body.sales_owner is not None,
        ),
        token=fresh_token(),
        cause=call.cause,
        request=call.request_key,
        sales_owner=body.sales_owner,
        notes=body.notes,
    )
    return written(await call.service.submit(call.programme, work))


@registrations.operation(
    "POST",
    "/v1/registrations/{id}/withdraw",
    roles=PARTNER_SIDE,
    answer=RegistrationWritten,
    refusals=("WRONG_STATE",),
)
async def withdraw(call: Call, id: path.Registration, body: Reason) -> Response:  # noqa: A002 - as in the path
    """Take a registration back; whoever waits first becomes the holder at once."""
    return await change_registration(call, id, WithdrawRegistration(reason=body.reason))


@registrations.operation(
    "PUT",
    "/v1/registrations/{id}/shares",
    roles=allowed("partner_manager"),
    answer=RegistrationWritten,
    refusals=("WRONG_STATE", "ALREADY_WON", "UNKNOWN_PARTNER", "PARTNER_NOT_ACTIVE"),
)
async def set_shares(call: Call, id: path.Registration, body: SetShares) -> Response:  # noqa: A002 - as in the path
    """Agree on co-sell shares."""
    shares = agreed((share.partner, share.basis_points) for share in body.shares)
    work = changes.SetShares(
        actor=call.actor,
        registration=RegistrationId(id),
        only_of=call.partner,
        command=AgreeShares(shares=shares, sharing=()),
        token=fresh_token(),
        cause=call.cause,
    )
    return written(await call.service.submit(call.programme, work))


@registrations.operation(
    "POST",
    "/v1/registrations/{id}/deal",
    roles=allowed("partner", "partner_manager", "sales", "crm"),
    answer=RegistrationWritten,
    refusals=("WRONG_STATE", "DEAL_ALREADY_LINKED"),
)
async def link_deal(call: Call, id: path.Registration, body: DealIn) -> Response:  # noqa: A002 - as in the path
    """Link a registration to its deal in the CRM; again only by partner managers and sales."""
    work = LinkToDeal(
        actor=call.actor,
        registration=RegistrationId(id),
        only_of=call.partner,
        command=LinkDeal(
            deal=DealRef(source=body.source, id=body.id),
            linked_elsewhere=False,
            by_staff=call.key.role in STAFF_WHO_LINK,
            facts=(),
        ),
        token=fresh_token(),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


@registrations.operation("DELETE", "/v1/registrations/{id}/personal", roles=ADMIN, answer=Erased)
async def erase_personal(call: Call, id: path.Registration) -> Response:  # noqa: A002 - as in the path
    """Erase who is named in a registration: sales owner, notes, and the webhook's body that brought it, for good.

    No event ever held them: amounts, priorities and hashes stay what they were.
    """
    if not await erase_registration(call.service.engine, call.programme, RegistrationId(id)):
        raise not_found(f"There is no registration {id}.")
    return erased()
