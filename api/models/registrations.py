"""Registrations: what a partner asks for, and how a registration stands."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api.models.base import Answer, InstantOut, MoneyOut, Written
from domain.account.approval import Awaited
from domain.deal_registration.events import Engagement, RejectionCode
from domain.deal_registration.involvement import Role
from service.payloads.base import Day, LongText, MoneyIn, Request, ShortText
from service.payloads.registration import DealIn, RegistrationFields, Roles, Shares

RegistrationStatus = Literal[
    "under_review", "approved", "waiting", "returned", "rejected", "withdrawn", "expired", "won", "lost"
]


class Register(RegistrationFields):
    """One partner's request to be credited for one opportunity."""

    deal: DealIn | None = Field(default=None, description="The deal in the CRM, when it is known already.")


class Reason(Request):
    """Why."""

    reason: LongText = Field(description="A sentence for the other side.", examples=["The customer is ours already."])


class Reject(Reason):
    """Say no: in words, and by a reason from the list where one fits."""

    reason_code: RejectionCode | None = Field(
        default=None, description="The kind of reason; null where none is stated.", examples=["existing_customer"]
    )


Returnable = Literal["value", "engagement", "expected_close_on", "sales_owner", "notes"]


class Return(Request):
    """Send a registration back to its partner. (Another account or other products are another registration.)"""

    reason: LongText = Field(description="What has to be changed.", examples=["Please state the value per year."])
    fields: Annotated[tuple[Returnable, ...], Field(min_length=1, max_length=20)] = Field(
        description="The fields to change: these and no others may be.", examples=[["value"]]
    )


class Resubmit(Request):
    """Answer a return: what is left out stays as it is."""

    value: MoneyIn | None = Field(default=None, description="The expected value of the deal.")
    engagement: Engagement | None = Field(
        default=None, description="How the partner works on it.", examples=["co_sell"]
    )
    expected_close_on: Day | None = Field(default=None, description="When the deal should close.")
    sales_owner: ShortText | None = Field(
        default=None, description="Who on the vendor's side; kept outside the log.", examples=["a.meyer"]
    )
    notes: LongText | None = Field(default=None, description="Kept outside the log.", examples=["See the new figure."])

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("state at least one field")
        return self


class Extend(Request):
    """Ask for an extension of the protection."""

    evidence: LongText = Field(description="What was done on the deal.", examples=["Proof of concept signed on 3 May."])


class SetShares(Request):
    """Agree on co-sell shares."""

    shares: Shares = Field(description="All of them; the registration's partner is among them.")


class SetSalesOwner(Request):
    """Say who of the vendor's sales works on it."""

    sales_owner: ShortText = Field(description="Who; kept outside the log.", examples=["a.meyer"])


class SetRoles(Request):
    """State who has which part in the work."""

    roles: Roles = Field(description="All of them; they take the place of those stated before.")


class AccountOut(Answer):
    """The end customer as it was registered."""

    name: str = Field(description="Its name.", examples=["Acme GmbH"])
    country: str | None = Field(description="An ISO 3166 country.", examples=["DE"])
    domain: str | None = Field(description="Its internet domain.", examples=["acme.example"])
    crm_id: str | None = Field(description="Its id in the CRM.", examples=["001A"])
    site: str | None = Field(description="The site or division.", examples=["Bonn"])
    segment: str | None = Field(description="The kind of customer.", examples=["enterprise"])


class DealOut(Answer):
    """A deal in a CRM."""

    source: str = Field(description="The source that speaks for the CRM.", examples=["crm"])
    id: str = Field(description="The CRM's own id.", examples=["D-8123"])


class ShareOut(Answer):
    """One partner's part of the credit."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    basis_points: int = Field(description="Its part, in basis points.", examples=[10000])


class OriginOut(Answer):
    """The accepted lead that a registration was made from."""

    lead: str = Field(description="The lead.", examples=["lead_7Q"])
    source: str | None = Field(description="The partner that passed it on; null: the vendor.", examples=["contoso"])


class Protection(Answer):
    """The half-open interval in which the holder may not be displaced."""

    since: InstantOut = Field(alias="from", description="Its beginning, included.")
    until: InstantOut = Field(description="Its end, excluded.")


class Standing(Answer):
    """The place in the queue of one product."""

    product: str = Field(description="The product.", examples=["edge"])
    rank: int | None = Field(description="1 is first; null when the claim has ended.", examples=[1])
    holder: bool = Field(description="Whether this claim is the first.", examples=[True])
    conflict: str | None = Field(description="The conflict case of this claim.", examples=["cft_41"])
    protection: Protection | None = Field(description="Of this claim; null while it waits or is not approved.")


class Returned(Answer):
    """What the reviewer waits for."""

    reason: str = Field(description="What has to be changed.", examples=["Please state the value per year."])
    fields: list[str] = Field(description="The fields that may be changed.", examples=[["value"]])
    until: InstantOut | None = Field(description="Unanswered until then, the claim ends by itself; excluded.")


class Rejection(Answer):
    """Why a reviewer said no."""

    reason_code: RejectionCode | None = Field(description="The kind of reason, if stated.", examples=["too_early"])
    reason: str = Field(description="In words.", examples=["The customer is ours already."])


class AskedExtension(Answer):
    """An extension that waits for a person's decision."""

    asked_at: InstantOut = Field(description="When it was asked for.")
    evidence: str = Field(description="What was done on the deal.", examples=["Proof of concept signed on 3 May."])


ApprovalAwaits = Annotated[
    list[Awaited],
    Field(
        description="While it is under review, what has to come before it can be approved: the decision of a "
        "`territory_case` or a `duplicate_case`, or that a `sales_owner` is named.",
        examples=[["sales_owner"]],
    ),
]


class Registration(Answer):
    """How a registration stands."""

    id: str = Field(description="Its id.", examples=["reg_7Q"])
    partner: str = Field(description="Its partner.", examples=["northwind"])
    status: RegistrationStatus = Field(description="Where it is in its life.", examples=["approved"])
    account: AccountOut = Field(description="The end customer.")
    products: list[str] = Field(description="What it claims.", examples=[["edge"]])
    value: MoneyOut = Field(description="The value of the deal, as last stated.")
    expected_close_on: Day | None = Field(description="When the deal should close.")
    engagement: Engagement = Field(description="How the partner works on it.", examples=["referral"])
    deal: DealOut | None = Field(description="The deal in the CRM.")
    shares: list[ShareOut] = Field(
        description="Who is credited; to a partner whose conflict was decided as `split`, its own share."
    )
    standing: list[Standing] = Field(description="Its place in each queue.")
    protection: Protection | None = Field(description="Null while somebody is ahead or nothing is approved.")
    origin: OriginOut | None = Field(description="The lead that it was made from; null where it was made from none.")
    returned: Returned | None = Field(description="While it is returned: what is to be changed, and until when.")
    rejection: Rejection | None = Field(description="When a reviewer has rejected it: why.")
    conflict: str | None = Field(
        description="The first conflict case of its standings, or the one that keeps it under review.",
        examples=["cft_41"],
    )
    asked_extension: AskedExtension | None = Field(description="While an extension waits for a person's decision.")
    approval_awaits: ApprovalAwaits


class RegistrationWritten(Registration, Written):
    """How a registration stands after a request that changed it."""


class PartnerRoleOut(Answer):
    """One partner's part in the work on the deal."""

    partner: str = Field(description="The partner.", examples=["contoso"])
    role: Role = Field(description="Its part.", examples=["delivery"])


class AttributionOut(Answer):
    """What a partner was to the won deal."""

    partner: str = Field(description="The partner.", examples=["contoso"])
    how: Literal["sourced", "influenced"] = Field(description="What it was.", examples=["influenced"])


class Receipt(Answer):
    """Proof of the registered event: with it `verify --receipt` catches a cut or rewritten log."""

    position: int = Field(description="Of the registered event itself.", examples=[17])
    hash: str = Field(description="The log's chain hash there, hexadecimal.", examples=["9f2c"])


class Registered(RegistrationWritten):
    """A new registration."""

    receipt: Receipt = Field(description="Proof of the registered event.")


class Happening(Answer):
    """One event of a registration's history, in words."""

    position: int = Field(description="Its place in the log.", examples=[17])
    recorded_at: InstantOut = Field(description="When it was recorded.")
    what: str = Field(description="A sentence.", examples=["Approved: protected until 2026-12-21."])
    by: str | None = Field(description="Who did it; null to a partner.", examples=["key_1f"])


class InReview(Answer):
    """Whose answer a registration waits for."""

    waits_for: Literal["reviewer", "partner"] = Field(description="Whose turn it is.", examples=["reviewer"])
    subject: Literal["approval", "extension"] = Field(description="What is to be answered.", examples=["approval"])
    since: InstantOut = Field(description="Since when.")
    due_at: InstantOut | None = Field(description="By when it should be answered; null without a target.")
    overdue: bool = Field(description="Whether that instant has come: the registration is stuck.", examples=[False])


class RegistrationListed(Registration):
    """How a registration stands, and how long that may last."""

    days_left: int | None = Field(
        description="Days of protection left, begun ones counted; null without protection, and once won.",
        examples=[12],
    )
    review: InReview | None = Field(description="While it waits for an answer: whose, and since when.")


class RegistrationInFull(RegistrationListed):
    """A registration with its history."""

    sales_owner: str | None = Field(description="Who on the vendor's side.", examples=["a.meyer"])
    notes: str | None = Field(description="The partner's notes.", examples=["Met at the fair."])
    roles: list[PartnerRoleOut] = Field(description="Who has which part in the work; to a partner its own.")
    attributions: list[AttributionOut] = Field(
        description="Of a won deal: who sourced and who influenced it, as decided at the win; to a partner its own."
    )
    history: list[Happening] = Field(description="What happened to it, oldest first.")


class RegistrationPage(Answer):
    """A page of registrations."""

    items: list[RegistrationListed] = Field(description="Newest last.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
