"""Conflict cases and their six steps."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from api.models.base import Answer, InstantOut, Written
from api.models.priority import DirectDeal
from api.models.programme import PublishTerms
from api.models.registrations import Protection, RegistrationStatus, ShareOut
from domain.account.state import CaseStatus
from domain.conflict_case.events import AwaitedStep, CaseKind, MatchRule, Outcome
from domain.conflict_case.parties import BESIDE_THE_PARTNERS
from service.payloads.base import LongText, Request, ShortText, Slug
from service.payloads.registration import Shares

BESIDE_THEM: Final = ", ".join(f"`{party}`" for party in BESIDE_THE_PARTNERS)


class Finding(Request):
    """A fact from one of the parties."""

    party: Slug = Field(
        description="Whose fact it is: a partner of the case (of a `possible_duplicate` also one that registered the "
        f"other account), or one of {BESIDE_THEM}.",
        examples=["northwind"],
    )
    fact: LongText = Field(description="What is so.", examples=["Met the buyer on 3 March."])
    evidence: LongText | None = Field(default=None, description="Where it can be seen.", examples=["Minutes, p. 2"])


class Investigate(Request):
    """The facts from every party."""

    findings: Annotated[tuple[Finding, ...], Field(min_length=1, max_length=100)] = Field(description="The facts.")


class Mediate(Request):
    """What mediation brought, or why there was none: one of the two."""

    summary: LongText | None = Field(default=None, description="What it brought.", examples=["No agreement."])
    skipped: LongText | None = Field(default=None, description="Why there was none.", examples=["The facts are plain."])

    @model_validator(mode="after")
    def _says_one_of_the_two(self) -> Self:
        if (self.summary is None) == (self.skipped is None):
            raise ValueError("state either summary or skipped")
        return self


class Decide(Request):
    """The decision, with its rule and its reason."""

    outcome: Outcome = Field(description="What is decided.", examples=["uphold"])
    rule: ShortText = Field(description="The rule that decides.", examples=["Who is first (rules §3)"])
    reason: LongText = Field(description="Why it applies.", examples=["Northwind registered eight days earlier."])
    shares: Shares | None = Field(
        default=None, description="Only for `split`: of holder, challenger and whoever co-sells with them already."
    )
    same_as: ShortText | None = Field(
        default=None,
        description="Only when a `possible_duplicate` is upheld: which of its accounts it is; default: the likeliest.",
        examples=["acc_3f"],
    )

    @model_validator(mode="after")
    def _shares_belong_to_a_split(self) -> Self:
        if (self.shares is not None) != (self.outcome == "split"):
            raise ValueError("shares are stated for a split, and only for a split")
        return self

    @model_validator(mode="after")
    def _is_the_same_when_upheld(self) -> Self:
        if self.same_as is not None and self.outcome != "uphold":
            raise ValueError("an account is named when it is upheld that it is the same one")
        return self


class Message(Request):
    """What one party is told."""

    party: Slug = Field(description=f"Who: a partner of the case, or one of {BESIDE_THEM}.", examples=["northwind"])
    text: LongText = Field(description="What it is told.", examples=["Your registration stands."])


class Communicate(Request):
    """What parties are told: every partner of the case, now or in further messages."""

    messages: Annotated[tuple[Message, ...], Field(min_length=1, max_length=100)] = Field(description="To each party.")


class Prevent(Request):
    """What was changed so that it does not happen again, or why nothing was: one of the two."""

    change: LongText | None = Field(default=None, description="What was changed.", examples=["Domains are required."])
    terms: PublishTerms | None = Field(
        default=None,
        description="The change itself: terms that are published in the same transaction. With `change` only, and by "
        "the admin only.",
    )
    no_change: LongText | None = Field(default=None, description="Why nothing was.", examples=["The rules worked."])

    @model_validator(mode="after")
    def _says_one_of_the_two(self) -> Self:
        if (self.change is None) == (self.no_change is None):
            raise ValueError("state either change or no_change")
        if self.terms is not None and self.change is None:
            raise ValueError("terms are stated with the change that they are")
        return self


class CaseRegistration(Answer):
    """A registration of the case. A partner sees its own side only."""

    id: str = Field(description="Its id.", examples=["reg_7Q"])
    partner: str | None = Field(description="Its partner; null: the vendor's own.", examples=["northwind"])
    direct_deal: DirectDeal | None = Field(description="The vendor's own deal; null: a partner's.", examples=[None])
    rank: int | None = Field(description="Its place in the queue; null when its claim has ended.", examples=[1])
    status: RegistrationStatus = Field(description="Where it is in its life.", examples=["approved"])
    protection: Protection | None = Field(description="Null while it waits or is not approved.")


class Duplicate(Answer):
    """Another account that may be the same one."""

    account: str = Field(description="Its id.", examples=["acc_3f"])
    registration: str | None = Field(
        description="The registration on it by which it was found; null where only the CRM knows it as a customer.",
        examples=["reg_3f"],
    )
    rule: MatchRule = Field(
        description="Why: keys that lead to both, one domain in two countries, or names that are alike.",
        examples=["similar_name"],
    )
    score: int = Field(description="How alike the names are, from 0 to 100.", examples=[95])


class FindingOut(Answer):
    """A fact from one of the parties."""

    party: str = Field(description="Whose fact it is.", examples=["northwind"])
    fact: str = Field(description="What is so.", examples=["Met the buyer on 3 March."])
    evidence: str | None = Field(description="Where it can be seen.", examples=["Minutes, p. 2"])


class MessageOut(Answer):
    """What one party was told."""

    party: str = Field(description="Who.", examples=["northwind"])
    text: str = Field(description="What.", examples=["Your registration stands."])


class Step(Answer):
    """A step of the case."""

    step: str = Field(description="Which.", examples=["investigated"])
    at: InstantOut = Field(description="When.")
    by: str | None = Field(description="Who; null to a partner.", examples=["key_1f"])
    position: int = Field(description="Its event's place in the log.", examples=[23])
    findings: list[FindingOut] | None = Field(default=None, description="Of `investigated`: the facts.")
    summary: str | None = Field(default=None, description="Of `mediated`: what it brought.", examples=["No agreement."])
    skipped: str | None = Field(default=None, description="Of `mediated`: why there was none.", examples=[None])
    outcome: Outcome | None = Field(default=None, description="Of `decided`: what.", examples=[None])
    messages: list[MessageOut] | None = Field(default=None, description="Of `communicated`: who was told what.")
    still_to_tell: list[str] | None = Field(
        default=None,
        description="Of `communicated`, to staff: the partners of the case whom nobody had told by then; the case is "
        "communicated once there is none.",
        examples=[None],
    )
    change: str | None = Field(default=None, description="Of `prevented`: what was changed.", examples=[None])
    no_change: str | None = Field(default=None, description="Of `prevented`: why nothing was.", examples=[None])
    terms_version: int | None = Field(
        default=None, description="Of `prevented`: the version of the terms that was published for it.", examples=[None]
    )
    because: str | None = Field(default=None, description="Of `moot`: what ended the clash.", examples=[None])
    awaited: AwaitedStep | None = Field(
        default=None, description="Of `escalated`: the step that was not taken in time.", examples=[None]
    )
    due_at: InstantOut | None = Field(default=None, description="Of `escalated`: by when it should have been.")


class Decision(Answer):
    """What was decided."""

    outcome: Outcome = Field(description="What.", examples=["uphold"])
    rule: str = Field(description="By which rule.", examples=["Who is first (rules §3)"])
    reason: str | None = Field(
        description="Why; null to a partner.", examples=["Northwind registered eight days earlier."]
    )
    overrides_priority: bool = Field(description="Whether it departs from who was first.", examples=[False])
    shares: list[ShareOut] = Field(description="Of a split: the shares; to a partner its own. Else empty.")


class ConflictCase(Answer):
    """The record of a clash between claims."""

    id: str = Field(description="Its id.", examples=["cft_41"])
    kind: CaseKind = Field(description="What kind of clash.", examples=["same_account"])
    account: str | None = Field(description="The account that it is on; null to a partner.", examples=["acc_7Q"])
    status: CaseStatus = Field(description="Which step it has reached.", examples=["identified"])
    product: str | None = Field(description="The product that it is about.", examples=["edge"])
    because: str | None = Field(description="What a review is about.", examples=["WON_BEFORE_REGISTERED"])
    near_simultaneous: bool | None = Field(
        description="Whether the claims came within seconds; null to a partner.", examples=[False]
    )
    registrations: list[CaseRegistration] = Field(description="Those that clash, in order of rank.")
    due_at: InstantOut | None = Field(
        description="By when the next step should be taken (`case_…_hours` of the terms then); null without a "
        "deadline, once the case is closed or moot, and to a partner."
    )
    overdue: bool | None = Field(description="Whether that has passed; null to a partner.", examples=[False])
    duplicates: list[Duplicate] | None = Field(
        description="Of a `possible_duplicate`: the other accounts, the likeliest first. Null to a partner.",
        examples=[[]],
    )
    steps: list[Step] = Field(description="What was done, oldest first.")
    decision: Decision | None = Field(description="Null until it is decided.")


class CaseWritten(ConflictCase, Written):
    """A conflict case after a step."""


class CasePage(Answer):
    """A page of conflict cases."""

    items: list[ConflictCase] = Field(description="The cases, oldest first.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
