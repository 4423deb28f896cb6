"""Which registrations wait for a reviewer or for their partner, and since when? Kept with the list of registrations.

As in that list, what time alone has changed since is for the reader to work out.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.reviewing import WaitsFor, review_of
from domain.account.state import Account, Registration
from domain.ids import AccountId, Instant, PartnerId, ProgrammeId, RegistrationId
from projections.changes import Change, Delete, Upsert
from projections.metadata import metadata
from projections.projection import live_generation

view_reviews = Table(
    "view_reviews",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("registration", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("waits_for", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    comment="Each registration that waits for an answer, whose, and since when (µs).",
)
Index(
    "view_reviews_since_idx",
    view_reviews.c.programme,
    view_reviews.c.generation,
    view_reviews.c.since,
    view_reviews.c.registration,
)
Index(
    "view_reviews_partner_idx",
    view_reviews.c.programme,
    view_reviews.c.generation,
    view_reviews.c.partner,
    view_reviews.c.since,
    view_reviews.c.registration,
)


async def list_reviews(
    connection: AsyncConnection,
    programme: ProgrammeId,
    *,
    partner: PartnerId | None,
    waits_for: WaitsFor | None,
    after: tuple[int, str],
    limit: int,
) -> list[tuple[Instant, RegistrationId, AccountId]]:
    """Those that wait, as the log states it, after a (since, registration): the longest first."""
    generation = await live_generation(connection, programme, "registrations")
    rows = view_reviews.c
    later = (rows.since > after[0]) | ((rows.since == after[0]) & (rows.registration > after[1]))
    statement = (
        select(rows.since, rows.registration, rows.account)
        .where(rows.programme == programme, rows.generation == generation, rows.since >= after[0], later)
        .order_by(rows.since, rows.registration)
        .limit(limit)
    )
    if partner is not None:
        statement = statement.where(rows.partner == partner)
    if waits_for is not None:
        statement = statement.where(rows.waits_for == waits_for)
    found = await connection.execute(statement)
    return [(Instant(row.since), RegistrationId(row.registration), AccountId(row.account)) for row in found]


def review_rows(head: Mapping[str, object], before: Account, after: Account) -> Iterator[Change]:
    """The rows of those registrations that events on their account brought into review, changed in it, or took out."""
    absorbed = {registration for other in before.joining.values() for registration in other.registrations}
    for registration in after.registrations.values():
        old = before.registrations.get(registration.id)
        if old is registration:
            continue
        row = _row(head, after.id, registration)
        was = None if old is None else _row(head, after.id, old)
        if row is not None and row != was:
            yield Upsert(view_reviews, [row])
        elif row is None and (was is not None or registration.id in absorbed):
            yield Delete(view_reviews, [(*head.values(), registration.id)])


def _row(head: Mapping[str, object], account: AccountId, registration: Registration) -> dict[str, object] | None:
    review = review_of(registration)
    if review is None:
        return None
    return {
        **head,
        "registration": registration.id,
        "account": account,
        "partner": registration.partner,
        "waits_for": review.waits_for,
        "since": review.since,
    }
