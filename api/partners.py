"""Partners: brought in, held, ended, read."""

from typing import Annotated, Final, cast, get_args

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.partners import (
    Acquired,
    Advance,
    AgreementIn,
    Certify,
    Enrol,
    Partner,
    PartnerAcquired,
    PartnerPage,
    PartnerWritten,
    Terminate,
)
from api.models.registrations import Reason
from api.one_partner import change_partner, show_of_partner
from api.operation import Operations
from api.paging import Listing, Reading, page, read_cursor
from api.problems import not_found
from api.security import STAFF, allowed
from domain.calendar import end_of_day, local_date
from domain.ids import PartnerId, Position
from domain.partner.aggregate import (
    AdvancePartner,
    EnrolPartner,
    ReinstatePartner,
    ReplaceAgreement,
    SuspendPartner,
    TerminatePartner,
)
from domain.partner.certification import CertifyPartner, RevokeCertification
from domain.partner.events import Agreement
from domain.partner.training import TrainingLevel
from projections import partners as partners_view
from service.commands.acquisitions import Acquire
from service.commands.partners import ChangePartnerAndClaims, CommandAt
from service.commands.registering import fresh_token
from service.presentation.programme import partner_document

partners = Operations("Partners")

MANAGERS: Final = allowed("partner_manager")
LEVELS: Final = get_args(TrainingLevel)


def _agreement(body: AgreementIn) -> Agreement:
    return Agreement(
        products=body.products,
        territories=body.territories,
        segments=body.segments,
        effective_from=body.effective_from,
        ends_on=body.ends_on,
    )


async def _change_with_claims(call: Call, partner: str, command: CommandAt) -> Response:
    work = ChangePartnerAndClaims(
        actor=call.actor,
        partner=PartnerId(partner),
        command=command,
        cause=call.cause,
        request=call.request_key,
        token=fresh_token(),
    )
    return written(await call.service.submit(call.programme, work))


@partners.operation(
    "POST", "/v1/partners", roles=MANAGERS, answer=PartnerWritten, status=201, refusals=("ALREADY_EXISTS",)
)
async def enrol(call: Call, body: Enrol) -> Response:
    """Bring a partner into the programme, active or on its way to it; only an active one registers deals."""
    agreement = None if body.agreement is None else _agreement(body.agreement)
    return await change_partner(
        call,
        body.id,
        lambda programme, now: EnrolPartner(
            partner=PartnerId(body.id),
            name=body.name,
            currency=body.currency,
            agreement=agreement,
            today=local_date(now, programme.zone),
            stage=body.stage,
        ),
    )


@partners.operation(
    "POST", "/v1/partners/{id}/advance", roles=MANAGERS, answer=PartnerWritten, refusals=("WRONG_STATE",)
)
async def advance(call: Call, id: path.Partner, body: Advance) -> Response:  # noqa: A002 - as in the path
    """Let a partner come to a later stage: identified, qualified, in negotiation, onboarding, active.

    Stages may be passed over, and go forwards only. To be active a partner needs its agreement.
    """
    return await change_partner(call, id, lambda _programme, _now: AdvancePartner(stage=body.stage, reason=body.reason))


@partners.operation("POST", "/v1/partners/{id}/agreement", roles=MANAGERS, answer=PartnerWritten)
async def replace_agreement(call: Call, id: path.Partner, body: AgreementIn) -> Response:  # noqa: A002 - as in the path
    """Replace the agreement from a date."""
    agreement = _agreement(body)
    return await change_partner(call, id, lambda _programme, _now: ReplaceAgreement(agreement=agreement))


@partners.operation(
    "POST", "/v1/partners/{id}/certifications", roles=MANAGERS, answer=PartnerWritten, refusals=("WRONG_STATE",)
)
async def certify(call: Call, id: path.Partner, body: Certify) -> Response:  # noqa: A002 - as in the path
    """Record that a partner passed the exam of a training level; a renewal is another exam."""
    return await change_partner(
        call,
        id,
        lambda programme, now: CertifyPartner(
            level=body.level,
            passed_on=body.passed_on,
            expires_on=body.expires_on,
            certificate=body.certificate,
            today=local_date(now, programme.zone),
        ),
    )


@partners.operation(
    "POST",
    "/v1/partners/{id}/certifications/{level}/revoke",
    roles=MANAGERS,
    answer=PartnerWritten,
    refusals=("WRONG_STATE",),
)
async def revoke_certification(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    level: path.Level,
    body: Reason,
) -> Response:
    """Let what the partner has of a training level count no longer; a later exam counts again."""
    if level not in LEVELS:
        raise not_found(f"There is no training level {level}.")
    command = RevokeCertification(level=cast("TrainingLevel", level), reason=body.reason)
    return await change_partner(call, id, lambda _programme, _now: command)


@partners.operation(
    "POST", "/v1/partners/{id}/suspend", roles=MANAGERS, answer=PartnerWritten, refusals=("WRONG_STATE",)
)
async def suspend(call: Call, id: path.Partner, body: Reason) -> Response:  # noqa: A002 - as in the path
    """Suspend a partner: what it earns is held, and its waiting claims are passed over but keep their places."""
    return await change_partner(call, id, lambda _programme, now: SuspendPartner(reason=body.reason, now=now))


@partners.operation(
    "POST", "/v1/partners/{id}/reinstate", roles=MANAGERS, answer=PartnerWritten, refusals=("WRONG_STATE",)
)
async def reinstate(call: Call, id: path.Partner, body: Reason) -> Response:  # noqa: A002 - as in the path
    """End a suspension."""
    return await _change_with_claims(call, id, lambda _programme, now: ReinstatePartner(reason=body.reason, now=now))


@partners.operation(
    "POST", "/v1/partners/{id}/terminate", roles=MANAGERS, answer=PartnerWritten, refusals=("WRONG_STATE",)
)
async def terminate(call: Call, id: path.Partner, body: Terminate) -> Response:  # noqa: A002 - as in the path
    """End the partnership: protection runs out, unless the cause is fraud; closed statements are still paid."""
    return await _change_with_claims(
        call,
        id,
        lambda programme, now: TerminatePartner(
            reason=body.reason,
            cause=body.cause,
            last_day=body.last_day,
            ends_at=now if body.last_day is None else end_of_day(body.last_day, programme.zone),
        ),
    )


@partners.operation(
    "POST",
    "/v1/partners/{id}/acquired",
    roles=MANAGERS,
    answer=PartnerAcquired,
    refusals=("WRONG_STATE", "PARTNER_NOT_ACTIVE", "OUTSIDE_AGREEMENT", "UNKNOWN_PARTNER", "TOO_MUCH_TO_TRANSFER"),
)
async def acquired(call: Call, id: path.Partner, body: Acquired) -> Response:  # noqa: A002 - as in the path
    """Say that a partner was bought by another one: it leaves at once, and what it has that is alive is the other's.

    Its registrations that are under review, returned, waiting or approved go over with their places, protections and
    cases; so do its shares and roles in other partners' registrations, open proposals of shares, and leads. Nothing is
    tested again, capacity included. What a win has settled, and what is over, stays with the bought partner: closed
    statements never change, and its open one states what was won while it held. If such a registration comes back to
    life, it goes over then. A case of the buyer against itself is moot.
    """
    work = Acquire(
        actor=call.actor,
        partner=PartnerId(id),
        by=PartnerId(body.by),
        reason=body.reason,
        token=fresh_token(),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


@partners.operation("GET", "/v1/partners", roles=STAFF, answer=PartnerPage)
async def list_partners(call: Call, query: Annotated[Listing, Query()]) -> Response:
    """List the partners in the order in which they came."""
    after = read_cursor(query.after, "partners", 0)
    async with call.reading(query, "partners") as moment:
        found = await partners_view.list_partners(
            moment.connection, call.programme, after=Position(after[0]), limit=query.limit + 1
        )
        listed = page(found, query.limit, "partners", lambda one: (one[1],))
        known = await moment.partners([partner for partner, _ in listed.items])
        documents = (partner_document(known[partner]) for partner, _ in listed.items)
        return shown(listed.of(documents), await moment.seen_by("partners"))


@partners.operation("GET", "/v1/partners/{id}", roles=STAFF, answer=Partner)
async def show_partner(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show a partner as it stands."""
    return await show_of_partner(call, query, id, lambda _moment, partner: partner_document(partner))
