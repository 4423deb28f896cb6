"""Leads that are passed to a partner."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from api.models.base import Answer, InstantOut, Written
from service.payloads.base import LongText, Request, Slug
from service.payloads.registration import AccountIn, distinct

LeadStatus = Literal["offered", "accepted", "declined", "withdrawn", "expired"]


class OfferLead(Request):
    """Tell a partner of an opportunity."""

    source: Slug | None = Field(
        default=None, description="The partner that it comes from; staff may leave it out: the vendor.", examples=[None]
    )
    recipient: Slug = Field(description="The partner that it is offered to.", examples=["contoso"])
    account: AccountIn = Field(description="The end customer.")
    products: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=50), AfterValidator(distinct)] = Field(
        description="What it is about.", examples=[["edge"]]
    )
    notes: LongText | None = Field(
        default=None, description="Whom to talk to; shown once it is accepted.", examples=["Ask for the CIO."]
    )


class DeclineLead(Request):
    """Say no."""

    reason: LongText | None = Field(default=None, description="Why.", examples=["We do not work in this region."])


class NamedPartner(Answer):
    """A partner."""

    id: str = Field(description="Its id.", examples=["contoso"])
    name: str = Field(description="Its name.", examples=["Contoso"])


class LeadAccount(Answer):
    """The end customer of a lead."""

    name: str = Field(description="Its name.", examples=["Acme GmbH"])
    country: str | None = Field(description="An ISO 3166 country.", examples=["DE"])
    domain: str | None = Field(description="Its internet domain.", examples=["acme.example"])
    site: str | None = Field(description="The site or division.", examples=["Bonn"])


class Lead(Answer):
    """A lead. It is no claim: it gives nobody a place in a queue."""

    id: str = Field(description="Its id.", examples=["lead_7Q"])
    status: LeadStatus = Field(description="Whether it was taken on.", examples=["offered"])
    reason: str | None = Field(description="Why it was declined or taken back.", examples=[None])
    source: NamedPartner | None = Field(description="The partner that it comes from; null: the vendor.")
    recipient: NamedPartner = Field(description="The partner that it is offered to.")
    account: LeadAccount = Field(description="The end customer.")
    products: list[str] = Field(description="What it is about.", examples=[["edge"]])
    notes: str | None = Field(
        description="Whom to talk to; to the recipient once it has accepted.", examples=["Ask for the CIO."]
    )
    offered_at: InstantOut = Field(description="When it was offered.")
    expires_at: InstantOut = Field(description="Until when it can be answered, excluded.")


class LeadWritten(Lead, Written):
    """A lead after something was done with it; its notes are read with GET."""


class LeadPage(Answer):
    """A page of leads."""

    items: list[Lead] = Field(description="Oldest first.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
