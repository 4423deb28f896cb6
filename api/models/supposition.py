"""Who would have been first, had somebody registered at another instant."""

from pydantic import Field

from api.models.base import Answer, InstantOut


class Ahead(Answer):
    """A claim that stood in the queue."""

    rank: int = Field(description="1 is the holder.", examples=[1])
    registration: str = Field(description="The registration.", examples=["reg_7Q"])
    partner: str | None = Field(description="Its partner; null: the vendor's own sales.", examples=["northwind"])


class Instead(Answer):
    """A claim that held and would have waited."""

    registration: str = Field(description="The registration.", examples=["reg_8R"])
    partner: str | None = Field(description="Its partner; null: the vendor's own sales.", examples=["contoso"])
    since: InstantOut = Field(alias="from", description="When it became the holder.")
    until: InstantOut | None = Field(description="When it ceased to be; null while it lasts.")


class Supposition(Answer):
    """The place that a registration of that instant would have had."""

    at: InstantOut = Field(description="The instant that was asked about.")
    product: str = Field(description="The product.", examples=["edge"])
    first: bool = Field(description="Whether it would have been first at once.", examples=[False])
    rank: int = Field(description="Its rank then.", examples=[2])
    ahead: list[Ahead] = Field(description="Who stood before it then.")
    would_hold_from: InstantOut | None = Field(
        description="When it would have become the holder, as the claims ahead ended; null: it would still wait, or "
        "somebody ahead has won."
    )
    instead_of: list[Instead] = Field(description="Who registered later and held from then on, as it was.")
