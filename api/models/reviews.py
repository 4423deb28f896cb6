"""The review queue."""

from typing import Literal

from pydantic import Field

from api.models.base import Answer, InstantOut
from api.models.registrations import Registration

WaitsFor = Literal["reviewer", "partner"]


class Review(Answer):
    """A registration that waits for an answer."""

    waits_for: WaitsFor = Field(
        description="Whose turn it is: `reviewer` to approve, reject or return it, or to grant or decline an "
        "extension; `partner` to answer a return.",
        examples=["reviewer"],
    )
    subject: Literal["approval", "extension"] = Field(
        description="What is to be answered: the registration itself, or an extension that its partner asked for.",
        examples=["approval"],
    )
    products: list[str] = Field(description="The claims that wait.", examples=[["edge"]])
    since: InstantOut = Field(description="Since when: registered, first at last, resubmitted, returned, asked for.")
    age_seconds: int = Field(description="For how long.", examples=[7200])
    due_at: InstantOut | None = Field(
        description="By when a reviewer should have answered (`review_target_hours` of the terms then), null without a "
        "target; by when a partner must have."
    )
    overdue: bool = Field(description="Whether that instant has come.", examples=[False])
    conflicts: list[str] = Field(description="Undecided cases about its claims, which wait as well.", examples=[[]])
    registration: Registration = Field(description="The registration as it stands.")


class ReviewPage(Answer):
    """A page of the review queue."""

    items: list[Review] = Field(description="The longest in review first.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
