"""How a programme fares, in figures."""

from typing import Annotated, Final, Self

from fastapi import Query
from pydantic import Field, model_validator
from starlette.responses import Response

from api.answers import shown
from api.call import Call
from api.models.reports import RegistrationReport
from api.operation import Operations
from api.paging import Reading
from api.security import STAFF
from domain.calendar import end_of_day, start_of_day
from domain.ids import PartnerId
from projections.registration_reports import Report, report
from service.payloads.base import Day, Slug
from service.presentation.values import Document

reports = Operations("Reports")

SECOND: Final = 1_000_000


class Days(Reading):
    """Registered on which days, by whom."""

    since: Day = Field(alias="from", description="The first day, in the programme's zone.")
    until: Day = Field(description="The last day, included.")
    partner: Slug | None = Field(default=None, description="By this partner; default: by all.")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until < self.since:
            raise ValueError("the last day is not before the first")
        return self


@reports.operation("GET", "/v1/reports/registrations", roles=STAFF, answer=RegistrationReport)
async def report_registrations(call: Call, query: Annotated[Days, Query()]) -> Response:
    """Report how soon registrations are answered, why they are rejected, and what becomes of them."""
    async with call.reading(query, "registrations") as moment:
        zone = moment.programme.zone
        found = await report(
            moment.connection,
            call.programme,
            since=start_of_day(query.since, zone),
            until=end_of_day(query.until, zone),
            partner=None if query.partner is None else PartnerId(query.partner),
        )
        document = {
            "from": query.since.isoformat(),
            "until": query.until.isoformat(),
            "partner": query.partner,
            **_figures(found),
        }
        return shown(document, await moment.seen_by("registrations"))


def _figures(found: Report) -> Document:
    def rate(part: int) -> int | None:
        return part * 10_000 // found.registered if found.registered else None

    return {
        "registered": found.registered,
        "statuses": [{"status": status, "count": count} for status, count in sorted(found.by_status.items())],
        "rejections": [{"reason_code": code, "count": count} for code, count in sorted(found.by_rejection.items())],
        "contested": found.contested,
        "review": {
            "count": found.reviewed,
            "median_seconds": None if found.review_median is None else found.review_median // SECOND,
            "longest_seconds": None if found.review_longest is None else found.review_longest // SECOND,
        },
        "rates_basis_points": {
            **{name: rate(found.by_status.get(name, 0)) for name in ("won", "expired", "rejected")},
            "contested": rate(found.contested),
        },
    }
