"""What finance takes to the bank and to the books: a period's payments and its journal."""

from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.call import Call
from api.operation import Operations
from api.paging import Reading
from api.problems import Problem, mistake
from api.security import allowed
from domain.refusal import Refusal
from service.closed_statements import closed_statements
from service.documents.journal import entries_of, journal_csv
from service.documents.payout_files import payments_csv, payments_pain
from service.payloads.base import Currency, Day, ShortText
from service.payout_files import payment_order

payout_files = Operations("Settling")

CSV: Final = "text/csv"
XML: Final = "application/xml"
FINANCE: Final = allowed("finance", "auditor")


def _content(*kinds: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "A file.", "content": {kind: {"schema": {"type": "string"}} for kind in kinds}}}


class Wanted(Reading):
    """Which payments."""

    reference: ShortText | None = Field(
        default=None, description="Those recorded under it that did not fail; default: what is due now."
    )
    currency: Currency | None = Field(default=None, description="Only those in this currency.")
    pay_on: Day | None = Field(default=None, description="When what is due is to be paid; default: today.")


@payout_files.operation(
    "GET",
    "/v1/periods/{period}/payout-file",
    roles=FINANCE,
    refusals=("NOT_ACCEPTABLE", "BANK_ACCOUNT_MISSING", "CURRENCY_MISMATCH", "NOTHING_PAYABLE"),
    also=_content(CSV, XML),
)
async def show_payout_file(call: Call, period: path.Period, query: Annotated[Wanted, Query()]) -> Response:
    """Give a period's payments as a file for the bank.

    `Accept` says in which form: a table, or (`application/xml`) an ISO 20022 credit transfer (`pain.001`, SEPA), which
    carries euros only and needs every bank account. It records nothing; `POST …/payout` does.
    """
    accept = call.headers.get("accept", "*/*")
    wanted = path.period_of(period)
    if query.reference is not None and query.pay_on is not None:
        raise mistake("pay_on", "extra_forbidden", "What is recorded under a reference has its own day.")
    async with call.reading(query) as moment:
        order = await payment_order(
            moment, wanted, reference=query.reference, currency=query.currency, pay_on=query.pay_on
        )
        position = moment.position
    if XML in accept:
        return _file(payments_pain(order, call.programme), XML, f"payout-{wanted}.xml", position)
    if any(kind in accept for kind in (CSV, "text/*", "*/*")):
        return _file(payments_csv(order).encode(), f"{CSV}; charset=utf-8", f"payout-{wanted}.csv", position)
    raise Problem("NOT_ACCEPTABLE", f"A payout file is given as {CSV} or {XML}.")


@payout_files.operation(
    "GET",
    "/v1/periods/{period}/journal",
    roles=FINANCE,
    refusals=("WRONG_STATE",),
    also=_content(CSV),
)
async def show_journal(call: Call, period: path.Period, query: Annotated[Reading, Query()]) -> Response:
    """Give a period's closed statements, and what was paid and lost of them, as balanced double entries.

    The sums of the accounts are the sums of the statements.
    """
    wanted = path.period_of(period)
    async with call.reading(query) as moment:
        zone = moment.programme.zone
        read = closed_statements(moment.connection, call.programme, moment.types, wanted)
        found = [state async for some in read for state, _ in some]
        position = moment.position
    if not found:
        raise Refusal("WRONG_STATE", f"No statement of {wanted} is closed; there is nothing to enter in the books.")
    text = journal_csv(entry for state in found for entry in entries_of(state, zone))
    return _file(text.encode(), f"{CSV}; charset=utf-8", f"journal-{wanted}.csv", position)


def _file(content: bytes, kind: str, name: str, position: int) -> Response:
    headers = {
        "Firstclaim-Position": str(position),
        "Content-Disposition": f'attachment; filename="{name}"',
        "Vary": "Accept, Authorization",
    }
    return Response(content, 200, headers, kind)
