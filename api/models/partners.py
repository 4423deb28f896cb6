"""Partners and their agreements."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api.models.base import Answer, InstantOut, Written
from service.payloads.base import Currency, Day, LongText, Request, ShortText, Slug, SlugOrAny
from service.payloads.countries import Territory

PartnerStage = Literal["active", "suspended", "terminated"]


class AgreementIn(Request):
    """What the partner may register, and when. `*` stands for any."""

    products: Annotated[tuple[SlugOrAny, ...], Field(min_length=1, max_length=500)] = Field(
        default=("*",), description="The products.", examples=[["*"]]
    )
    territories: Annotated[tuple[Territory, ...], Field(min_length=1, max_length=300)] = Field(
        default=("*",), description="ISO 3166 countries.", examples=[["*"]]
    )
    effective_from: Day = Field(description="Its first day.", examples=["2026-01-01"])
    ends_on: Day | None = Field(default=None, description="Its last day, included.", examples=[None])

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.effective_from:
            raise ValueError("an agreement does not end before it begins")
        return self


class Enrol(Request):
    """Bring a partner into the programme."""

    id: Slug = Field(description="A slug of the caller's choice.", examples=["northwind"])
    name: ShortText = Field(description="Its name.", examples=["Northwind Traders"])
    currency: Currency = Field(description="The currency of its statements.", examples=["USD"])
    agreement: AgreementIn = Field(description="What it may register.")


class Terminate(Request):
    """End the partnership."""

    reason: LongText = Field(description="Why.", examples=["The agreement was not renewed."])
    cause: Literal["other", "fraud"] = Field(description="Fraud ends protection at once.", examples=["other"])
    last_day: Day | None = Field(default=None, description="The last day, included; default: it ends now.")


class AgreementOut(Answer):
    """What the partner may register, and when. `*` stands for any."""

    products: list[str] = Field(description="The products.", examples=[["*"]])
    territories: list[str] = Field(description="ISO 3166 countries.", examples=[["*"]])
    effective_from: Day = Field(description="Its first day.", examples=["2026-01-01"])
    ends_on: Day | None = Field(description="Its last day, included.", examples=[None])


class Partner(Answer):
    """A partner as it stands."""

    id: str = Field(description="Its id.", examples=["northwind"])
    name: str = Field(description="Its name.", examples=["Northwind Traders"])
    currency: str = Field(description="The currency of its statements.", examples=["USD"])
    stage: PartnerStage = Field(description="Where it stands in the programme.", examples=["active"])
    agreement: AgreementOut = Field(description="The agreement published last.")
    enrolled_at: InstantOut = Field(description="When it came into the programme.")
    ends_at: InstantOut | None = Field(description="When a terminated partner leaves, excluded.")


class PartnerWritten(Partner, Written):
    """A partner after a request that changed it."""


class PartnerPage(Answer):
    """A page of partners, by id."""

    items: list[Partner] = Field(description="The partners.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
