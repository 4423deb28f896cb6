"""Whether a won deal was sourced or influenced by a partner: decided here, once, for every report (rules §5)."""

from dataclasses import dataclass
from typing import Literal

from domain.account.state import Registration
from domain.ids import PartnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What one partner was to a won deal. It earns nothing by itself: commission is by shares."""

    partner: PartnerId
    how: Literal["sourced", "influenced"]


def attributions_of(credited: Registration) -> tuple[Attribution, ...]:
    """For each partner with a part in the credited registration: whether it sourced or influenced the deal.

    As with shares, what was stated up to the win counts.
    """
    sources = _sources(credited)
    named = [*sources, credited.partner, *(s.partner for s in credited.shares), *(r.partner for r in credited.roles)]
    return tuple(
        Attribution(partner=partner, how="sourced" if partner in sources else "influenced")
        for partner in dict.fromkeys(named)
    )


def _sources(credited: Registration) -> tuple[PartnerId, ...]:
    """The partner that passed the lead; else whom a role names as source; else the lead partner itself.

    What the vendor passed is sourced by no partner, unless a role says so.
    """
    if credited.origin is not None and credited.origin.source is not None:
        return (credited.origin.source,)
    stated = tuple(role.partner for role in credited.roles if role.role == "source")
    if stated or credited.origin is not None:
        return stated
    return (credited.partner,)
