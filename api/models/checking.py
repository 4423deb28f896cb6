"""What registering would lead to."""

from pydantic import Field

from api.models.base import Answer
from api.models.conflicts import Duplicate
from api.models.registrations import ApprovalAwaits, Protection, RegistrationStatus


class PolicyChecked(Answer):
    """What one eligibility policy says of a request."""

    policy: str = Field(description="The sentence that has to be true.", examples=["agreement_covers_the_products"])
    passed: bool | None = Field(
        description="Whether it is true; null to a partner where registering would not have told it.", examples=[True]
    )
    code: str | None = Field(description="The code of the refusal.", examples=[None])
    reason: str | None = Field(description="Why it is not true.", examples=[None])


class ReviewChecked(Answer):
    """What one policy says of a request, without whose yes a person looks at the registration before it is approved."""

    policy: str = Field(
        description="The sentence that has to be true: `account_is_not_a_possible_duplicate`, "
        "`territory_needs_no_decision`, `sales_owner_is_named`, `approval_is_automatic`.",
        examples=["account_is_not_a_possible_duplicate"],
    )
    passed: bool | None = Field(
        description="Whether it is true; null to a partner where registering would not tell it.", examples=[False]
    )
    reason: str | None = Field(
        description="What a person has to do first.",
        examples=["Another account may be the same customer: a person says whether it is."],
    )
    duplicates: list[Duplicate] | None = Field(
        description="Of `account_is_not_a_possible_duplicate`: the other accounts, the likeliest first. "
        "Null to a partner, and for other policies.",
        examples=[None],
    )


class WouldStand(Answer):
    """The place that a registration would have in the queue of one product."""

    product: str = Field(description="The product.", examples=["edge"])
    rank: int = Field(description="1 is first.", examples=[1])
    holder: bool = Field(description="Whether the claim would be the first.", examples=[True])


class Checked(Answer):
    """What registering would lead to."""

    status: RegistrationStatus | None = Field(
        description="What the registration would be: `approved`, `waiting` behind somebody, `under_review`; "
        "null: it would be refused.",
        examples=["approved"],
    )
    code: str | None = Field(description="The code that registering would be refused with.", examples=[None])
    reason: str | None = Field(description="And why.", examples=[None])
    policies: list[PolicyChecked] = Field(description="Every eligibility policy, in the order in which they decide.")
    reviews: list[ReviewChecked] = Field(
        description="Every policy that does not refuse, but keeps a registration under review; empty where it would be "
        "refused."
    )
    standing: list[WouldStand] = Field(description="Its place in each queue; empty where it would be refused.")
    protection: Protection | None = Field(description="Its protection, if it were registered now.")
    approval_awaits: ApprovalAwaits
