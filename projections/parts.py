"""Which partners have a share or a role in another partner's living registration? Kept with who is first."""

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Column, Integer, Table, Text

from domain.account.priority import is_live_registration
from domain.account.state import Account, Registration
from domain.deal_registration.transfer import parts_of
from domain.ids import PartnerId
from projections.changes import Change, Delete, Upsert
from projections.metadata import metadata

_NOBODY: Final = frozenset[PartnerId]()

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
        was, now = _NOBODY if old is None else _parts_in(old), _parts_in(registration)
        if now - was:
            rows = [
                {**head, "partner": one, "registration": registration.id, "account": after.id}
                for one in sorted(now - was)
            ]
            yield Upsert(view_priority_parts, rows)
        # One that came with an account that was merged into this one may have been alive there.
        gone = (_named_in(registration) if old is None else was) - now
        if gone:
            yield Delete(view_priority_parts, [(*head.values(), one, registration.id) for one in sorted(gone)])


def _parts_in(registration: Registration) -> frozenset[PartnerId]:
    named = _named_in(registration)
    return named if named and is_live_registration(registration) else _NOBODY


def _named_in(registration: Registration) -> frozenset[PartnerId]:
    if len(registration.shares) < 2 and not registration.roles:
        return _NOBODY
    return frozenset(parts_of(registration)) - {registration.partner}
