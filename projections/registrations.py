"""Which registrations are there: of a partner, in a status, on an account, with protection about to end?

The status in a row is the one that the log states. What time alone has changed since (rules §2) is not written there:
`Listed.is_due` says that the reader has to let time pass on the account first, and then ask `Wanted.is_met_by`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.passing_of_time import next_due
from domain.account.priority import Status, protection, protection_runs_out_at, status
from domain.account.state import Account, Registration
from domain.ids import AccountId, Instant, PartnerId, Position, ProgrammeId, RegistrationId
from projections.account_stories import account_of, events_by_account, stories
from projections.changes import Change, Upsert, execute
from projections.metadata import metadata
from projections.projection import Logged, live_generation
from projections.reviews import review_rows, view_reviews
from projections.states import StatesAt

view_registrations = Table(
    "view_registrations",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("registration", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("protected_until", BigInteger),
    Column("registered_at", BigInteger, nullable=False),
    Column("review_us", BigInteger),
    Column("rejected_because", Text),
    Column("contested", Integer, nullable=False),
    comment="Each registration with its place, its status as the log states it, how long a person took to approve or "
    "reject it (µs), the kind of reason for a rejection, and 1 where it came behind another partner's.",
)
Index(
    "view_registrations_position_idx",
    view_registrations.c.programme,
    view_registrations.c.generation,
    view_registrations.c.position,
)
Index(
    "view_registrations_partner_idx",
    view_registrations.c.programme,
    view_registrations.c.generation,
    view_registrations.c.partner,
    view_registrations.c.position,
)
Index(
    "view_registrations_account_idx",
    view_registrations.c.programme,
    view_registrations.c.generation,
    view_registrations.c.account,
)

view_registration_accounts = Table(
    "view_registration_accounts",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("account", Text, primary_key=True),
    Column("due_at", BigInteger),
    comment="The instant (µs) from which time alone changes the statuses on an account, null when nothing is due.",
)
Index(
    "view_registration_accounts_due_at_idx",
    view_registration_accounts.c.programme,
    view_registration_accounts.c.generation,
    view_registration_accounts.c.due_at,
    view_registration_accounts.c.account,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which registrations a reader asks for; None asks for any. `expiring_before`: protection ends by then."""

    now: Instant
    partner: PartnerId | None = None
    status: Status | None = None
    accounts: Sequence[AccountId] | None = None
    expiring_before: Instant | None = None

    def is_met_by(self, account: AccountId, registration: Registration) -> bool:
        """Whether a registration, with all that fell due up to now written, is among them."""
        ends_at = protection_runs_out_at(registration)
        return (
            self.partner in (None, registration.partner)
            and self.status in (None, status(registration))
            and (self.accounts is None or account in self.accounts)
            and (self.expiring_before is None or (ends_at is not None and self.now < ends_at <= self.expiring_before))
        )


async def due_accounts(
    connection: AsyncConnection, programme: ProgrammeId, now: Instant, at_most: int
) -> list[AccountId]:
    """The accounts on which time alone has changed a status that is not written yet."""
    generation = await live_generation(connection, programme, "registrations")
    accounts = view_registration_accounts.c
    statement = (
        select(accounts.account)
        .where(accounts.programme == programme, accounts.generation == generation, accounts.due_at <= now)
        .order_by(accounts.due_at, accounts.account)
        .limit(at_most)
    )
    return [AccountId(account) for account in (await connection.execute(statement)).scalars()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A registration's place in a list. `is_due`: time has changed its account since, so it may not belong here."""

    registration: RegistrationId
    account: AccountId
    position: Position
    is_due: bool


async def list_registrations(
    connection: AsyncConnection, programme: ProgrammeId, wanted: Wanted, *, after: Position, limit: int
) -> list[Listed]:
    """Those recorded after a position, in order, that are wanted, or that may be once time has passed."""
    generation = await live_generation(connection, programme, "registrations")
    rows, accounts = view_registrations.c, view_registration_accounts.c
    is_due = and_(accounts.due_at.is_not(None), accounts.due_at <= wanted.now)
    stated = []
    if wanted.status is not None:
        stated.append(rows.status == wanted.status)
    if wanted.expiring_before is not None:
        ends_soon = and_(rows.protected_until > wanted.now, rows.protected_until <= wanted.expiring_before)
        stated.append(and_(ends_soon, rows.status != "won"))
    statement = (
        select(rows.registration, rows.account, rows.position, is_due.label("is_due"))
        .join(
            view_registration_accounts,
            and_(
                accounts.programme == rows.programme,
                accounts.generation == rows.generation,
                accounts.account == rows.account,
            ),
        )
        .where(
            rows.programme == programme,
            rows.generation == generation,
            rows.position > after,
            or_(is_due, and_(True, *stated)),
        )
        .order_by(rows.position)
        .limit(limit)
    )
    if wanted.partner is not None:
        statement = statement.where(rows.partner == wanted.partner)
    if wanted.accounts is not None:
        statement = statement.where(rows.account.in_(wanted.accounts))
    return [
        Listed(
            registration=RegistrationId(row.registration),
            account=AccountId(row.account),
            position=Position(row.position),
            is_due=bool(row.is_due),
        )
        for row in await connection.execute(statement)
    ]


def rows_of(head: Mapping[str, object], before: Account, after: Account) -> Iterator[dict[str, object]]:
    """The rows of those partners' registrations that events on their account have changed."""
    for registration in after.registrations.values():
        old = before.registrations.get(registration.id)
        if old is registration or registration.is_direct:
            continue
        row = _row(head, after, registration)
        was = None if old is None or before is None else _row(head, before, old)
        if row != was:
            yield row


def _row(head: Mapping[str, object], account: Account, registration: Registration) -> dict[str, object]:
    protected, verdict, rejection = protection(registration), registration.verdict, registration.rejection
    clashes = (case.challenger == registration.id and case.product is not None for case in account.cases.values())
    return {
        **head,
        "registration": registration.id,
        "position": registration.place,
        "account": account.id,
        "partner": registration.partner,
        "status": status(registration),
        "protected_until": None if protected is None else protected[1],
        "registered_at": registration.registered_at,
        "review_us": None if verdict is None else verdict.at - verdict.since,
        "rejected_because": None if rejection is None else rejection.code or "unstated",
        "contested": int(any(clashes)),
    }


@dataclass(frozen=True)
class Registrations:
    """The following projection behind the list of registrations."""

    states: StatesAt
    name: Final = "registrations"
    question: Final = "Which registrations are there, of whom, in which status, on which account?"
    inline: Final = False
    tables: Final[tuple[Table, ...]] = (view_registrations, view_registration_accounts, view_reviews)
    reads: Final[tuple[str, ...]] = ()

    def key_of(self, event: Logged[object]) -> str | None:
        """The account."""
        return account_of(event.event)

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Write the rows of the accounts that the events are about."""
        by_account = events_by_account(events)
        if not by_account:
            return
        before_all = Position(events[0].position - 1)
        known = await self.states.accounts_at(connection, programme, by_account, before_all)
        head = {"programme": programme, "generation": generation}
        rows: list[dict[str, object]] = []
        dues: list[dict[str, object]] = []
        reviews: list[Change] = []
        for account_id, story in stories(by_account, known).items():
            account = story.after
            rows.extend(rows_of(head, story.before, account))
            reviews.extend(review_rows(head, story.before, account))
            due = next_due(account)
            dues.append({**head, "account": account_id, "due_at": None if due is None else due.at})
        written = [Upsert(view_registrations, rows), Upsert(view_registration_accounts, dues), *reviews]
        await execute(connection, written)
