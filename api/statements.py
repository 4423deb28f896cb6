"""Statements: read as JSON or as a table, and acknowledged by their partner."""

from typing import Annotated, Final

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.statements import Acknowledged, Statement, StatementPage
from api.one_partner import no_partner, own_partner, seen_partner
from api.operation import Operations
from api.paging import Listing, Reading, Whole, page, read_cursor
from api.problems import mistake
from api.security import PARTNERS_OWN, STAFF, allowed
from api.statement_forms import OTHER_FORMS, form_wanted, represented, surroundings_of
from domain.ids import PartnerId, Position
from projections.statement_rows import list_statements
from service.commands.periods import Acknowledge
from service.payloads.base import INTEGER_LIMIT, PeriodText, Slug
from service.statement_reading import row_document, statement_as_of, statement_now

statements = Operations("Statements")

VIEW: Final = "statements"


class Wanted(Listing):
    """Which statements."""

    period: PeriodText | None = Field(default=None, description="Of this period.")
    partner: Slug | None = Field(default=None, description="Of this partner.")


@statements.operation("GET", "/v1/statements", roles=STAFF, answer=StatementPage)
async def show_statements(call: Call, query: Annotated[Wanted, Query()]) -> Response:
    """List the statements that state something, by partner and period, without their lines."""
    after = read_cursor(query.after, VIEW, "", "")
    async with call.reading(query, VIEW) as moment:
        found = await list_statements(
            moment.connection,
            call.programme,
            partner=None if query.partner is None else PartnerId(query.partner),
            period=query.period,
            after=after,
            limit=query.limit + 1,
        )
        seen = await moment.seen_by(VIEW)
        listed = page(found, query.limit, VIEW, lambda row: (row.partner, row.period))
        return shown(listed.of(row_document(row, seen) for row in listed.items), seen)


class AsOf(Reading):
    """As known when."""

    as_of_position: Annotated[int, Field(ge=1, le=INTEGER_LIMIT), Whole] | None = Field(
        default=None, description="As it was known just after this position of the log."
    )


@statements.operation(
    "GET",
    "/v1/statements/{partner}/{period}",
    roles=allowed("finance", "auditor", "partner_manager", "partner"),
    refusals=("NOT_ACCEPTABLE",),
    answer=Statement,
    also={200: OTHER_FORMS},
)
async def show_statement(
    call: Call, partner: path.Partner, period: path.Period, query: Annotated[AsOf, Query()]
) -> Response:
    """Show a statement, line by line with its working, as JSON, table, workbook or page.

    `Accept` says which. `ETag` is its digest. What a closed statement says never changes but for its `status`.
    """
    asked, form = seen_partner(call, partner), form_wanted(call.headers.get("accept", "*/*"))
    wanted = path.period_of(period)
    async with call.reading(query, VIEW, key=partner) as moment:
        seen = await moment.seen_by(VIEW)
        reader = call.service.statements
        if query.as_of_position is None:
            found = await statement_now(moment, reader, asked, wanted, seen)
        elif query.as_of_position > moment.position:
            raise mistake("as_of_position", "less_than_equal", f"The log ends at position {moment.position}.")
        else:
            seen = Position(query.as_of_position)
            found = await statement_as_of(moment, reader, asked, wanted, seen)
        if found is None:
            raise no_partner(partner)
        surroundings = await surroundings_of(moment, asked)
    return await represented(found, form, surroundings, seen)


@statements.operation(
    "POST",
    "/v1/statements/{partner}/{period}/acknowledge",
    roles=PARTNERS_OWN,
    answer=Acknowledged,
    refusals=("WRONG_STATE", "MALFORMED"),
)
async def acknowledge(call: Call, partner: path.Partner, period: path.Period) -> Response:
    """Agree with a closed statement; only the partner itself may."""
    work = Acknowledge(
        actor=call.actor,
        partner=own_partner(call, partner),
        period=path.period_of(period),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))
