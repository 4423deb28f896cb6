"""Proposals of co-sell shares, and what the partners in them answer."""

from typing import Literal

from pydantic import Field

from api.models.base import Answer, InstantOut, Written
from service.payloads.base import LongText, Request
from service.payloads.registration import Shares

ProposalStatus = Literal["open", "agreed", "closed"]
PartnersAnswer = Literal["open", "accepted", "declined"]


class ProposeShares(Request):
    """Ask every partner named to agree."""

    shares: Shares = Field(description="All of them; the registration's partner is among them.")


class Decline(Request):
    """Say no."""

    reason: LongText | None = Field(
        default=None, description="For the lead and the vendor.", examples=["We do the whole delivery."]
    )


class ProposedAccount(Answer):
    """The end customer, as far as it has to be known to agree."""

    name: str = Field(description="Its name.", examples=["Acme GmbH"])
    country: str | None = Field(description="An ISO 3166 country.", examples=["DE"])


class OwnPart(Answer):
    """What is proposed to the partner that asks, and what it said."""

    basis_points: int = Field(description="Its part, in basis points.", examples=[4000])
    answer: PartnersAnswer = Field(description="What it answered.", examples=["open"])


class Part(OwnPart):
    """What is proposed to a partner, and what it said."""

    partner: str = Field(description="The partner.", examples=["contoso"])


class ShareProposal(Answer):
    """A proposal of shares. It binds nobody until every partner named has accepted."""

    id: str = Field(description="Its id.", examples=["shp_7Q"])
    status: ProposalStatus = Field(description="Whether it waits for answers.", examples=["open"])
    closed_because: Literal["declined", "expired", "replaced"] | None = Field(
        description="Why it is closed; null to a partner where another partner's doing closed it.", examples=["expired"]
    )
    account: ProposedAccount = Field(description="The end customer.")
    products: list[str] = Field(description="What would be shared.", examples=[["edge"]])
    lead: str = Field(description="The name of the partner that leads.", examples=["Northwind Traders"])
    own: OwnPart | None = Field(description="The part of the partner that asks; null to staff.")
    proposed_at: InstantOut = Field(description="When it was made.")
    expires_at: InstantOut = Field(description="Until when it can be answered, excluded.")
    registration: str | None = Field(description="The registration; to staff and the lead.", examples=["reg_7Q"])
    shares: list[Part] | None = Field(description="Everybody's part and answer; to staff and the lead.")


class ShareProposalWritten(ShareProposal, Written):
    """A proposal after it was made or answered."""


class ShareProposalPage(Answer):
    """A page of proposals."""

    items: list[ShareProposal] = Field(description="Oldest first.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
