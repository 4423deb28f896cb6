"""Which proposals of shares are there, whom do they name, and are they still open?

The status in a row is the one that the log states; an open one is over once `expires_at` has come (rules §2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent
from domain.account.state import Account
from domain.deal_registration.events import SharesAgreed
from domain.deal_registration.share_events import ShareProposalEvent
from domain.deal_registration.share_proposal import ProposalStatus, ShareProposal
from domain.deal_registration.transfer_events import ShareProposalTransferred
from domain.ids import AccountId, Instant, PartnerId, Position, ProgrammeId, RegistrationId, ShareProposalId
from domain.recorded import Recorded
from projections.account_stories import account_of, accounts_of, events_by_account, stories
from projections.changes import Change, Delete, Upsert, execute
from projections.metadata import metadata
from projections.priority import AccountsAt
from projections.projection import Logged, live_generation

view_share_proposals = Table(
    "view_share_proposals",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("proposal", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("registration", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    comment="Each proposal of shares, its state, and the position at which it was made.",
)
Index(
    "view_share_proposals_position_idx",
    view_share_proposals.c.programme,
    view_share_proposals.c.generation,
    view_share_proposals.c.position,
)

view_share_proposal_partners = Table(
    "view_share_proposal_partners",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("partner", Text, primary_key=True),
    Column("proposal", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    comment="The partners that a proposal of shares names, the lead among them; the position at which it was made.",
)
Index(
    "view_share_proposal_partners_partner_idx",
    view_share_proposal_partners.c.programme,
    view_share_proposal_partners.c.generation,
    view_share_proposal_partners.c.partner,
    view_share_proposal_partners.c.position,
    view_share_proposal_partners.c.proposal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A proposal's place in a list."""

    proposal: ShareProposalId
    account: AccountId
    registration: RegistrationId
    position: Position


async def list_share_proposals(
    connection: AsyncConnection,
    programme: ProgrammeId,
    *,
    partner: PartnerId | None,
    status: ProposalStatus | None,
    now: Instant,
    after: tuple[int, str],
    limit: int,
) -> list[Listed]:
    """The proposals made after a (position, id), in order: all of them, or those that name a partner."""
    generation = await live_generation(connection, programme, "share_proposals")
    made, named = view_share_proposals.c, view_share_proposal_partners.c
    listed = (view_share_proposals if partner is None else view_share_proposal_partners).c
    later = or_(listed.position > after[0], and_(listed.position == after[0], listed.proposal > after[1]))
    statement = (
        select(made.proposal, made.account, made.registration, made.position)
        .where(listed.programme == programme, listed.generation == generation, listed.position >= after[0], later)
        .order_by(listed.position, listed.proposal)
        .limit(limit)
    )
    lapsed = and_(made.status == "open", made.expires_at <= now)
    if status == "closed":
        statement = statement.where(or_(made.status == "closed", lapsed))
    elif status is not None:
        statement = statement.where(made.status == status, ~lapsed)
    if partner is not None:
        it = and_(
            made.programme == named.programme, made.generation == named.generation, made.proposal == named.proposal
        )
        statement = statement.where(named.partner == partner).join_from(
            view_share_proposal_partners, view_share_proposals, it
        )
    return [
        Listed(
            proposal=ShareProposalId(row.proposal),
            account=AccountId(row.account),
            registration=RegistrationId(row.registration),
            position=Position(row.position),
        )
        for row in await connection.execute(statement)
    ]


async def find_account_of_proposal(
    connection: AsyncConnection, programme: ProgrammeId, proposal: ShareProposalId, partner: PartnerId | None
) -> AccountId | None:
    """The account of a proposal; None where there is no such proposal, or none that names the partner."""
    generation = await live_generation(connection, programme, "share_proposals")
    made, named = view_share_proposals.c, view_share_proposal_partners.c
    statement = select(made.account).where(
        made.programme == programme, made.generation == generation, made.proposal == proposal
    )
    if partner is not None:
        names_it = select(named.proposal).where(
            named.programme == programme,
            named.generation == generation,
            named.partner == partner,
            named.proposal == proposal,
        )
        statement = statement.where(names_it.exists())
    found = await connection.scalar(statement)
    return None if found is None else AccountId(found)


async def accounts_of_open_proposals(
    connection: AsyncConnection, programme: ProgrammeId, partner: PartnerId, *, at_most: int
) -> list[AccountId]:
    """The accounts with an open proposal that names the partner, as the log states it."""
    generation = await live_generation(connection, programme, "share_proposals")
    made, named = view_share_proposals.c, view_share_proposal_partners.c
    statement = (
        select(made.account)
        .distinct()
        .join(view_share_proposal_partners, named.proposal == made.proposal)
        .where(
            *(table.programme == programme for table in (made, named)),
            *(table.generation == generation for table in (made, named)),
            named.partner == partner,
            made.status == "open",
        )
        .order_by(made.account)
        .limit(at_most)
    )
    return [AccountId(account) for account in (await connection.execute(statement)).scalars()]


def concerns(event: object) -> bool:
    """Whether an event may change what stands in a proposal's row, or the account that it stands on is told with it."""
    return isinstance(event, AccountsMerged) or bool(_registrations(event))


def _registrations(event: object) -> tuple[RegistrationId, ...]:
    """The registrations whose proposals an event may change."""
    if isinstance(event, AccountsMerged):
        return event.registrations
    return (event.registration,) if isinstance(event, ShareProposalEvent | SharesAgreed) else ()


def rows(
    programme: ProgrammeId, generation: int, after: Account, events: Iterable[Recorded[AccountEvent]]
) -> list[Change]:
    """The rows that follow from events on one account, given the account after them."""
    head = {"programme": programme, "generation": generation}
    touched = {registration for recorded in events for registration in _registrations(recorded.event)}
    proposals = [proposal for proposal in after.share_proposals.values() if proposal.registration in touched]
    if not proposals:
        return []
    gone = [
        (*head.values(), event.partner, event.proposal)
        for event in (recorded.event for recorded in events)
        if isinstance(event, ShareProposalTransferred)
    ]
    return [
        *([Delete(view_share_proposal_partners, gone)] if gone else []),
        Upsert(view_share_proposals, [_row(head, after, proposal) for proposal in proposals]),
        Upsert(
            view_share_proposal_partners,
            [
                {**head, "partner": partner, "proposal": proposal.id, "position": proposal.evidence[0]}
                for proposal in proposals
                for partner in proposal.partners
            ],
        ),
    ]


def _row(head: dict[str, object], account: Account, proposal: ShareProposal) -> dict[str, object]:
    return {
        **head,
        "proposal": proposal.id,
        "account": account.id,
        "registration": proposal.registration,
        "status": proposal.status,
        "expires_at": proposal.expires_at,
        "position": proposal.evidence[0],
    }


@dataclass(frozen=True)
class ShareProposals:
    """The inline projection as a rebuild applies it. The appender writes the same `rows` in its own statement."""

    accounts: AccountsAt
    name: Final = "share_proposals"
    question: Final = "Which proposals of shares are there, and whom do they name?"
    inline: Final = True
    tables: Final[tuple[Table, ...]] = (view_share_proposals, view_share_proposal_partners)
    reads: Final[tuple[str, ...]] = ("priority",)

    def key_of(self, event: Logged[object]) -> str | None:
        """The account."""
        return account_of(event.event) if concerns(event.event) else None

    async def apply(
        self, connection: AsyncConnection, programme: ProgrammeId, generation: int, events: Sequence[Logged[object]]
    ) -> None:
        """Fold the events into their accounts and write the rows of the proposals among them."""
        touched = {
            account for recorded in events if concerns(recorded.event) for account in accounts_of(recorded.event)
        }
        if not touched:
            return
        known = await self.accounts.accounts_before(connection, programme, generation, touched, events[0].position)
        by_account = events_by_account(events)
        told = stories({account: by_account[account] for account in sorted(touched)}, known)
        changes = [row for story in told.values() for row in rows(programme, generation, story.after, story.events)]
        await execute(connection, changes)
