"""Which partners have a share or a role in another partner's living registration? Kept with who is first."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Column, Integer, Table, Text

from domain.account.priority import is_live_registration
from domain.account.state import Account, Registration
from domain.deal_registration.transfer import parts_of
from domain.ids import PartnerId
from projections.changes import Change, Delete, Upsert
from projections.metadata import metadata

view_priority_parts = Table(
    "view_priority_parts",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("registration", Text, primary_key=True),
    Column("account", Text, nullable=False),
    comment="The partners that have a share or a role in a living registration of another partner.",
)


def part_rows(head: Mapping[str, object], before: Account, after: Account) -> Iterator[Change]:
    """Who has a share or a role in which living registration of another partner, from now on and no more."""
    for registration in after.registrations.values():
        old = before.registrations.get(registration.id)
        if old is registration:
            continue
        was = frozenset[PartnerId]() if old is None else _parts_in(old)
        now = _parts_in(registration)
        if now - was:
            rows = [
                {**head, "partner": one, "registration": registration.id, "account": after.id}
                for one in sorted(now - was)
            ]
            yield Upsert(view_priority_parts, rows)
        if was - now:
            yield Delete(view_priority_parts, [(*head.values(), one, registration.id) for one in sorted(was - now)])


def _parts_in(registration: Registration) -> frozenset[PartnerId]:
    if len(registration.shares) < 2 and not registration.roles:
        return frozenset()
    return (
        frozenset(parts_of(registration)) - {registration.partner}
        if is_live_registration(registration)
        else frozenset()
    )
