"""Sources of webhooks: made known, listed, given new secrets."""

import json
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.sources import AddSource, RotateSecret, SecretRotated, SourceAdded, SourcePage
from api.operation import Operations
from api.paging import Listing, page, read_cursor
from api.security import ADMIN
from domain.ids import Instant
from service import source_commands
from service.host_time import host_now
from service.source_commands import new_secret
from service.sources import described, list_sources

sources = Operations("Sources")

HOUR = 3_600_000_000


@sources.operation(
    "POST",
    "/v1/sources",
    roles=ADMIN,
    answer=SourceAdded,
    status=201,
    refusals=("ALREADY_EXISTS", "SECRET_SHOWN_ONCE"),
)
async def add_source(call: Call, body: AddSource) -> Response:
    """Make a source of webhooks known.

    Its secret is in this answer and in no other.
    """
    work = source_commands.AddSource(
        actor=call.actor,
        request=call.request_key,
        id=body.id,
        kind=body.kind,
        mapping=json.dumps(body.mapping),
        secret=body.secret or new_secret(),
        now=host_now(),
    )
    return written(await call.service.submit(call.programme, work))


@sources.operation("GET", "/v1/sources", roles=ADMIN, answer=SourcePage)
async def show_sources(call: Call, query: Annotated[Listing, Query()]) -> Response:
    """List the sources, without their secrets."""
    after = read_cursor(query.after, "sources", "")
    async with call.reading(query) as moment:
        found = await list_sources(moment.connection, call.programme, after=after[0], limit=query.limit + 1)
        listed = page(found, query.limit, "sources", lambda source: (source.id,))
        return shown(listed.of(map(described, listed.items)), moment.position)


@sources.operation(
    "POST",
    "/v1/sources/{id}/secrets",
    roles=ADMIN,
    answer=SecretRotated,
    status=201,
    refusals=("WRONG_STATE", "SECRET_SHOWN_ONCE"),
)
async def rotate_secret(call: Call, id: path.Source, body: RotateSecret) -> Response:  # noqa: A002 - as in the path
    """Give a source a new secret.

    Those that it has stay good for the stated time, so that its side can be changed without losing a webhook.
    """
    now = host_now()
    work = source_commands.RotateSecret(
        actor=call.actor,
        request=call.request_key,
        id=id,
        secret=body.secret or new_secret(),
        old_valid_until=Instant(now + body.old_valid_for_hours * HOUR),
        now=now,
    )
    answer = await call.service.submit(call.programme, work)
    call.service.sources.forget(id)
    return written(answer)
