"""What a CRM may say about the vendor's own sales: the data of each `account.…` webhook (api.md, Webhooks in)."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from service.payloads.base import Day, InstantIn, LongText, MoneyIn, Request, ShortText, Slug
from service.payloads.registration import AccountIn, distinct

Products = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=50), AfterValidator(distinct)]


class DirectOpened(Request):
    """The vendor's own sales opened an opportunity."""

    opportunity_id: ShortText = Field(description="The CRM's own id of the opportunity.", examples=["O-77"])
    account: AccountIn = Field(description="The end customer.")
    products: Products = Field(description="What it is about.", examples=[["edge"]])
    created_at: InstantIn | None = Field(
        default=None,
        description="When the CRM created the opportunity; default: the webhook's `timestamp`. It proves its age.",
        examples=["2026-10-01T08:00:00.000000Z"],
    )
    value: MoneyIn | None = Field(default=None, description="The expected value, where the CRM states one.")


class DirectClosed(Request):
    """The opportunity is closed. What was won ends the queue; what was lost leaves it to whoever waits."""

    opportunity_id: ShortText = Field(description="The CRM's own id of the opportunity.", examples=["O-77"])
    outcome: Literal["won", "lost"] = Field(default="lost", description="How it ended.", examples=["lost"])
    won_on: Day | None = Field(
        default=None, description="The day of the win; default: that of the `timestamp`.", examples=["2026-11-25"]
    )
    value: MoneyIn | None = Field(default=None, description="What was won, where the CRM states it.")
    reason: LongText | None = Field(default=None, description="Why it was lost.", examples=["No budget."])
    account: AccountIn | None = Field(default=None, description="The end customer; the opportunity tells it already.")

    @model_validator(mode="after")
    def _says_what_fits(self) -> Self:
        if self.outcome == "lost" and (self.won_on is not None or self.value is not None):
            raise ValueError("only what was won has a day and a value")
        return self


class BecameCustomer(Request):
    """The account buys from the vendor already."""

    account: AccountIn = Field(description="The customer.")
    products: Products | None = Field(
        default=None, description="What it buys; left out: whatever is registered next.", examples=[["edge"]]
    )
    since_on: Day | None = Field(default=None, description="Since when.", examples=["2024-05-01"])
    opportunity_id: ShortText | None = Field(
        default=None, description="The opportunity by which it became one.", examples=["O-12"]
    )
