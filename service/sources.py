"""Where webhooks come from: sources, each of one programme and one kind, and the secrets that they sign with.

A secret is needed in full to check a signature, so unlike an API key it is stored as it is (decision 4).
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import BigInteger, Column, Index, Row, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.calendar import instant_text
from domain.ids import Instant, ProgrammeId
from projections.metadata import metadata
from service.database import read

SourceKind = Literal["standard"]

access_sources = Table(
    "access_sources",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    comment="Sources of webhooks; a reference table, since a source is looked up before its programme is known.",
)
Index(None, access_sources.c.id, unique=True)

access_source_secrets = Table(
    "access_source_secrets",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("valid_until", BigInteger),
    comment="The secrets that a source signs with, as they are; valid_until is null for the newest.",
)

CACHED_SOURCES_AT_MOST: Final = 1_000
CACHE_LIFETIME_SECONDS: Final = 2.0
"""How long another process may go on with the secrets from before a rotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSecret:
    """A secret, valid until an instant of the real clock (exclusive; None: until it is rotated)."""

    id: str
    secret: str
    created_at: Instant
    valid_until: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source of webhooks. `mapping` is the JSON object that says how its fields are read (empty for `standard`)."""

    id: str
    programme: ProgrammeId
    kind: SourceKind
    mapping: str
    created_at: Instant
    created_by: str
    secrets: tuple[SourceSecret, ...]

    def secrets_at(self, now: Instant) -> tuple[str, ...]:
        """The secrets that are good at an instant of the real clock, the newest first."""
        good = [s for s in self.secrets if s.valid_until is None or now < s.valid_until]
        return tuple(s.secret for s in sorted(good, key=lambda s: (s.created_at, s.id), reverse=True))


def described(source: Source) -> dict[str, object]:
    """The source as the HTTP contract shows it: everything but the secrets themselves."""
    return {
        "id": source.id,
        "kind": source.kind,
        "mapping": json.loads(source.mapping),
        "created_at": instant_text(source.created_at),
        "secrets": [
            {
                "id": secret.id,
                "created_at": instant_text(secret.created_at),
                "valid_until": None if secret.valid_until is None else instant_text(secret.valid_until),
            }
            for secret in source.secrets
        ],
    }


class Sources:
    """Looks sources up for the webhooks' route, from memory for a moment."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        lifetime_seconds: float = CACHE_LIFETIME_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._lifetime_seconds = lifetime_seconds
        self._clock = clock
        self._cached: dict[str, tuple[Source, float]] = {}

    async def find(self, source_id: str) -> Source | None:
        """The source, in whatever programme it is."""
        cached = self._cached.get(source_id)
        asked_at = self._clock()
        if cached is not None and asked_at < cached[1]:
            return cached[0]
        async with read(self._engine) as connection:
            source = await source_of(connection, source_id)
        if source is None:
            return None
        if len(self._cached) >= CACHED_SOURCES_AT_MOST:
            self._cached.clear()
        self._cached[source_id] = (source, asked_at + self._lifetime_seconds)
        return source

    def forget(self, source_id: str) -> None:
        """Drop a source whose secrets were just rotated from memory."""
        self._cached.pop(source_id, None)


async def source_of(
    connection: AsyncConnection, source_id: str, *, programme: ProgrammeId | None = None
) -> Source | None:
    """One source with its secrets; with `programme`, only if it is that programme's."""
    row = (await connection.execute(select(access_sources).where(access_sources.c.id == source_id))).one_or_none()
    if row is None or programme not in (None, row._mapping["programme"]):
        return None
    statement = select(access_source_secrets).where(
        access_source_secrets.c.programme == row._mapping["programme"], access_source_secrets.c.source == source_id
    )
    return _read(row, (await connection.execute(statement)).all())


async def list_sources(connection: AsyncConnection, programme: ProgrammeId, *, after: str, limit: int) -> list[Source]:
    """A page of a programme's sources by id. `after` is the last page's id, empty before the first."""
    statement = select(access_sources).where(access_sources.c.programme == programme, access_sources.c.id > after)
    rows = (await connection.execute(statement.order_by(access_sources.c.id).limit(limit))).all()
    if not rows:
        return []
    held = await connection.execute(
        select(access_source_secrets).where(
            access_source_secrets.c.programme == programme,
            access_source_secrets.c.source >= rows[0]._mapping["id"],
            access_source_secrets.c.source <= rows[-1]._mapping["id"],
        )
    )
    secrets_of: dict[str, list[Row[tuple[object, ...]]]] = {}
    for secret in held:
        secrets_of.setdefault(secret._mapping["source"], []).append(secret)
    return [_read(row, secrets_of.get(row._mapping["id"], [])) for row in rows]


def _read(row: Row[tuple[object, ...]], secret_rows: Sequence[Row[tuple[object, ...]]]) -> Source:
    found = row._mapping
    held = (
        SourceSecret(
            id=secret._mapping["id"],
            secret=secret._mapping["secret"],
            created_at=secret._mapping["created_at"],
            valid_until=secret._mapping["valid_until"],
        )
        for secret in secret_rows
    )
    return Source(
        id=found["id"],
        programme=found["programme"],
        kind=found["kind"],
        mapping=found["mapping"],
        created_at=found["created_at"],
        created_by=found["created_by"],
        secrets=tuple(sorted(held, key=lambda secret: (secret.created_at, secret.id))),
    )
