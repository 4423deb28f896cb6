"""The log as an auditor sees it."""

from typing import Any

from pydantic import Field

from api.models.base import Answer, InstantOut


class Head(Answer):
    """The end of the log."""

    programme: str = Field(description="The programme.", examples=["default"])
    position: int = Field(description="Of the last event.", examples=[812])
    hash: str = Field(description="The chain hash there, hexadecimal.", examples=["9f2c"])
    recorded_at: InstantOut = Field(description="When the last event was recorded.")


class LoggedEvent(Answer):
    """One line of the log."""

    programme: str = Field(description="The programme.", examples=["default"])
    position: int = Field(description="Its place.", examples=[17])
    stream: str = Field(description="What it happened to.", examples=["deal_registration/reg_7Q"])
    version: int = Field(description="Its place in its stream.", examples=[1])
    type: str = Field(description="Its permanent name.", examples=["deal_registration.registered.v1"])
    recorded_at: int = Field(description="In microseconds since 1970.", examples=[1795255200000000])
    actor: str = Field(description="Who did it.", examples=["key_1f"])
    cause: str | None = Field(description="The request or delivery behind it.", examples=["request:key_1f:5e0c"])
    body: str = Field(description="Exactly the stored bytes, as a text.", examples=["{}"])
    hash: str = Field(description="The chain hash, hexadecimal.", examples=["9f2c"])
    previous_hash: str = Field(description="The chain hash before, hexadecimal.", examples=["77aa"])


class Disagreement(Answer):
    """The first thing that does not agree: a position, or a view and its row, or a delivery.

    Of a delivery the view is `record_deliveries`, and the position that of an event that it brought about, if any.
    """

    position: int | None = Field(default=None, description="Where in the log.", examples=[17])
    view: str | None = Field(default=None, description="Which view, or `record_deliveries`.", examples=[None])
    row: Any = Field(default=None, description="Which row of it.", examples=[None])
    expected: Any = Field(description="What replay gives.", examples=["9f2c"])
    found: Any = Field(description="What is stored.", examples=["77aa"])


class Replay(Answer):
    """What folding everything from position 1 gave."""

    events: int = Field(description="How many events were folded.", examples=[812])
    chain: str = Field(description="`intact` or `broken`.", examples=["intact"])
    statements_checked: int = Field(
        description="How many closed statements were checked: each is what was closed, and follows from the log.",
        examples=[14],
    )
    statements_not_recomputed: int = Field(
        description="How many of them could not be computed again, since this release does not have the calculation"
        " that they rest on. By itself no disagreement: a release that has it can tell.",
        examples=[0],
    )
    statements_equal: bool = Field(
        description="Whether each was computed again and is equal to the byte.", examples=[True]
    )
    deliveries_intact: bool = Field(
        description="Whether each delivery of a webhook has the body that arrived, unless that was erased, and each"
        " that an event names as its cause is there. False too where the log does not hold, which vouches for none.",
        examples=[True],
    )
    views_equal: bool = Field(description="Whether the views are equal, row for row.", examples=[True])
    first_disagreement: Disagreement | None = Field(description="Null when everything agrees.", examples=[None])
