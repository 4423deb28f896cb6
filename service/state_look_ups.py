"""How decisions find things: the accounts behind keys, deals, registrations, cases and proposals, by one query each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import AccountId, ProgrammeId, RegistrationId
from projections.conflict_cases import view_conflict_cases
from projections.look_up import look_up, look_up_mappings
from projections.priority import (
    view_priority_deals,
    view_priority_keys,
    view_priority_names,
    view_priority_registrations,
)
from projections.share_proposals import view_share_proposals
from service.work import StateKey

ACCOUNTS_OF_A_KEY_AT_MOST: Final = 1_000
NAMES_OF_A_KEY_AT_MOST: Final = 50
"""Names that share a piece and are compared with a newcomer's: those of the oldest accounts."""
LIVE_OF_A_PARTNER_AT_MOST: Final = 100_000

LinkedDeal = tuple[RegistrationId, AccountId]
"""The registration that a CRM deal leads to, and its account."""

NamedAccount = tuple[AccountId, str]
"""An account and a name under which it is known."""

Generations = Mapping[str, int]
LookUp = Callable[[AsyncConnection, ProgrammeId, Generations, Sequence[StateKey]], Awaitable[Mapping[StateKey, object]]]


async def _rows(
    connection: AsyncConnection,
    table: Table,
    *,
    programme: ProgrammeId,
    generation: int,
    by: Sequence[str],
    keys: Sequence[StateKey],
    at_most: int = 1,
) -> list[Mapping[str, object]]:
    return await look_up_mappings(
        connection,
        table,
        where={"programme": programme, "generation": generation},
        by=by,
        keys=[key[1:] for key in keys],
        at_most=at_most,
    )


async def _accounts_of_keys(
    connection: AsyncConnection, programme: ProgrammeId, generations: Generations, keys: Sequence[StateKey]
) -> Mapping[StateKey, object]:
    found: dict[StateKey, tuple[AccountId, ...]] = {}
    for row in await _rows(
        connection,
        view_priority_keys,
        programme=programme,
        generation=generations["priority"],
        by=("account_key",),
        keys=keys,
        at_most=ACCOUNTS_OF_A_KEY_AT_MOST,
    ):
        key = ("account_key", str(row["account_key"]))
        found[key] = (*found.get(key, ()), AccountId(str(row["account"])))
    return found


async def _linked_deals(
    connection: AsyncConnection, programme: ProgrammeId, generations: Generations, keys: Sequence[StateKey]
) -> Mapping[StateKey, object]:
    rows = await _rows(
        connection,
        view_priority_deals,
        programme=programme,
        generation=generations["priority"],
        by=("source", "deal"),
        keys=keys,
    )
    return {
        ("deal", str(row["source"]), str(row["deal"])): (
            RegistrationId(str(row["registration"])),
            AccountId(str(row["account"])),
        )
        for row in rows
    }


async def _accounts_of_registrations(
    connection: AsyncConnection, programme: ProgrammeId, generations: Generations, keys: Sequence[StateKey]
) -> Mapping[StateKey, object]:
    rows = await _rows(
        connection,
        view_priority_registrations,
        programme=programme,
        generation=generations["priority"],
        by=("registration",),
        keys=keys,
    )
    return {("registration", str(row["registration"])): AccountId(str(row["account"])) for row in rows}


async def _accounts_of_cases(
    connection: AsyncConnection, programme: ProgrammeId, generations: Generations, keys: Sequence[StateKey]
) -> Mapping[StateKey, object]:
    rows = await _rows(
        connection,
        view_conflict_cases,
        programme=programme,
        generation=generations["conflict_cases"],
        by=("case",),
        keys=keys,
    )
    return {("case", str(row["case"])): AccountId(str(row["account"])) for row in rows}


async def _live_registrations(
    connection: AsyncConnection, programme: ProgrammeId, generations: Generations, keys: Sequence[StateKey]
) -> Mapping[StateKey, object]:
    found: dict[StateKey, frozenset[LinkedDeal]] = {key: frozenset() for key in keys}
    rows = await look_up(
        connection,
        view_priority_registrations,
        where={"programme": programme, "generation": generations["priority"]},
        by=("partner", "live"),
        keys=[(key[1], 1) for key in keys],
        at_most=LIVE_OF_A_PARTNER_AT_MOST,
    )
    for row in rows:
        columns = row._mapping
        key = ("live", str(columns["partner"]))
        one = (RegistrationId(str(columns["registration"])), AccountId(str(columns["account"])))
        found[key] = found[key] | {one}
    return found


async def _accounts_of_proposals(
    connection: AsyncConnection, programme: ProgrammeId, generations: Generations, keys: Sequence[StateKey]
) -> Mapping[StateKey, object]:
    rows = await _rows(
        connection,
        view_share_proposals,
        programme=programme,
        generation=generations["share_proposals"],
        by=("proposal",),
        keys=keys,
    )
    return {("share_proposal", str(row["proposal"])): AccountId(str(row["account"])) for row in rows}


async def _names_of_keys(
    connection: AsyncConnection, programme: ProgrammeId, generations: Generations, keys: Sequence[StateKey]
) -> Mapping[StateKey, object]:
    found: dict[StateKey, tuple[NamedAccount, ...]] = dict.fromkeys(keys, ())
    for row in await _rows(
        connection,
        view_priority_names,
        programme=programme,
        generation=generations["priority"],
        by=("name_key",),
        keys=keys,
        at_most=NAMES_OF_A_KEY_AT_MOST,
    ):
        key = ("name_key", str(row["name_key"]))
        found[key] = (*found[key], (AccountId(str(row["account"])), str(row["name"])))
    return found


LOOK_UPS: Final[Mapping[str, LookUp]] = {
    "account_key": _accounts_of_keys,
    "name_key": _names_of_keys,
    "deal": _linked_deals,
    "registration": _accounts_of_registrations,
    "case": _accounts_of_cases,
    "share_proposal": _accounts_of_proposals,
    "live": _live_registrations,
}
