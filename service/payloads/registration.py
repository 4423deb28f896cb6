"""A request to register, as it arrives over the API and by a CRM's webhook."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from domain.deal_registration.events import Engagement
from domain.deal_registration.involvement import Role
from service.payloads.base import BasisPoints, Day, LongText, MoneyIn, Request, ShortText, Slug
from service.payloads.countries import Country
from service.public_suffix import registrable_domain


def _domain(text: str) -> str:
    if registrable_domain(text) is None:
        raise ValueError("this names no domain such as acme.example")
    return text


Domain = Annotated[str, StringConstraints(min_length=3, max_length=253), AfterValidator(_domain)]


class AccountIn(Request):
    """The end customer as the caller knows it. One of country and domain is needed."""

    name: ShortText = Field(description="Its name, with the legal form if it has one.", examples=["Acme GmbH"])
    country: Country | None = Field(default=None, description="An ISO 3166 country.", examples=["DE"])
    domain: Domain | None = Field(default=None, description="Its internet domain.", examples=["acme.example"])
    crm_id: ShortText | None = Field(default=None, description="Its id in the CRM.", examples=["001A"])
    site: ShortText | None = Field(
        default=None, description="The site or division, where two of one customer are two accounts.", examples=["Bonn"]
    )
    segment: Slug | None = Field(
        default=None, description="The kind of customer, in the vendor's words.", examples=["enterprise"]
    )

    @model_validator(mode="after")
    def _states_where_it_is(self) -> Self:
        if self.country is None and self.domain is None:
            raise ValueError("an account needs its country or its domain")
        return self


class DealIn(Request):
    """A deal in a CRM."""

    source: Slug = Field(description="The source of webhooks that speaks for the CRM.", examples=["crm"])
    id: ShortText = Field(description="The CRM's own id.", examples=["D-8123"])


class ShareIn(Request):
    """One partner's part of the credit."""

    partner: Slug = Field(description="The partner.", examples=["northwind"])
    basis_points: BasisPoints = Field(description="Its part, in basis points.", examples=[10000])


def _whole(shares: tuple[ShareIn, ...]) -> tuple[ShareIn, ...]:
    if len({share.partner for share in shares}) != len(shares):
        raise ValueError("a partner stands in the shares once")
    if sum(share.basis_points for share in shares) != 10_000:
        raise ValueError("the shares sum to exactly 10000 basis points")
    return shares


Shares = Annotated[tuple[ShareIn, ...], Field(min_length=1, max_length=20), AfterValidator(_whole)]


def distinct(products: tuple[str, ...]) -> tuple[str, ...]:
    """Products, each named once."""
    if len(set(products)) != len(products):
        raise ValueError("a product is named once")
    return products


class RoleIn(Request):
    """One partner's part in the work on a deal."""

    partner: Slug = Field(description="The partner.", examples=["contoso"])
    role: Role = Field(description="Its part.", examples=["delivery"])


def _once(roles: tuple[RoleIn, ...]) -> tuple[RoleIn, ...]:
    if len({(role.partner, role.role) for role in roles}) != len(roles):
        raise ValueError("a partner has a role once")
    return roles


Roles = Annotated[tuple[RoleIn, ...], Field(max_length=50), AfterValidator(_once)]


class RegistrationFields(Request):
    """What every request to register states, over the API and by a CRM's webhook."""

    partner: Slug | None = Field(
        default=None, description="The partner; a partner's own key may leave it out.", examples=["northwind"]
    )
    account: AccountIn = Field(description="The end customer.")
    products: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=50), AfterValidator(distinct)] = Field(
        description="What is claimed, each product on its own.", examples=[["edge"]]
    )
    value: MoneyIn = Field(description="The expected value of the deal.")
    expected_close_on: Day | None = Field(default=None, description="When the deal should close.")
    engagement: Engagement = Field(description="How the partner works on it.", examples=["referral"])
    sales_owner: ShortText | None = Field(
        default=None, description="Who on the vendor's side; kept outside the log.", examples=["a.meyer"]
    )
    shares: Shares | None = Field(default=None, description="Co-sell shares; default: all to `partner`.")
    notes: LongText | None = Field(default=None, description="Kept outside the log.", examples=["Met at the fair."])
    lead: ShortText | None = Field(
        default=None, description="The accepted lead that it is made from; it stays its origin.", examples=[None]
    )
    roles: Roles = Field(default=(), description="Who has which part in the work; it earns nothing by itself.")

    @model_validator(mode="after")
    def _lead_has_a_share(self) -> Self:
        if self.partner is not None and self.shares and self.partner not in {s.partner for s in self.shares}:
            raise ValueError("the registration's partner is in its shares")
        return self
