"""Who is first, and who was."""

from pydantic import Field

from api.models.base import Answer, InstantOut
from api.models.registrations import Protection, RegistrationStatus
from domain.conflict_case.events import Outcome


class DirectDeal(Answer):
    """An opportunity of the vendor's own sales."""

    source: str = Field(description="The source that speaks for the CRM.", examples=["crm"])
    id: str = Field(description="The CRM's own id.", examples=["O-77"])
    created_at: InstantOut = Field(description="When the CRM says that it was created: evidence of its age.")


class Place(Answer):
    """One claim of a queue."""

    rank: int = Field(description="1 is the holder.", examples=[1])
    registration: str = Field(description="The registration, or the vendor's own claim.", examples=["reg_7Q"])
    partner: str | None = Field(description="Its partner; null: the vendor's own.", examples=["northwind"])
    direct_deal: DirectDeal | None = Field(description="The vendor's own deal; null: a partner's.", examples=[None])
    status: RegistrationStatus = Field(description="Where the registration is in its life.", examples=["approved"])
    opportunity: int = Field(
        description="Claims of one number are about one sale and stand in one queue. Several are alive at a time only "
        "where a decision told them apart.",
        examples=[1],
    )
    protection: Protection | None = Field(description="Null while it waits or is not approved.")
    co_sells_with: str | None = Field(
        description="The holder whose opportunity it shares since a decision to split.", examples=[None]
    )


class Ruling(Answer):
    """How a conflict case about this product was decided."""

    case: str = Field(description="The case.", examples=["cft_41"])
    decided_at: InstantOut = Field(description="When.")
    outcome: Outcome = Field(description="What was decided.", examples=["reassign"])
    rule: str = Field(description="By which rule.", examples=["Incumbent partner (programme guide, 4.2)"])
    overrides_priority: bool = Field(description="Whether it departs from who was first.", examples=[True])
    challenger: str = Field(description="Whose place was in question.", examples=["reg_8R"])
    against: str | None = Field(description="Whom that stood against.", examples=["reg_7Q"])


class Holding(Answer):
    """An interval in which one claim was the holder. Intervals of no length stay in the timeline."""

    registration: str = Field(description="The registration, or the vendor's own claim.", examples=["reg_7Q"])
    partner: str | None = Field(description="Its partner; null: the vendor's own.", examples=["northwind"])
    direct_deal: DirectDeal | None = Field(description="The vendor's own deal; null: a partner's.", examples=[None])
    opportunity: int = Field(description="Which sale it was about.", examples=[1])
    since: InstantOut = Field(alias="from", description="When it became the holder.")
    until: InstantOut | None = Field(description="When it ceased to be; null while it lasts.")
    ended_by: str | None = Field(description="What ended it.", examples=["expired"])


class Priority(Answer):
    """The queue of one account and product, everybody who held it, and what was decided about it."""

    as_of: InstantOut = Field(description="The instant that this is about.")
    account: str | None = Field(description="The account; null where none is known.", examples=["acc_7Q"])
    product: str = Field(description="The product.", examples=["edge"])
    queue: list[Place] = Field(description="The holder first, the others in order; one opportunity after the other.")
    timeline: list[Holding] = Field(description="Every holder, oldest first.")
    decisions: list[Ruling] = Field(description="Every decision about a place in it, oldest first.")
    existing_customer: bool = Field(
        description="Whether the vendor sells this product there already.", examples=[False]
    )
