"""How registrations fare."""

from pydantic import Field

from api.models.base import Answer
from api.models.registrations import RegistrationStatus
from service.payloads.base import Day


class StatusCount(Answer):
    """How many are in a status."""

    status: RegistrationStatus = Field(description="The status.", examples=["approved"])
    count: int = Field(description="So many.", examples=[12])


class RejectionCount(Answer):
    """How many were rejected for a kind of reason."""

    reason_code: str = Field(description="From the list; `unstated` where none was.", examples=["existing_customer"])
    count: int = Field(description="So many.", examples=[3])


class ReviewTimes(Answer):
    """How long a person took to approve or reject, from when it was the reviewer's turn."""

    count: int = Field(description="So many were approved or rejected by a person.", examples=[9])
    median_seconds: int | None = Field(description="Half were answered within this; null: none was.", examples=[7200])
    longest_seconds: int | None = Field(description="The slowest answer.", examples=[86400])


class Rates(Answer):
    """Parts of all that were registered, in basis points; null where nothing was."""

    won: int | None = Field(description="Won by now.", examples=[2500])
    expired: int | None = Field(description="Ran out.", examples=[1000])
    rejected: int | None = Field(description="Rejected.", examples=[500])
    contested: int | None = Field(description="Came behind another partner's claim.", examples=[800])


class RegistrationReport(Answer):
    """How the registrations of some days have fared until now."""

    since: Day = Field(alias="from", description="The first day.")
    until: Day = Field(description="The last day, included.")
    partner: str | None = Field(description="Of this partner; null: of all.", examples=[None])
    registered: int = Field(description="So many were registered.", examples=[120])
    statuses: list[StatusCount] = Field(description="What has become of them.")
    rejections: list[RejectionCount] = Field(description="Why some were rejected.")
    contested: int = Field(description="So many came behind another partner's claim.", examples=[4])
    review: ReviewTimes = Field(description="How soon a person answered.")
    rates_basis_points: Rates = Field(description="Parts of all.")
