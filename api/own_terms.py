"""Terms that a partner has for itself, between two days."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api import path
from api.call import Call
from api.models.terms import AgreeOwnTerms, EndOwnTerms, OwnTermsList, OwnTermsWritten
from api.one_partner import change_pay, show_of_partner
from api.operation import Operations
from api.paging import Reading
from api.problems import not_found
from api.security import allowed
from api.stated_terms import settings
from domain.partner import pay as decisions
from domain.partner.own_terms import OwnSettings
from service.presentation.programme import own_terms_document

own_terms = Operations("Partners")


@own_terms.operation(
    "POST",
    "/v1/partners/{id}/terms",
    roles=allowed("finance"),
    answer=OwnTermsWritten,
    status=201,
    refusals=("TERMS_OVERLAP", "PERIOD_CLOSED"),
)
async def agree_own_terms(call: Call, id: path.Partner, body: AgreeOwnTerms) -> Response:  # noqa: A002 - as in the path
    """Agree with a partner on terms of its own, from a day to a last day.

    They stand in the place of the programme's, setting by setting. No two are in force on one day, and none reaches
    into a closed period of the partner.
    """
    return await change_pay(
        call,
        id,
        lambda programme, closed_through: decisions.AgreeOwnTerms(
            effective_from=body.effective_from,
            ends_on=body.ends_on,
            settings=OwnSettings(**settings(body.terms, programme.currency)),
            reason=body.reason,
            closed_through=closed_through,
        ),
    )


@own_terms.operation(
    "POST",
    "/v1/partners/{id}/terms/{number}/end",
    roles=allowed("finance"),
    answer=OwnTermsWritten,
    refusals=("WRONG_STATE", "PERIOD_CLOSED"),
)
async def end_own_terms(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    number: path.Number,
    body: EndOwnTerms,
) -> Response:
    """Let a partner's own terms end, sooner than was agreed. They can be shortened, never lengthened."""
    asked = path.number_of(number)
    if asked is None:
        raise not_found(f"Partner {id} has no own terms {number}.")
    return await change_pay(
        call,
        id,
        lambda _programme, closed_through: decisions.EndOwnTerms(
            number=asked, ends_on=body.ends_on, reason=body.reason, closed_through=closed_through
        ),
    )


@own_terms.operation(
    "GET",
    "/v1/partners/{id}/terms",
    roles=allowed("partner_manager", "finance", "auditor", "partner"),
    answer=OwnTermsList,
)
async def show_own_terms(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show all terms that a partner ever had for itself. A partner's key sees its own."""
    return await show_of_partner(
        call,
        query,
        id,
        lambda moment, partner: {
            "items": [own_terms_document(partner.id, own, moment.programme.currency) for own in partner.pay.own_terms]
        },
    )
