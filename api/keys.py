"""API keys: made, listed, ended."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.keys import IssueKey, KeyIssued, KeyPage, KeyRevoked
from api.operation import Operations
from api.paging import Listing, page, read_cursor
from api.security import ADMIN
from domain.ids import PartnerId
from service import access
from service.access import RevokeKey, described, list_keys, new_key
from service.host_time import host_now

keys = Operations("Keys")


@keys.operation(
    "POST",
    "/v1/keys",
    roles=ADMIN,
    answer=KeyIssued,
    status=201,
    refusals=("UNKNOWN_PARTNER", "SECRET_SHOWN_ONCE"),
)
async def issue_key(call: Call, body: IssueKey) -> Response:
    """Make an API key.

    The key itself is in this answer and nowhere else; a repeat of the request is refused with `SECRET_SHOWN_ONCE`.
    """
    partner = None if body.partner is None else PartnerId(body.partner)
    new = new_key(call.programme, body.role, body.name, partner=partner, now=host_now(), by=call.actor)
    work = access.IssueKey(actor=call.actor, request=call.request_key, new=new)
    return written(await call.service.submit(call.programme, work))


@keys.operation("GET", "/v1/keys", roles=ADMIN, answer=KeyPage)
async def show_keys(call: Call, query: Annotated[Listing, Query()]) -> Response:
    """List the API keys, oldest first, without the keys themselves."""
    after = read_cursor(query.after, "keys", 0, "")
    async with call.reading(query) as moment:
        found = await list_keys(moment.connection, call.programme, after=after, limit=query.limit + 1)
        listed = page(found, query.limit, "keys", lambda key: (key.created_at, key.id))
        return shown(listed.of(map(described, listed.items)), moment.position)


@keys.operation("DELETE", "/v1/keys/{id}", roles=ADMIN, answer=KeyRevoked)
async def revoke_key(call: Call, id: path.Key) -> Response:  # noqa: A002 - the name stands in the path
    """End an API key.

    This process refuses it from now on, others within two seconds. Ending it again changes nothing.
    """
    answer = await call.service.submit(call.programme, RevokeKey(actor=call.actor, id=id, now=host_now()))
    call.service.access_keys.forget(id)
    return written(answer)
