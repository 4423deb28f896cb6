"""How a programme's registrations fare: how soon they are answered, why they are rejected, what becomes of them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant, PartnerId, ProgrammeId
from projections.projection import live_generation
from projections.registrations import view_registrations


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The registrations of an interval, as the log states them now. Durations in microseconds."""

    by_status: dict[str, int]
    by_rejection: dict[str, int]
    contested: int
    reviewed: int
    review_median: int | None
    review_longest: int | None

    @property
    def registered(self) -> int:
        """All of them."""
        return sum(self.by_status.values())


async def report(
    connection: AsyncConnection, programme: ProgrammeId, *, since: Instant, until: Instant, partner: PartnerId | None
) -> Report:
    """Of what was registered in `[since, until)`, by one partner or by all."""
    generation = await live_generation(connection, programme, "registrations")
    rows = view_registrations.c
    among: list[ColumnElement[bool]] = [
        rows.programme == programme,
        rows.generation == generation,
        rows.registered_at >= since,
        rows.registered_at < until,
    ]
    if partner is not None:
        among.append(rows.partner == partner)
    statuses = await connection.execute(
        select(rows.status, func.count(), func.sum(rows.contested)).where(*among).group_by(rows.status)
    )
    counted = [(str(status), int(count), int(contested)) for status, count, contested in statuses]
    rejections = await connection.execute(
        select(rows.rejected_because, func.count())
        .where(*among, rows.rejected_because.is_not(None))
        .group_by(rows.rejected_because)
    )
    reviewed = [*among, rows.review_us.is_not(None)]
    count, longest = (await connection.execute(select(func.count(), func.max(rows.review_us)).where(*reviewed))).one()
    middle = select(rows.review_us).where(*reviewed).order_by(rows.review_us).offset((count - 1) // 2).limit(1)
    return Report(
        by_status={status: number for status, number, _ in sorted(counted)},
        by_rejection={str(code): int(number) for code, number in rejections},
        contested=sum(contested for _, _, contested in counted),
        reviewed=int(count),
        review_median=await connection.scalar(middle) if count else None,
        review_longest=longest,
    )
