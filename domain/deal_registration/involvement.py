"""Who had a part in a deal besides being credited: where it came from, who influenced it, who delivers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.ids import Instant, LeadId, PartnerId, Share
from domain.refusal import Refusal

Role = Literal["source", "influence", "delivery"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRole:
    """One partner's part in the work on a deal. It earns nothing by itself: commission is by shares."""

    partner: PartnerId
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadOrigin:
    """The accepted lead that a registration was made from, for ever."""

    lead: LeadId
    source: PartnerId | None
    """The partner that it came from; None: the vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """How a registration stood until a transfer: whose it was, how it was shared, who had which part in it."""

    until: Instant
    partner: PartnerId
    shares: tuple[Share, ...]
    roles: tuple[PartnerRole, ...]


def refuse_bad_roles(roles: Sequence[PartnerRole]) -> None:
    """A partner has each role once."""
    if len(set(roles)) != len(roles):
        raise Refusal("MALFORMED", "A partner has a role once.", field="roles")


def unknown_in_the_roles(partner: PartnerId) -> Refusal:
    """A partner named in roles is not in the programme."""
    return Refusal("PARTNER_NOT_ACTIVE", f"{partner}, named in the roles, is not active in the programme.")
