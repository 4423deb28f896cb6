"""Who may call: API keys, each of one programme and one role.

A key is 256 random bits, so it is stored as its plain SHA-256: a slow, salted hash protects secrets that people choose
and that can be guessed; here there is nothing to guess, and every request has to look its key up by that hash. The key
itself is shown once and is nowhere else.
"""

import asyncio
import hashlib
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal, get_args

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Row, Table, Text, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.calendar import instant_text
from domain.ids import Instant, PartnerId, ProgrammeId
from domain.refusal import Refusal
from projections.changes import Upsert
from projections.metadata import metadata
from service.attempt import Attempt
from service.database import read
from service.work import Answer, Known, RequestKey, StateKey, Work

Role = Literal["admin", "partner_manager", "sales", "finance", "auditor", "partner", "crm"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

access_keys = Table(
    "access_keys",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("partner", Text),
    Column("name", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("revoked_at", BigInteger),
    comment="API keys, by hash; a reference table, since a key is looked up before its programme is known.",
)
Index(None, access_keys.c.key_hash, unique=True)

CACHED_KEYS_AT_MOST: Final = 10_000
CACHE_LIFETIME_SECONDS: Final = 2.0
"""How long another process may go on accepting a key that was revoked here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """A key as the programme knows it: its id, not its secret. `partner` is set for the role `partner` alone."""

    id: str
    programme: ProgrammeId
    role: Role
    partner: PartnerId | None
    name: str
    created_at: Instant
    created_by: str
    revoked_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made. `text` is the secret itself: show it once, never store or log it."""

    key: AccessKey
    text: str

    @property
    def row(self) -> Upsert:
        """The row that makes it valid, to be written in the transaction that issues it."""
        return _upsert(self.key, hash_of(self.text))


def hash_of(key_text: str) -> bytes:
    """What is stored of a key."""
    return hashlib.sha256(key_text.encode()).digest()


def new_key(
    programme: ProgrammeId, role: Role, name: str, *, partner: PartnerId | None, now: Instant, by: str
) -> NewKey:
    """Make a key `fc_<programme>_<256 random bits>`, created at `now` (the real time) by an actor."""
    assert (partner is not None) == (role == "partner"), "a partner's key, and no other, is bound to a partner"
    key = AccessKey(
        id="key_" + secrets.token_hex(8),
        programme=programme,
        role=role,
        partner=partner,
        name=name,
        created_at=now,
        created_by=by,
        revoked_at=None,
    )
    return NewKey(key=key, text=f"fc_{programme}_{secrets.token_hex(32)}")


def described(key: AccessKey) -> dict[str, object]:
    """The key as the HTTP contract shows it."""
    return {
        "id": key.id,
        "role": key.role,
        "partner": key.partner,
        "name": key.name,
        "created_at": instant_text(key.created_at),
        "created_by": key.created_by,
        "revoked_at": None if key.revoked_at is None else instant_text(key.revoked_at),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueKey(Work):
    """Make a key valid. The answer holds the key's text, so it is never stored."""

    actor: str
    request: RequestKey | None
    new: NewKey

    def needs(self, known: Known) -> Iterable[StateKey]:
        """A partner's key is bound to a partner that exists."""
        del known
        return () if self.new.key.partner is None else (("partner", self.new.key.partner),)

    def run(self, attempt: Attempt) -> Answer:
        """Refuses an unknown partner; else writes the key's row. Nothing of it is in the log."""
        partner = self.new.key.partner
        if partner is not None and attempt.state(("partner", partner)) is None:
            raise Refusal("UNKNOWN_PARTNER", f"There is no partner {partner}.")
        attempt.write(self.new.row)
        body = {**described(self.new.key), "key": self.new.text, "position": None, "recorded_at": None}
        return Answer(body=json.dumps(body).encode(), created=True, secret=True)


@dataclass(kw_only=True)
class RevokeKey(Work):
    """End a key. Revoking it again changes nothing and gives the first instant."""

    actor: str
    id: str
    now: Instant
    exclusive = True
    _found: Row[tuple[object, ...]] | None = field(default=None, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads the key under the head lock."""
        statement = select(access_keys).where(access_keys.c.programme == attempt.programme, access_keys.c.id == self.id)
        self._found = (await connection.execute(statement)).one_or_none()

    def run(self, attempt: Attempt) -> Answer:
        """Refuses an unknown id."""
        if self._found is None:
            raise Refusal("NOT_FOUND", "There is no such key.")
        key = _read(self._found)
        if key.revoked_at is None:
            key = replace(key, revoked_at=self.now)
            attempt.write(_upsert(key, self._found._mapping["key_hash"]))
        return Answer(body=json.dumps({**described(key), "position": None, "recorded_at": None}).encode())


class AccessKeys:
    """Looks keys up, from memory for a moment: a revocation is seen here at once and elsewhere after that moment."""

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
        self._cached: OrderedDict[bytes, tuple[AccessKey, float]] = OrderedDict()
        self._looking: dict[bytes, asyncio.Task[AccessKey | None]] = {}
        self._revocations = 0

    def cached(self, key_text: str) -> AccessKey | None:
        """The key, when it was looked up a moment ago."""
        found = self._cached.get(hash_of(key_text))
        return None if found is None or found[1] <= self._clock() else found[0]

    async def find(self, key_text: str) -> AccessKey | None:
        """The key, unless there is none or it is revoked. A wrong key is looked up each time and never remembered."""
        if (cached := self.cached(key_text)) is not None:
            return cached
        digest = hash_of(key_text)
        looking = self._looking.get(digest)
        if looking is None:
            looking = self._looking[digest] = asyncio.create_task(self._look_up(digest))
            looking.add_done_callback(partial(self._looked, digest))
        return await asyncio.shield(looking)

    def _looked(self, digest: bytes, looking: asyncio.Task[AccessKey | None]) -> None:
        if self._looking.get(digest) is looking:
            del self._looking[digest]

    async def _look_up(self, digest: bytes) -> AccessKey | None:
        """Looks a key up in the database: once for all who wait for it."""
        asked_at, revocations = self._clock(), self._revocations
        async with read(self._engine) as connection:
            statement = select(access_keys).where(access_keys.c.key_hash == digest)
            row = (await connection.execute(statement)).one_or_none()
        if row is None or (key := _read(row)).revoked_at is not None:
            self._cached.pop(digest, None)
            return None
        if revocations == self._revocations:  # else this row may be older than a revocation
            self._cached[digest] = (key, asked_at + self._lifetime_seconds)
        while len(self._cached) > CACHED_KEYS_AT_MOST:
            self._cached.popitem(last=False)
        return key

    def forget(self, key_id: str) -> None:
        """Drop a key that was just revoked from memory."""
        self._revocations += 1
        self._looking.clear()  # nobody who asks from now on is answered by a look-up from before
        for digest in [digest for digest, (key, _) in self._cached.items() if key.id == key_id]:
            del self._cached[digest]


async def list_keys(
    connection: AsyncConnection, programme: ProgrammeId, *, after: tuple[int, str], limit: int
) -> list[AccessKey]:
    """A page of a programme's keys, oldest first, revoked ones too. `after` is the last page's (created_at, id)."""
    order = (access_keys.c.created_at, access_keys.c.id)
    statement = select(access_keys).where(access_keys.c.programme == programme, tuple_(*order) > after)
    return [_read(row) for row in await connection.execute(statement.order_by(*order).limit(limit))]


def _read(row: Row[tuple[object, ...]]) -> AccessKey:
    found = row._mapping
    return AccessKey(
        id=found["id"],
        programme=found["programme"],
        role=found["role"],
        partner=found["partner"],
        name=found["name"],
        created_at=found["created_at"],
        created_by=found["created_by"],
        revoked_at=found["revoked_at"],
    )


def _upsert(key: AccessKey, key_hash: bytes) -> Upsert:
    row = {
        "programme": key.programme,
        "id": key.id,
        "role": key.role,
        "partner": key.partner,
        "name": key.name,
        "key_hash": key_hash,
        "created_at": key.created_at,
        "created_by": key.created_by,
        "revoked_at": key.revoked_at,
    }
    return Upsert(access_keys, (row,))
