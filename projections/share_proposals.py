"""Which proposals of shares are there, whom do they name, and are they still open?

The status in a row is the one that the log states; an open one is over once `expires_at` has come (rules §2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Integer, Table, Text, and_, or_
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
from projections.account_stories import account_of
from projections.changes import Change, Delete, Upsert
from projections.concerning_partners import ConcerningPartners
from projections.metadata import metadata
from projections.priority import AccountsAt
from projections.projection import Logged
from projections.rows_on_accounts import write_rows

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

PROPOSALS: Final = ConcerningPartners(
    projection="share_proposals",
    things=view_share_proposals,
    partners=view_share_proposal_partners,
    thing="proposal",
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
    made = view_share_proposals.c
    columns = (made.proposal, made.account, made.registration, made.position)
    lapsed = and_(made.status == "open", made.expires_at <= now)
    conditions: list[ColumnElement[bool]] = []
    if status == "closed":
        conditions = [or_(made.status == "closed", lapsed)]
    elif status is not None:
        conditions = [made.status == status, ~lapsed]
    rows = await PROPOSALS.listed(
        connection, programme, columns, *conditions, partner=partner, after=after, limit=limit
    )
    return [
        Listed(
            proposal=ShareProposalId(row.proposal),
            account=AccountId(row.account),
            registration=RegistrationId(row.registration),
            position=Position(row.position),
        )
        for row in rows
    ]


async def find_account_of_proposal(
    connection: AsyncConnection, programme: ProgrammeId, proposal: ShareProposalId, partner: PartnerId | None
) -> AccountId | None:
    """The account of a proposal; None where there is no such proposal, or none that names the partner."""
    return await PROPOSALS.account_of(connection, programme, proposal, partner)


async def accounts_of_open_proposals(
    connection: AsyncConnection, programme: ProgrammeId, partner: PartnerId, *, at_most: int
) -> list[AccountId]:
    """The accounts with an open proposal that names the partner, as the log states it."""
    is_open = view_share_proposals.c.status == "open"
    return await PROPOSALS.accounts_concerning(connection, programme, partner, is_open, at_most=at_most)


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
        await write_rows(
            connection, programme, generation, events, accounts=self.accounts, concerns=concerns, rows=rows
        )
