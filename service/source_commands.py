"""Adding a source of webhooks and rotating its secrets, as works of the appender."""

import base64
import binascii
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import instant_text
from domain.ids import Instant, ProgrammeId
from domain.refusal import Refusal
from projections.changes import Upsert
from service.attempt import Attempt
from service.sources import (
    Source,
    SourceKind,
    SourceSecret,
    access_source_secrets,
    access_sources,
    described,
    source_of,
)
from service.work import Answer, RequestKey, Work

ACTIVE_SECRETS_AT_MOST: Final = 5
"""How many secrets of one source may be good at the same time."""


def new_secret() -> str:
    """A secret of 256 random bits as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_is_usable(text: str) -> bool:
    """Whether a secret of the caller's choice has the standard's form: `whsec_` and 24 to 64 bytes in base64."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith("whsec_") and 24 <= len(key) <= 64


def _secret_of(text: str, now: Instant) -> SourceSecret:
    return SourceSecret(id="sec_" + secrets.token_hex(8), secret=text, created_at=now, valid_until=None)


@dataclass(kw_only=True)
class AddSource(Work):
    """Make a source known. Its id must be new in the whole database: the URL of its webhooks names nothing else."""

    actor: str
    request: RequestKey | None
    id: str
    kind: SourceKind
    mapping: str
    secret: str
    now: Instant
    exclusive = True
    _taken: bool = field(default=False, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Looks whether the id is taken, in any programme."""
        del attempt
        statement = select(access_sources.c.id).where(access_sources.c.id == self.id)
        self._taken = (await connection.execute(statement)).first() is not None

    def run(self, attempt: Attempt) -> Answer:
        """Refuses an id that is taken; else writes the source with its first secret."""
        if self._taken:
            raise Refusal("ALREADY_EXISTS", f"A source with the id {self.id} exists already.")
        secret = _secret_of(self.secret, self.now)
        source = Source(
            id=self.id,
            programme=attempt.programme,
            kind=self.kind,
            mapping=self.mapping,
            created_at=self.now,
            created_by=self.actor,
            secrets=(secret,),
        )
        attempt.write(_source_row(source))
        attempt.write(_secret_rows(source.programme, source.id, (secret,)))
        body = {**described(source), "secret": self.secret, "position": None, "recorded_at": None}
        return Answer(body=json.dumps(body).encode(), created=True, secret=True)


@dataclass(kw_only=True)
class RotateSecret(Work):
    """Give a source a new secret; those it had stay good until `old_valid_until`, or until they end anyway."""

    actor: str
    request: RequestKey | None
    id: str
    secret: str
    old_valid_until: Instant
    now: Instant
    exclusive = True
    _found: Source | None = field(default=None, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads the source under the head lock."""
        self._found = await source_of(connection, self.id, programme=attempt.programme)

    def run(self, attempt: Attempt) -> Answer:
        """Refuses an unknown source, and one that has too many good secrets already."""
        found = self._found
        if found is None:
            raise Refusal("NOT_FOUND", "There is no such source.")
        good = [s for s in found.secrets if s.valid_until is None or self.now < s.valid_until]
        if len(good) >= ACTIVE_SECRETS_AT_MOST:
            raise Refusal("WRONG_STATE", f"A source has at most {ACTIVE_SECRETS_AT_MOST} secrets that are still good.")
        ending = tuple(
            replace(s, valid_until=min(s.valid_until or self.old_valid_until, self.old_valid_until)) for s in good
        )
        secret = _secret_of(self.secret, self.now)
        attempt.write(_secret_rows(found.programme, found.id, (*ending, secret)))
        body = {
            "id": found.id,
            "secret": self.secret,
            "old_valid_until": instant_text(self.old_valid_until),
            "position": None,
            "recorded_at": None,
        }
        return Answer(body=json.dumps(body).encode(), created=True, secret=True)


def _source_row(source: Source) -> Upsert:
    row = {
        "programme": source.programme,
        "id": source.id,
        "kind": source.kind,
        "mapping": source.mapping,
        "created_at": source.created_at,
        "created_by": source.created_by,
    }
    return Upsert(access_sources, (row,))


def _secret_rows(programme: ProgrammeId, source: str, held: tuple[SourceSecret, ...]) -> Upsert:
    rows = [
        {
            "programme": programme,
            "source": source,
            "id": secret.id,
            "secret": secret.secret,
            "created_at": secret.created_at,
            "valid_until": secret.valid_until,
        }
        for secret in held
    ]
    return Upsert(access_source_secrets, rows)
