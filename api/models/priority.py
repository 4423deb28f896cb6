"""Who is first, and who was."""

from pydantic import Field

from api.models.base import Answer, InstantOut
from api.models.registrations import Protection, RegistrationStatus


class Place(Answer):
    """One claim of a queue."""

    rank: int = Field(description="1 is the holder.", examples=[1])
    registration: str = Field(description="The registration.", examples=["reg_7Q"])
    partner: str = Field(description="Its partner.", examples=["northwind"])
    status: RegistrationStatus = Field(description="Where the registration is in its life.", examples=["approved"])
    protection: Protection | None = Field(description="Null while it waits or is not approved.")


class Holding(Answer):
    """An interval in which one claim was the holder. Intervals of no length stay in the timeline."""

    registration: str = Field(description="The registration.", examples=["reg_7Q"])
    partner: str = Field(description="Its partner.", examples=["northwind"])
    since: InstantOut = Field(alias="from", description="When it became the holder.")
    until: InstantOut | None = Field(description="When it ceased to be; null while it lasts.")
    ended_by: str | None = Field(description="What ended it.", examples=["expired"])


class Priority(Answer):
    """The queue of one account and product, and everybody who held it."""

    as_of: InstantOut = Field(description="The instant that this is about.")
    product: str = Field(description="The product.", examples=["edge"])
    queue: list[Place] = Field(description="In the order in which the claims were accepted.")
    timeline: list[Holding] = Field(description="Every holder, oldest first.")
