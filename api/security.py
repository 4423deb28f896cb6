"""Who is calling: bearer keys, and the roles that routes name (api.md, Conventions)."""

from typing import Final

from api.headers import Headers
from api.problems import Problem
from service.access import ROLES, AccessKey, AccessKeys, Role

Roles = frozenset[Role]


def allowed(*roles: Role) -> Roles:
    """The named roles, and `admin`, who may call every route but those that are the partner's own."""
    return frozenset(("admin", *roles))


ADMIN: Final[Roles] = allowed()
STAFF: Final[Roles] = allowed("partner_manager", "sales", "finance", "auditor")
"""Who reads what no route says otherwise about: every role but `partner` and `crm`."""
ALL_BUT_CRM: Final[Roles] = allowed("partner_manager", "sales", "finance", "auditor", "partner")
ALL_BUT_PARTNERS: Final[Roles] = allowed("partner_manager", "sales", "finance", "auditor", "crm")
EVERYBODY: Final[Roles] = frozenset(ROLES)
PARTNERS_OWN: Final[Roles] = frozenset(("partner",))
"""What only the partner itself may do, the admin not either: to acknowledge and to dispute."""


async def caller(headers: Headers, keys: AccessKeys, roles: Roles) -> AccessKey:
    """The key that calls, if it may call this route: else 401 or 403, before anything of the body was read."""
    key = await _bearer(headers, keys)
    if key.role not in roles:
        raise Problem("FORBIDDEN", f"The role {key.role} may not call this.")
    return key


async def _bearer(headers: Headers, keys: AccessKeys) -> AccessKey:
    given = headers.values(b"authorization")
    if len(given) != 1:
        raise _unauthenticated("Send one header Authorization: Bearer <key>.")
    scheme, _, text = given[0].partition(b" ")
    text = text.strip()
    if scheme.lower() != b"bearer" or not text or not text.isascii():
        raise _unauthenticated("Send one header Authorization: Bearer <key>.")
    found = keys.cached(text.decode()) or await keys.find(text.decode())
    if found is None:
        raise _unauthenticated("This key is wrong or was revoked.", ', error="invalid_token"')
    return found


def _unauthenticated(detail: str, error: str = "") -> Problem:
    return Problem("UNAUTHENTICATED", detail, headers={"WWW-Authenticate": f'Bearer realm="firstclaim"{error}'})
