"""Co-sell shares that every party agrees: proposed, answered by each partner that is named, read."""

from typing import Annotated, Final

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.sharing import (
    Decline,
    ProposalStatus,
    ProposeShares,
    ShareProposal,
    ShareProposalPage,
    ShareProposalWritten,
)
from api.operation import Operations
from api.paging import Listing, Reading, page, read_cursor
from api.problems import not_found
from api.security import ALL_BUT_CRM, PARTNERS_OWN, allowed
from domain.ids import RegistrationId, ShareProposalId
from projections.share_proposals import find_account_of_proposal, list_share_proposals
from service.commands.registering import fresh_token
from service.commands.registrations import agreed
from service.commands.sharing import AnswerProposal, Propose
from service.presentation.share_proposals import proposal_document

sharing = Operations("Shares")

VIEW: Final = "share_proposals"
REFUSALS_OF_AN_ANSWER: Final = ("WRONG_STATE", "ALREADY_WON", "PARTNER_NOT_ACTIVE")


@sharing.operation(
    "POST",
    "/v1/registrations/{id}/share-proposals",
    roles=allowed("partner", "partner_manager"),
    answer=ShareProposalWritten,
    status=201,
    refusals=("WRONG_STATE", "ALREADY_WON", "UNKNOWN_PARTNER", "PARTNER_NOT_ACTIVE"),
    also={200: {"model": ShareProposalWritten, "description": "Proposed already: nothing was written."}},
)
async def propose_shares(call: Call, id: path.Registration, body: ProposeShares) -> Response:  # noqa: A002 - as in the path
    """Propose co-sell shares to every partner named.

    The shares are agreed with the last acceptance. The lead partner accepts by proposing. A new proposal replaces the
    open one; one that is not answered in time expires.
    """
    token = fresh_token()
    work = Propose(
        actor=call.actor,
        registration=RegistrationId(id),
        only_of=call.partner,
        proposal=ShareProposalId(f"shp_{token}"),
        shares=agreed((share.partner, share.basis_points) for share in body.shares),
        token=token,
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


@sharing.operation(
    "POST",
    "/v1/share-proposals/{id}/accept",
    roles=PARTNERS_OWN,
    answer=ShareProposalWritten,
    refusals=REFUSALS_OF_AN_ANSWER,
)
async def accept_shares(call: Call, id: path.ShareProposal) -> Response:  # noqa: A002 - as in the path
    """Accept proposed shares, as one of the partners named; with the last of them the shares are agreed."""
    return await _answer(call, id, accepts=True, reason=None)


@sharing.operation(
    "POST",
    "/v1/share-proposals/{id}/decline",
    roles=PARTNERS_OWN,
    answer=ShareProposalWritten,
    refusals=("WRONG_STATE",),
)
async def decline_shares(call: Call, id: path.ShareProposal, body: Decline) -> Response:  # noqa: A002 - as in the path
    """Decline proposed shares, as one of the partners named; the proposal is over."""
    return await _answer(call, id, accepts=False, reason=body.reason)


async def _answer(call: Call, proposal: str, *, accepts: bool, reason: str | None) -> Response:
    assert call.partner is not None
    work = AnswerProposal(
        actor=call.actor,
        proposal=ShareProposalId(proposal),
        partner=call.partner,
        accepts=accepts,
        reason=reason,
        token=fresh_token(),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


class Wanted(Listing):
    """Which proposals."""

    status: ProposalStatus | None = Field(default=None, description="In this status.")


@sharing.operation("GET", "/v1/share-proposals", roles=ALL_BUT_CRM, answer=ShareProposalPage)
async def list_proposals(call: Call, query: Annotated[Wanted, Query()]) -> Response:
    """List proposals of shares, oldest first; to a partner those that name it."""
    after = read_cursor(query.after, VIEW, 0, "")
    async with call.reading(query) as moment:
        found = await list_share_proposals(
            moment.connection,
            call.programme,
            partner=call.partner,
            status=query.status,
            now=moment.now,
            after=after,
            limit=query.limit + 1,
        )
        listed = page(found, query.limit, VIEW, lambda one: (one.position, one.proposal))
        accounts = await moment.accounts(dict.fromkeys(one.account for one in listed.items))
        leads = [accounts[one.account].registrations[one.registration].partner for one in listed.items]
        partners = await moment.partners(dict.fromkeys(leads))
        documents = (
            proposal_document(accounts[one.account], one.proposal, partners[lead], call.partner)
            for one, lead in zip(listed.items, leads, strict=True)
        )
        return shown(listed.of(documents), moment.position)


@sharing.operation("GET", "/v1/share-proposals/{id}", roles=ALL_BUT_CRM, answer=ShareProposal)
async def show_proposal(
    call: Call,
    id: path.ShareProposal,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show a proposal of shares; to a partner named in it its own part of it."""
    async with call.reading(query) as moment:
        proposal = ShareProposalId(id)
        account_id = await find_account_of_proposal(moment.connection, call.programme, proposal, call.partner)
        if account_id is None:
            raise not_found(f"There is no proposal {id}.")
        account = (await moment.accounts([account_id]))[account_id]
        lead = account.registrations[account.share_proposals[proposal].registration].partner
        partners = await moment.partners([lead])
        return shown(proposal_document(account, proposal, partners[lead], call.partner), moment.position)
