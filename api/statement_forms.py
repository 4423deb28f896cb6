"""The forms in which a statement is given: JSON, and what finance and partners open in other programs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from starlette.responses import Response

from api.answers import JSON, encoded
from api.problems import Problem
from domain.ids import PartnerId, Position, ProgrammeId
from service.documents.statement_csv import statement_csv
from service.documents.statement_pdf import LINES_AT_MOST, TooManyLines, statement_pdf
from service.documents.statement_xlsx import statement_xlsx
from service.letterheads import Letterhead, find_letterhead
from service.reading import Moment

Form = Literal["json", "csv", "xlsx", "pdf"]

MEDIA_TYPES: Final[Mapping[Form, str]] = {
    "json": JSON,
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
OTHER_FORMS: Final[dict[str, Any]] = {
    "description": "As JSON, as a table, as a workbook or as a page.",
    "content": {
        MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
        MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
        MEDIA_TYPES["pdf"]: {"schema": {"type": "string", "format": "binary"}},
    },
}
_BY_MEDIA_TYPE: Final[Mapping[str, Form]] = {
    "*/*": "json",
    "application/*": "json",
    "text/*": "csv",
    **{name: form for form, name in MEDIA_TYPES.items()},
}
_AT_ONCE: Final = asyncio.Semaphore(2)
"""How many workbooks and pages a process makes at the same time; the others wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a page shows beside the statement itself."""

    programme: ProgrammeId
    zone: ZoneInfo
    partner_name: str
    letterhead: Letterhead


async def surroundings_of(moment: Moment, partner: PartnerId) -> Surroundings:
    """Who the vendor and the partner are."""
    partners = await moment.partners({partner})
    return Surroundings(
        programme=moment.programme.id,
        zone=moment.programme.zone,
        partner_name=partners[partner].name,
        letterhead=await find_letterhead(moment.connection, moment.programme.id),
    )


def form_wanted(accept: str) -> Form:
    """The form that a caller prefers among those that there are; 406 where it takes none of them."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")[:20]):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        ranked.append((-quality, place, name))
    for negative, _, name in sorted(ranked):
        if negative < 0 and name in _BY_MEDIA_TYPE:
            return _BY_MEDIA_TYPE[name]
    raise Problem("NOT_ACCEPTABLE", f"A statement is given as {', '.join(MEDIA_TYPES.values())}.")


async def represented(found: Mapping[str, Any], form: Form, around: Surroundings, seen: Position) -> Response:
    """The statement in the form that was asked for; always whole, since one digest may change status."""
    tag = f'"{found["digest"]}"'
    headers = {"Firstclaim-Position": str(seen), "ETag": tag, "Vary": "Accept, Authorization"}
    if form == "json":
        return Response(encoded(found), 200, headers, JSON)
    headers["Content-Disposition"] = f'attachment; filename="{found["partner"]}-{found["period"]}.{form}"'
    if form == "csv":
        return Response(statement_csv(found), 200, headers, f"{MEDIA_TYPES[form]}; charset=utf-8")
    async with _AT_ONCE:
        content = await asyncio.to_thread(_made, found, form, around)
    return Response(content, 200, headers, MEDIA_TYPES[form])


def _made(found: Mapping[str, Any], form: Literal["xlsx", "pdf"], around: Surroundings) -> bytes:
    if form == "xlsx":
        return statement_xlsx(found, around.partner_name)
    try:
        return statement_pdf(
            found,
            letterhead=around.letterhead,
            programme=around.programme,
            partner=around.partner_name,
            zone=around.zone,
        )
    except TooManyLines:
        text = f"A statement of more than {LINES_AT_MOST:,} lines is given as CSV or as a workbook, not as a page."
        raise Problem("NOT_ACCEPTABLE", text) from None
