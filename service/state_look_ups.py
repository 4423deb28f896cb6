"""How decisions find things: the accounts behind keys, deals, registrations, cases and proposals, all by one query."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import AccountId, ProgrammeId, RegistrationId
from projections.conflict_cases import view_conflict_cases
from projections.look_up import Question, Texts, look_up_texts
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

Placed = tuple[RegistrationId, AccountId]
"""A registration and its account."""


class KnownDeal(NamedTuple):
    """A CRM deal: the registration that it leads to and its account (None: nobody's yet), and the ids it goes by."""

    registration: RegistrationId | None
    account: AccountId | None
    one_with: tuple[str, ...] = ()
    """All ids of the CRM that are this one deal, where it was merged."""


NamedAccount = tuple[AccountId, str]
"""An account and a name under which it is known."""

Found = Mapping[StateKey, object]


class LookUp(NamedTuple):
    """Where the states of a kind are found: in a view of an inline projection, by the parts of their keys."""

    projection: str
    table: Table
    by: tuple[str, ...]
    names: tuple[str, ...]
    """The columns that are wanted, all texts: those of the key, and what stands under it."""
    at_most: int
    states: Callable[[Sequence[StateKey], Sequence[Texts]], Found]


async def look_up_states(
    connection: AsyncConnection,
    programme: ProgrammeId,
    generations: Mapping[str, int],
    by_kind: Mapping[str, Sequence[StateKey]],
) -> dict[StateKey, object]:
    """The states of the kinds that are looked up, all of them in one trip where the connection allows it."""
    kinds = [kind for kind in by_kind if kind in LOOK_UPS]
    questions = [
        Question(
            table=LOOK_UPS[kind].table,
            where={"programme": programme, "generation": generations[LOOK_UPS[kind].projection]},
            by=LOOK_UPS[kind].by,
            keys=[(*key[1:], 1) if kind == "live" else key[1:] for key in by_kind[kind]],
            at_most=LOOK_UPS[kind].at_most,
            names=LOOK_UPS[kind].names,
        )
        for kind in kinds
    ]
    found: dict[StateKey, object] = {}
    if questions:
        for kind, rows in zip(kinds, await look_up_texts(connection, questions), strict=True):
            found |= LOOK_UPS[kind].states(by_kind[kind], rows)
    return found


def _accounts_of_keys(_: Sequence[StateKey], rows: Sequence[Texts]) -> Found:
    found: dict[StateKey, tuple[AccountId, ...]] = {}
    for key, account in rows:
        accounts = found.get(("account_key", key), ())
        found["account_key", key] = (*accounts, AccountId(account))
    return found


def _names_of_keys(keys: Sequence[StateKey], rows: Sequence[Texts]) -> Found:
    found: dict[StateKey, tuple[NamedAccount, ...]] = dict.fromkeys(keys, ())
    for key, account, name in rows:
        found["name_key", key] = (*found["name_key", key], (AccountId(account), name))
    return found


def _known_deals(_: Sequence[StateKey], rows: Sequence[Texts]) -> Found:
    return {
        ("deal", source, deal): KnownDeal(
            RegistrationId(registration) if registration else None,
            AccountId(account) if account else None,
            msgspec.json.decode(one_with, type=tuple[str, ...]) if one_with else (),
        )
        for source, deal, registration, account, one_with in rows
    }


def _live_registrations(keys: Sequence[StateKey], rows: Sequence[Texts]) -> Found:
    found: dict[StateKey, set[Placed]] = {key: set() for key in keys}
    for partner, registration, account in rows:
        found["live", partner].add((RegistrationId(registration), AccountId(account)))
    return {key: frozenset(live) for key, live in found.items()}


def _account_of(kind: str) -> Callable[[Sequence[StateKey], Sequence[Texts]], Found]:
    def states(_: Sequence[StateKey], rows: Sequence[Texts]) -> Found:
        return {(kind, key): AccountId(account) for key, account in rows}

    return states


def _one_account(kind: str, projection: str, table: Table, column: str) -> LookUp:
    """How the account is found that something belongs to."""
    return LookUp(projection, table, (column,), (column, "account"), 1, _account_of(kind))


LOOK_UPS: Final[Mapping[str, LookUp]] = {
    "account_key": LookUp(
        projection="priority",
        table=view_priority_keys,
        by=("account_key",),
        names=("account_key", "account"),
        at_most=ACCOUNTS_OF_A_KEY_AT_MOST,
        states=_accounts_of_keys,
    ),
    "name_key": LookUp(
        projection="priority",
        table=view_priority_names,
        by=("name_key",),
        names=("name_key", "account", "name"),
        at_most=NAMES_OF_A_KEY_AT_MOST,
        states=_names_of_keys,
    ),
    "deal": LookUp(
        projection="priority",
        table=view_priority_deals,
        by=("source", "deal"),
        names=("source", "deal", "registration", "account", "one_with"),
        at_most=1,
        states=_known_deals,
    ),
    "live": LookUp(
        projection="priority",
        table=view_priority_registrations,
        by=("partner", "live"),
        names=("partner", "registration", "account"),
        at_most=LIVE_OF_A_PARTNER_AT_MOST,
        states=_live_registrations,
    ),
    "registration": _one_account("registration", "priority", view_priority_registrations, "registration"),
    "case": _one_account("case", "conflict_cases", view_conflict_cases, "case"),
    "share_proposal": _one_account("share_proposal", "share_proposals", view_share_proposals, "proposal"),
}
