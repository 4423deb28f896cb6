"""Lists of registrations as they stand now: the view finds them, and then time passes on their accounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.account.state import Account
from domain.ids import AccountId, Position, RegistrationId
from domain.matching import account_keys
from projections.look_up import look_up
from projections.priority import view_priority_keys
from projections.projection import live_generation
from projections.registrations import Listed, Wanted, list_registrations
from service.payloads.countries import COUNTRIES
from service.public_suffix import registrable_domain
from service.reading import Moment

LOOKS_AT_MOST: Final = 5
ACCOUNTS_OF_A_KEY_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A registration of a list, on its account as it stands now."""

    registration: RegistrationId
    account: Account
    position: Position


async def registrations_wanted(
    moment: Moment, wanted: Wanted, *, after: Position, limit: int
) -> tuple[list[Found], Position | None]:
    """Those registered after a position that are wanted now, at most `limit`, and where to go on (None: at the end).

    A page may be short, or empty, and still have a next one: so much is looked at for one page and no more.
    """
    found: list[Found] = []
    for _ in range(LOOKS_AT_MOST):
        listed = await list_registrations(
            moment.connection, moment.programme.id, wanted, after=after, limit=limit - len(found) + 1
        )
        room = limit - len(found)
        more = len(listed) > room
        found += await _standing(moment, wanted, listed[:room])
        if not more:
            return found, None
        after = listed[room - 1].position
        if len(found) == limit:
            return found, after
    return found, after


async def _standing(moment: Moment, wanted: Wanted, listed: Sequence[Listed]) -> list[Found]:
    accounts = await moment.accounts(dict.fromkeys(one.account for one in listed))
    return [
        Found(registration=one.registration, account=accounts[one.account], position=one.position)
        for one in listed
        if wanted.is_met_by(one.account, accounts[one.account].registrations[one.registration])
    ]


async def accounts_named(moment: Moment, text: str) -> list[AccountId]:
    """The accounts that a reader may mean: by id, by internet domain, or by name in any country."""
    keys: list[str] = []
    domain = registrable_domain(text) if "." in text else None
    for country in sorted(COUNTRIES):
        keys += account_keys(name=text, country=country, domain_registrable=domain, crm_id=None)
    return [AccountId(text), *await accounts_of_keys(moment, dict.fromkeys(keys))]


async def accounts_of_keys(moment: Moment, keys: Iterable[str]) -> list[AccountId]:
    """The accounts that are found under any of the keys."""
    generation = await live_generation(moment.connection, moment.programme.id, "priority")
    rows = await look_up(
        moment.connection,
        view_priority_keys,
        where={"programme": moment.programme.id, "generation": generation},
        by=("account_key",),
        keys=[(key,) for key in keys],
        at_most=ACCOUNTS_OF_A_KEY_AT_MOST,
    )
    return list(dict.fromkeys(AccountId(str(row._mapping["account"])) for row in rows))
