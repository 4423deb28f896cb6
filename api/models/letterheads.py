"""What stands at the head of documents."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.models.base import Answer, Written
from service.payloads.base import Request

Paper = Literal["a4", "us-letter"]
HeadLine = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"\S")]


class StateLetterheadBody(Request):
    """What stands at the head of documents."""

    name: HeadLine = Field(description="The vendor's name.", examples=["Acme Software GmbH"])
    lines: Annotated[tuple[HeadLine, ...], Field(max_length=8)] = Field(
        default=(),
        description="Address, tax number and such, one under the other.",
        examples=[["Hafenstraße 1", "20457 Hamburg", "VAT DE123456789"]],
    )
    footer: HeadLine | None = Field(
        default=None, description="At the foot of each page; default: name, partner and period.", examples=[None]
    )
    paper: Paper = Field(default="a4", description="On which paper.", examples=["a4"])


class LetterheadShown(Answer):
    """What stands at the head of documents."""

    name: str = Field(description="The vendor's name; the programme's id until one is stated.", examples=["acme"])
    lines: list[str] = Field(description="One under the other.", examples=[["Hafenstraße 1", "20457 Hamburg"]])
    footer: str | None = Field(description="At the foot of each page.", examples=[None])
    paper: Paper = Field(description="On which paper.", examples=["a4"])


class LetterheadStated(LetterheadShown, Written):
    """What stands at the head of documents from now on."""
