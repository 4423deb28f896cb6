"""What arrives by webhook, and what is answered."""

from typing import Literal

from pydantic import Field

from api.models.base import Answer, InstantOut
from api.models.problem import FieldProblem

OutcomeWord = Literal["applied", "duplicate", "ignored", "refused", "parked"]


class Delivered(Answer):
    """What became of a delivery. All of these are 2xx, after commit, and stored."""

    delivery: str = Field(description="The delivery's id.", examples=["msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"])
    outcome: OutcomeWord = Field(description="What became of it.", examples=["applied"])
    position: int | None = Field(description="Of the event that it wrote; null where it wrote none.", examples=[21])
    reason: str | None = Field(description="The code of a refusal, or why it is parked.", examples=[None])
    registration: str | None = Field(description="The registration of its deal.", examples=["reg_7Q"])
    errors: list[FieldProblem] | None = Field(
        default=None, description="Only for `MALFORMED`: what is wrong, field by field.", examples=[None]
    )


class Delivery(Answer):
    """A delivery that was taken."""

    source: str = Field(description="Its source.", examples=["crm"])
    id: str = Field(description="Its id.", examples=["msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"])
    received_at: InstantOut = Field(description="When it arrived.")
    outcome: OutcomeWord = Field(description="What became of it.", examples=["applied"])
    position: int | None = Field(description="Of the event that it wrote.", examples=[21])
    reason: str | None = Field(description="The code of a refusal, or why it is parked.", examples=[None])
    registration: str | None = Field(description="The registration of its deal.", examples=["reg_7Q"])
    waits_for: str | None = Field(description="What a parked one waits for.", examples=[None])
    body_hash: str = Field(description="SHA-256 of its raw body, hexadecimal.", examples=["9f2c"])


class CausedEvent(Answer):
    """An event that a delivery caused."""

    position: int = Field(description="Its place in the log.", examples=[21])
    type: str = Field(description="Its permanent name.", examples=["deal_registration.won.v1"])
    recorded_at: InstantOut = Field(description="When it was recorded.")


class Rival(Answer):
    """A delivery with the same id and another body, kept beside the first."""

    received_at: InstantOut = Field(description="When it arrived.")
    body_hash: str = Field(description="SHA-256 of its raw body, hexadecimal.", examples=["77aa"])
    body: str | None = Field(description="Its raw body.", examples=['{"type": "deal.won"}'])


class DeliveryInFull(Delivery):
    """A delivery with its raw body and what it caused."""

    headers: dict[str, str] = Field(description="Its headers without credentials.", examples=[{"webhook-id": "msg_2"}])
    body: str | None = Field(description="Its raw body; null once it is erased.", examples=['{"type": "deal.won"}'])
    errors: list[FieldProblem] | None = Field(description="What was wrong with it.", examples=[None])
    caused: list[CausedEvent] = Field(description="The events that it caused.")
    rivals: list[Rival] = Field(description="What else came under its id.")


class DeliveryPage(Answer):
    """A page of deliveries."""

    items: list[Delivery] = Field(description="In order of arrival.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
