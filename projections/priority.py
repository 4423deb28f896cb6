"""Who is first on an account, and what belongs to which account? Decisions read this, so it is kept inline.

The state of an account is never stored: it is folded from the account's events. What is stored is where those events
are (`view_priority_events`), how an account is found (by key, deal, registration or partner), and when time alone will
change something on it (`due_at`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.evolve import AccountEvent
from domain.account.priority import is_live_registration
from domain.account.reminding import next_instant
from domain.account.state import Account
from domain.crm_deal.events import CrmDealsMerged
from domain.deal_registration.events import DealUnlinked
from domain.ids import AccountId, ProgrammeId
from domain.recorded import Recorded
from projections.account_stories import account_of, accounts_of, events_by_account, stories
from projections.changes import Change, Delete, Upsert, execute
from projections.deal_places import MOVES_DEALS, places_of_deals
from projections.metadata import metadata
from projections.parts import part_rows, view_priority_parts
from projections.projection import Logged

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode


def _written(ids: Sequence[str]) -> str:
    return _encode(ids).decode()


def _key(name: str, kind: type[Text] | type[BigInteger] = Text) -> Column[object]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _generation() -> Column[int]:
    return Column("generation", Integer, primary_key=True, autoincrement=False)


view_priority_accounts = Table(
    "view_priority_accounts",
    metadata,
    _key("programme"),
    _generation(),
    _key("account"),
    Column("due_at", BigInteger),
    comment="Each account and the instant (µs) at which the timer has something to write on it, null when nothing.",
)
Index(
    "view_priority_accounts_due_at_idx",
    view_priority_accounts.c.programme,
    view_priority_accounts.c.generation,
    view_priority_accounts.c.due_at,
)

view_priority_events = Table(
    "view_priority_events",
    metadata,
    _key("programme"),
    _generation(),
    _key("account"),
    _key("position", BigInteger),
    comment="The positions of an account's events: registrations, deal facts and conflict cases.",
)

view_priority_keys = Table(
    "view_priority_keys",
    metadata,
    _key("programme"),
    _generation(),
    _key("account_key"),
    _key("account"),
    comment="The keys by which accounts are recognised.",
)

view_priority_names = Table(
    "view_priority_names",
    metadata,
    _key("programme"),
    _generation(),
    _key("name_key"),
    _key("account"),
    _key("name"),
    comment="The names of accounts by pieces of them: how names are found that may be alike.",
)

view_priority_deals = Table(
    "view_priority_deals",
    metadata,
    _key("programme"),
    _generation(),
    _key("source"),
    _key("deal"),
    Column("registration", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("one_with", Text, nullable=False),
    comment="Which registration a CRM deal leads to (empty: none yet), and all ids that it goes by when merged (JSON).",
)

view_priority_registrations = Table(
    "view_priority_registrations",
    metadata,
    _key("programme"),
    _generation(),
    _key("registration"),
    Column("account", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("live", Integer, nullable=False),
    comment="Each registration's account and partner; live is 1 while it counts against the partner's capacity.",
)
Index(
    "view_priority_registrations_partner_idx",
    view_priority_registrations.c.programme,
    view_priority_registrations.c.generation,
    view_priority_registrations.c.partner,
    view_priority_registrations.c.live,
)


def rows(
    programme: ProgrammeId,
    generation: int,
    before: Account,
    after: Account,
    events: Iterable[Recorded[AccountEvent]],
) -> list[Change]:
    """The rows that follow from events on one account, given the account before and after them."""
    head = {"programme": programme, "generation": generation}
    due = next_instant(after)
    own = [recorded for recorded in events if after.id in accounts_of(recorded.event)]
    head_of_account = {**head, "account": after.id}
    found: list[Change] = [
        Upsert(view_priority_accounts, [{**head_of_account, "due_at": None if due is None else due[0]}]),
        Upsert(view_priority_events, [{**head_of_account, "position": recorded.position} for recorded in own]),
    ]
    if keys := _new(before.keys, after.keys):
        found.append(Upsert(view_priority_keys, [{**head, "account_key": key, "account": after.id} for key in keys]))
    if registrations := list(_registrations(head, before, after)):
        found.append(Upsert(view_priority_registrations, registrations))
    return [*found, *part_rows(head, before, after), *_names(head, before, after), *deals(head, own)]


def _new(known: Collection[T], all_of_them: Iterable[T]) -> list[T]:
    return [one for one in all_of_them if one not in known]


def _names(head: Mapping[str, object], before: Account, after: Account) -> Iterable[Change]:
    """The names by which the account is found from now on; an account that was absorbed is found no more."""
    if before.names is after.names:
        return
    named = [(key, name) for name in _new(before.names, after.names) for key in after.names[name]]
    gone = [(key, name) for name in _new(after.names, before.names) for key in before.names[name]]
    if named:
        rows = [{**head, "name_key": key, "account": after.id, "name": name} for key, name in named]
        yield Upsert(view_priority_names, rows)
    if gone:
        yield Delete(view_priority_names, [(*head.values(), key, after.id, name) for key, name in gone])


def deals(head: Mapping[str, object], events: Iterable[Recorded[object]]) -> list[Change]:
    """Where each deal leads to, event by event: the last change of a deal is the one that counts."""
    found: list[Change] = []
    for recorded in events:
        event = recorded.event
        if not isinstance(event, MOVES_DEALS):
            continue
        if isinstance(event, DealUnlinked) and not event.deals:
            found.append(Delete(view_priority_deals, [(*head.values(), event.deal.source, event.deal.id)]))
            continue
        rows = [
            {
                **head,
                "source": one.deal.source,
                "deal": one.deal.id,
                "registration": one.registration or "",
                "account": one.account or "",
                "one_with": _written(one.one_with) if one.one_with else "",
            }
            for one in places_of_deals(event)
        ]
        if rows:
            found.append(Upsert(view_priority_deals, rows))
    return found


def _registrations(head: Mapping[str, object], before: Account, after: Account) -> Iterable[dict[str, object]]:
    known = before.registrations
    for registration in after.registrations.values():
        old = known.get(registration.id)
        if old is registration:
            continue
        live = is_live_registration(registration)
        if old is not None and is_live_registration(old) == live and old.partner == registration.partner:
            continue
        yield {
            **head,
            "registration": registration.id,
            "account": after.id,
            "partner": registration.partner,
            "live": int(live),
        }


class AccountsAt(Protocol):
    """Folds accounts from the log, as of just before a position."""

    async def accounts_before(
        self,
        connection: AsyncConnection,
        programme: ProgrammeId,
        generation: int,
        accounts: Iterable[AccountId],
        position: int,
    ) -> Mapping[AccountId, Account]:
        """The states of these accounts after all their events before `position`.

        Which events are theirs is read from this generation of `view_priority_events`: a rebuild trusts only itself.
        """


@dataclass(frozen=True)
class Priority:
    """The inline projection as a rebuild applies it. The appender writes the same `rows` in its own statement."""

    accounts: AccountsAt
    name: Final = "priority"
    question: Final = "Who is first on an account, and what belongs to which account?"
    inline: Final = True
    tables: Final[tuple[Table, ...]] = (
        view_priority_accounts,
        view_priority_events,
        view_priority_keys,
        view_priority_names,
        view_priority_deals,
        view_priority_registrations,
        view_priority_parts,
    )
    reads: Final[tuple[str, ...]] = ()

    def key_of(self, event: Logged[object]) -> str | None:
        """The account; of deals that a CRM merged, their source."""
        what = event.event
        return f"deals of {what.source}" if isinstance(what, CrmDealsMerged) else account_of(what)

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Fold the events into their accounts and write what follows."""
        by_account = events_by_account(events)
        known = await self.accounts.accounts_before(connection, programme, generation, by_account, events[0].position)
        changes: list[Change] = []
        for story in stories(by_account, known).values():
            changes += rows(programme, generation, story.before, story.after, story.events)
        # A deal may have moved from one account to another: its rows count in the order of the log.
        changes += deals({"programme": programme, "generation": generation}, events)
        await execute(connection, changes)
