"""Partners and their agreements."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from api.models.base import Answer, InstantOut, Written
from domain.partner.events import EnrolmentStage
from domain.partner.training import TrainingLevel
from service.payloads.base import Currency, Day, LongText, Request, ShortText, Slug, SlugOrAny
from service.payloads.countries import Territory

PartnerStage = Literal["identified", "qualified", "in_negotiation", "onboarding", "active", "suspended", "terminated"]

Certificate = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$")]


class AgreementIn(Request):
    """What the partner may register, and when. `*` stands for any."""

    products: Annotated[tuple[SlugOrAny, ...], Field(min_length=1, max_length=500)] = Field(
        default=("*",), description="The products.", examples=[["*"]]
    )
    territories: Annotated[tuple[Territory, ...], Field(min_length=1, max_length=300)] = Field(
        default=("*",), description="ISO 3166 countries.", examples=[["*"]]
    )
    segments: Annotated[tuple[SlugOrAny, ...], Field(min_length=1, max_length=100)] = Field(
        default=("*",), description="The kinds of customers.", examples=[["*"]]
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
    stage: EnrolmentStage = Field(
        default="active", description="How far it is on its way to being active.", examples=["active"]
    )
    agreement: AgreementIn | None = Field(
        default=None, description="What it may register; only a partner that is not active yet may come without."
    )

    @model_validator(mode="after")
    def _has_an_agreement_when_active(self) -> Self:
        if self.stage == "active" and self.agreement is None:
            raise ValueError("an active partner has an agreement")
        return self


class Advance(Request):
    """Let a partner come to a later stage."""

    stage: EnrolmentStage = Field(description="The stage that it has reached.", examples=["onboarding"])
    reason: LongText | None = Field(default=None, description="Why.", examples=["The agreement is signed."])


class Certify(Request):
    """An exam that the partner passed."""

    level: TrainingLevel = Field(description="The training level.", examples=["sales"])
    passed_on: Day = Field(description="The day of the exam: it counts from then on.", examples=["2026-03-02"])
    expires_on: Day | None = Field(
        default=None, description="Its last day, included; default: it does not expire.", examples=["2028-03-01"]
    )
    certificate: Certificate | None = Field(
        default=None, description="Its number; never the name of a person.", examples=["S-2026-0417"]
    )

    @model_validator(mode="after")
    def _expires_after_the_exam(self) -> Self:
        if self.expires_on is not None and self.expires_on < self.passed_on:
            raise ValueError("a certification does not expire before its exam")
        return self


class Terminate(Request):
    """End the partnership."""

    reason: LongText = Field(description="Why.", examples=["The agreement was not renewed."])
    cause: Literal["other", "fraud"] = Field(description="Fraud ends protection at once.", examples=["other"])
    last_day: Day | None = Field(default=None, description="The last day, included; default: it ends now.")


class Acquired(Request):
    """A partner was bought by another one."""

    by: Slug = Field(description="The partner that bought it: active, with an agreement.", examples=["contoso"])
    reason: LongText = Field(description="Why.", examples=["Contoso has bought Northwind Traders."])


class AgreementOut(Answer):
    """What the partner may register, and when. `*` stands for any."""

    products: list[str] = Field(description="The products.", examples=[["*"]])
    territories: list[str] = Field(description="ISO 3166 countries.", examples=[["*"]])
    segments: list[str] = Field(description="The kinds of customers.", examples=[["*"]])
    effective_from: Day = Field(description="Its first day.", examples=["2026-01-01"])
    ends_on: Day | None = Field(description="Its last day, included.", examples=[None])


class Certification(Answer):
    """An exam that the partner passed, and what became of it."""

    level: TrainingLevel = Field(description="The training level.", examples=["sales"])
    passed_on: Day = Field(description="The day of the exam.", examples=["2026-03-02"])
    expires_on: Day | None = Field(description="Its last day, included; null: none.", examples=["2028-03-01"])
    certificate: str | None = Field(description="Its number.", examples=["S-2026-0417"])
    revoked: bool = Field(description="Whether it counts no longer.", examples=[False])


class Partner(Answer):
    """A partner as it stands."""

    id: str = Field(description="Its id.", examples=["northwind"])
    name: str = Field(description="Its name.", examples=["Northwind Traders"])
    currency: str = Field(description="The currency of its statements.", examples=["USD"])
    stage: PartnerStage = Field(description="Where it stands in the programme.", examples=["active"])
    agreement: AgreementOut | None = Field(description="The agreement put in place last; null: none yet.")
    certifications: list[Certification] = Field(description="Every exam that it passed, oldest first.")
    enrolled_at: InstantOut = Field(description="When it came into the programme.")
    ends_at: InstantOut | None = Field(description="When a terminated partner leaves, excluded.")
    acquired_by: str | None = Field(description="The partner that bought it.", examples=[None])


class PartnerWritten(Partner, Written):
    """A partner after a request that changed it."""


class Transferred(Answer):
    """How much of the bought partner's went over."""

    registrations: int = Field(description="Its registrations that are alive.", examples=[12])
    parts: int = Field(description="Living registrations of others in which it had a share or a role.", examples=[2])
    share_proposals: int = Field(description="Open proposals of shares that named it.", examples=[1])
    leads: int = Field(description="Leads from and to it, offered or accepted.", examples=[3])


class PartnerAcquired(PartnerWritten):
    """A partner that was bought by another one."""

    transferred: Transferred = Field(description="What went over; nothing where it had been said before.")


class PartnerPage(Answer):
    """A page of partners, by id."""

    items: list[Partner] = Field(description="The partners.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
