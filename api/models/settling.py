"""What people do to a closed statement: disputes, payouts, forfeitures, and amounts that they enter."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from api.models.base import Answer, InstantOut, MoneyOut, Written
from api.models.statements import StatementStatus
from domain.money import Money, money_of
from service.payloads.base import Currency, Day, Decimal, LongText, PeriodText, Request, ShortText, Slug

Outcome = Literal["upheld", "rejected"]
LineText = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]


class SignedMoneyIn(Request):
    """An amount of money that may be negative, with exactly the digits of its currency."""

    amount: Decimal = Field(description="A decimal string with exactly the currency's digits.", examples=["-500.00"])
    currency: Currency = Field(description="An ISO 4217 code.", examples=["USD"])

    @model_validator(mode="after")
    def _has_the_digits_of_its_currency(self) -> Self:
        assert self.money is not None
        return self

    @property
    def money(self) -> Money:
        """The amount as the rules know it."""
        return money_of(self.amount, self.currency)


class DisputeLine(Request):
    """Say that a line of a closed statement is wrong."""

    line: LineText = Field(
        description="A line's id, the id of a line that an adjustment names, or an entered adjustment's id.",
        examples=["line_7Q_northwind"],
    )
    reason: LongText = Field(description="What is wrong.", examples=["Acme was worth 150,000, as the order shows."])


class ResolveDispute(Request):
    """Say who is right."""

    outcome: Outcome = Field(description="`upheld`: the partner is right.", examples=["upheld"])
    reason: LongText = Field(description="Why.", examples=["The order was for 150,000."])
    amount: SignedMoneyIn | None = Field(
        default=None, description="Upheld: what is entered as an adjustment. Rejected: left out."
    )


class PayOut(Request):
    """Say that what is due was paid."""

    reference: ShortText = Field(description="The payment's reference.", examples=["SEPA-2026-Q4-001"])
    paid_on: Day = Field(description="The day of the payment.", examples=["2027-01-15"])


class FailPayout(Request):
    """Say that a payout did not arrive."""

    reference: ShortText = Field(description="The payment's reference.", examples=["SEPA-2026-Q4-001"])
    reason: LongText = Field(description="Why.", examples=["The bank returned it: account closed."])


class Because(Request):
    """Why."""

    reason: LongText = Field(description="Why.", examples=["No tax form for more than half a year."])


class EnterAdjustment(Request):
    """Enter an amount into the partner's first open period."""

    kind: Literal["clawback", "variance", "manual"] = Field(
        description="A clawback takes back, so its amount is negative.", examples=["manual"]
    )
    amount: SignedMoneyIn = Field(description="By how much what is owed changes, in the partner's currency.")
    reason: LongText = Field(description="Why.", examples=["Marketing support for the autumn fair."])
    period: PeriodText | None = Field(default=None, description="The period that it is about.", examples=[None])
    line: LineText | None = Field(default=None, description="The line that it is about.", examples=[None])


class FilePaperwork(Request):
    """Put a document on file. It takes the place of an earlier one of its kind."""

    kind: Slug = Field(description="Its kind, as terms `payout_paperwork` names it.", examples=["tax_form"])
    reference: ShortText = Field(description="Where it is filed.", examples=["DMS-4711"])
    expires_on: Day | None = Field(default=None, description="Its last day; default: it does not expire.")


class RevokePaperwork(Request):
    """Say that a document does not count any more."""

    kind: Slug = Field(description="Its kind.", examples=["tax_form"])
    reason: LongText = Field(description="Why.", examples=["It names another company."])


class Adjudicate(Request):
    """Say what becomes of the held pay of a partner that left."""

    outcome: Literal["released", "forfeited"] = Field(description="Paid, or never paid.", examples=["released"])
    reason: LongText = Field(description="Why.", examples=["The inquiry found nothing."])


class Step(Answer):
    """Something that somebody did."""

    position: int = Field(description="Where it stands in the log.", examples=[41])
    at: InstantOut = Field(description="When.")
    by: str | None = Field(description="Who: a key's id; null to a partner.", examples=["key_1f"])
    reason: str = Field(description="Why; empty where nobody is asked for a reason.", examples=["Wrong value."])


class Resolution(Step):
    """How a dispute ended."""

    outcome: Outcome = Field(description="Who was right.", examples=["upheld"])
    amount: MoneyOut = Field(description="What was entered as an adjustment.")


class Dispute(Answer):
    """A line that its partner says is wrong."""

    id: str = Field(description="Its id.", examples=["dsp_41"])
    partner: str = Field(description="The partner.", examples=["northwind"])
    period: str = Field(description="The statement's period.", examples=["2026-Q4"])
    line: str = Field(description="The line.", examples=["line_7Q_northwind"])
    state: Literal["open", "upheld", "rejected"] = Field(description="Where it stands.", examples=["open"])
    held_because: list[str] = Field(description="`DISPUTED` while it is open.", examples=[["DISPUTED"]])
    at_stake: MoneyOut = Field(description="What the statement pays for the line; held while the dispute is open.")
    opened: Step = Field(description="Who opened it, when and why.")
    age_days: int = Field(description="For how many whole days it is open, or was.", examples=[3])
    resolution: Resolution | None = Field(description="Null while it is open.")


class DisputeWritten(Dispute, Written):
    """A dispute after a request that changed it."""


class DisputePage(Answer):
    """A page of disputes."""

    items: list[Dispute] = Field(description="The oldest first.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])


class Payout(Answer):
    """A payout of a closed statement."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    period: str = Field(description="The statement's period.", examples=["2026-Q4"])
    reference: str = Field(description="The payment's reference.", examples=["SEPA-2026-Q4-001"])
    paid_on: Day = Field(description="The day of the payment.", examples=["2027-01-15"])
    amount: MoneyOut = Field(description="How much.")
    state: Literal["paid", "failed"] = Field(description="Whether it arrived.", examples=["paid"])
    covers: Literal["all_but", "only"] = Field(
        description="The whole statement but `lines`, or nothing but `lines`.", examples=["all_but"]
    )
    lines: list[str] = Field(description="The lines that it leaves out, or the only ones that it pays.", examples=[[]])
    made: Step = Field(description="Who recorded it, and when.")
    failed: Step | None = Field(description="Who said that it failed, when and why; null where it did not.")


class PayoutWritten(Payout, Written):
    """A payout after a request that changed it."""


class PayoutPage(Answer):
    """A page of payouts."""

    items: list[Payout] = Field(description="The oldest first.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])


class Hold(Answer):
    """Why a partner is not paid now."""

    because: Literal["PARTNER_SUSPENDED", "PAPERWORK_MISSING"] = Field(
        description="The reason.", examples=["PAPERWORK_MISSING"]
    )
    missing: list[str] = Field(description="The paperwork that is wanted.", examples=[["tax_form"]])


class PaidPartner(Answer):
    """What a partner gets."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    amount: MoneyOut = Field(description="How much.")
    withheld: MoneyOut = Field(description="What its disputes hold back.")


class HeldPartner(Answer):
    """What a partner does not get yet."""

    partner: str = Field(description="The partner.", examples=["contoso"])
    due: MoneyOut = Field(description="What is due to it.")
    holds: list[Hold] = Field(description="Why it is not paid.")


class PeriodPaid(Written):
    """Who gets what of a period."""

    period: str = Field(description="The period.", examples=["2026-Q4"])
    reference: str = Field(description="The reference of every payout.", examples=["RUN-2026-Q4"])
    paid_on: Day = Field(description="The day of the payments.", examples=["2027-01-15"])
    paid: list[PaidPartner] = Field(description="Who is paid, by partner.")
    held: list[HeldPartner] = Field(description="To whom something is due that is not paid, and why.")
    totals: list[MoneyOut] = Field(description="What is paid altogether, in each currency.")


class Forfeiture(Answer):
    """What a partner may lose, or has lost, because its paperwork was missing for too long."""

    state: Literal["proposed", "posted", "dismissed"] = Field(description="Where it stands.", examples=["proposed"])
    amount: MoneyOut = Field(description="How much.")
    missing: list[str] = Field(description="What was missing.", examples=[["tax_form"]])
    steps: list[Step] = Field(description="Who did what, when and why.")


class Settlement(Answer):
    """Where a closed statement's payable stands: payable = paid + forfeited + withheld + due."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    period: str = Field(description="The period.", examples=["2026-Q4"])
    status: StatementStatus = Field(description="Where the statement is in its life.", examples=["closed"])
    payable: MoneyOut = Field(description="What the statement came to.")
    paid: MoneyOut = Field(description="What was paid.")
    forfeited: MoneyOut = Field(description="What was forfeited.")
    withheld: MoneyOut = Field(description="What disputes hold back.")
    due: MoneyOut = Field(description="What is to be paid now, once nothing holds it.")
    acknowledged_at: InstantOut | None = Field(description="When the partner agreed with it; null where it has not.")
    holds: list[Hold] = Field(description="Why nothing is paid now; empty where it can be.")
    disputes: list[Dispute] = Field(description="The oldest first.")
    payouts: list[Payout] = Field(description="The oldest first.")
    forfeitures: list[Forfeiture] = Field(description="The oldest first.")


class SettlementWritten(Settlement, Written):
    """Where a closed statement's payable stands after a request that changed it."""


class About(Answer):
    """What an entered adjustment is about."""

    period: str | None = Field(description="A period.", examples=["2026-Q4"])
    line: str | None = Field(description="A line.", examples=["line_7Q_northwind"])
    dispute: str | None = Field(description="The dispute that led to it.", examples=["dsp_41"])


class EnteredAdjustment(Answer):
    """An amount that a person entered: no fact leads to it."""

    id: str = Field(description="Its id.", examples=["adj_41"])
    partner: str = Field(description="The partner.", examples=["northwind"])
    kind: Literal["dispute", "clawback", "variance", "manual"] = Field(description="Its kind.", examples=["manual"])
    amount: MoneyOut = Field(description="By how much what is owed changes.")
    about: About = Field(description="What it is about.")
    reason: str = Field(description="Why.", examples=["Marketing support for the autumn fair."])
    entered_at: InstantOut = Field(description="When.")
    by: str | None = Field(description="Who: a key's id; null to a partner.", examples=["key_1f"])
    evidence: list[int] = Field(description="Positions of the events behind it.", examples=[[41]])


class AdjustmentWritten(EnteredAdjustment, Written):
    """An adjustment that was entered."""


class AdjustmentPage(Answer):
    """A page of entered adjustments."""

    items: list[EnteredAdjustment] = Field(description="In the order in which they were entered.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])


class Document(Answer):
    """A document on file."""

    kind: str = Field(description="Its kind.", examples=["tax_form"])
    reference: str = Field(description="Where it is filed.", examples=["DMS-4711"])
    expires_on: Day | None = Field(description="Its last day; null for one that does not expire.", examples=[None])
    filed_at: InstantOut = Field(description="When it was put on file.")


class Paperwork(Answer):
    """What a partner must have on file to be paid, and what it has."""

    partner: str = Field(description="The partner.", examples=["northwind"])
    needed: list[str] = Field(description="By the terms in force.", examples=[["tax_form"]])
    on_file: list[Document] = Field(description="By kind.")
    missing: list[str] = Field(description="What is needed and not on file, or has expired.", examples=[[]])


class PaperworkWritten(Paperwork, Written):
    """A partner's paperwork after a request that changed it."""
