"""The outbox: what partners must be told."""

from pydantic import Field

from api.models.base import Answer, InstantOut
from domain.conflict_case.events import AwaitedStep, Outcome
from domain.deal_registration.events import RejectionCode
from domain.notice import NoticeKind


class NoticeOut(Answer):
    """What somebody must be told."""

    id: str = Field(description="The same for ever: send each once.", examples=["31-1"])
    position: int = Field(description="Of the event behind it.", examples=[31])
    recorded_at: InstantOut = Field(description="When that event was recorded.")
    kind: NoticeKind = Field(description="What it is about.", examples=["protection_ends_soon"])
    partner: str | None = Field(description="Whom to tell; null: the vendor's own staff.", examples=["northwind"])
    registration: str | None = Field(
        description="The partner's registration; null where it is about a lead, or shares in another's.",
        examples=["reg_7Q"],
    )
    account: str = Field(description="The customer's name as it was registered.", examples=["Acme GmbH"])
    products: list[str] = Field(description="The claims that it is about.", examples=[["edge"]])
    at: InstantOut = Field(description="When it became so; reminders: when it fell due.")
    until: InstantOut | None = Field(
        description="The end of protection, or of the time to answer a return, a proposal, a lead."
    )
    days_left: int | None = Field(description="Of a reminder: times 24 hours before the end.", examples=[7])
    conflict: str | None = Field(description="The conflict case.", examples=[None])
    outcome: Outcome | None = Field(description="How the case was decided.", examples=[None])
    fields: list[str] = Field(description="Of a return: the fields to change.", examples=[[]])
    reason_code: RejectionCode | None = Field(description="Of a rejection: the kind of reason.", examples=[None])
    text: str | None = Field(description="What a person wrote for the partner: a reason, a message.", examples=[None])
    share_proposal: str | None = Field(description="The proposal of shares.", examples=[None])
    basis_points: int | None = Field(description="The reader's own part of those shares.", examples=[None])
    lead: str | None = Field(description="The lead.", examples=[None])
    awaited: AwaitedStep | None = Field(description="The step of a case that is overdue.", examples=[None])
    what: str = Field(
        description="A sentence.", examples=["The protection of edge at Acme GmbH ends in 7 days, at 2026-12-21."]
    )


class OutboxPage(Answer):
    """Notices in the order of their positions."""

    items: list[NoticeOut] = Field(description="All notices of one event stand together.")
    next: str = Field(
        description="Give it as `after` next time, now or on any later day. Unchanged where nothing is new.",
        examples=["31"],
    )
