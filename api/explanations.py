"""Every line and adjustment explained, as JSON or in plain sentences."""

from typing import Annotated, Final

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api.answers import shown
from api.call import Call
from api.models.explanation import Explanation
from api.models.settling import LineText
from api.operation import Operations
from api.paging import Reading
from api.problems import mistake, not_found
from api.security import allowed
from domain.ids import LineId, PartnerId
from service.explanation import Asked, explanation, partners_named_by
from service.payloads.base import Slug
from service.presentation.explanation_words import in_sentences

explanations = Operations("Audit")

PLAIN: Final = "text/plain"


class Explained(Reading):
    """What is to be explained."""

    statement_line: LineText = Field(
        description="A line's id, or an entered adjustment's.", examples=["line_7Q_northwind"]
    )
    partner: Slug | None = Field(
        default=None, description="Whose it is, where the id of the line does not say so.", examples=[None]
    )


@explanations.operation(
    "GET",
    "/v1/audit/explain",
    roles=allowed("auditor", "finance", "partner"),
    answer=Explanation,
    refusals=("NOT_FOUND",),
    also={200: {"description": "As JSON, or in plain sentences.", "content": {PLAIN: {"schema": {"type": "string"}}}}},
)
async def explain(call: Call, query: Annotated[Explained, Query()]) -> Response:
    """Explain a line or an adjustment, down to the webhook's bytes.

    It says why these terms, this band, this rate, this share and this hold were chosen, and what was considered and not
    chosen. A partner reads of nobody's doing but its own. `Accept: text/plain` gives sentences.
    """
    asked_of = call.partner or query.partner
    named = partners_named_by(query.statement_line) if asked_of is None else [PartnerId(asked_of)]
    if not named:
        raise mistake("partner", "missing", "State the partner: the id of the line does not say whose it is.")
    if query.partner not in (None, *named):
        raise not_found("There is no such line.")
    async with call.reading(query) as moment:
        found = None
        for partner in named:
            asked = Asked(line=LineId(query.statement_line), partner=partner, viewer=call.partner)
            found = found or await explanation(moment, call.service.statements, asked)
        if found is None:
            raise not_found("There is no such line.")
        if PLAIN in call.headers.get("accept", ""):
            headers = {"Firstclaim-Position": str(moment.position), "Vary": "Accept, Authorization"}
            return Response(in_sentences(found), 200, headers, f"{PLAIN}; charset=utf-8")
        return shown(found, moment.position, headers={"Vary": "Accept, Authorization"})
