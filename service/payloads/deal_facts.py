"""What a CRM may say about a deal: the data of each `deal.…` webhook (api.md, Webhooks in)."""

from pydantic import Field

from service.payloads.base import Day, LongText, MoneyIn, PositiveMoneyIn, Request, ShortText, Slug
from service.payloads.registration import RegistrationFields


class AboutDeal(Request):
    """Something about one deal."""

    deal_id: ShortText = Field(description="The CRM's own id of the deal.", examples=["D-8123"])


class DealRegistered(RegistrationFields):
    """A registration that was made in the CRM: as over the API, with the deal's id. It names its partner."""

    partner: Slug = Field(description="The partner.", examples=["northwind"])
    deal_id: ShortText = Field(description="The CRM's own id of the deal.", examples=["D-8123"])


class DealValueChanged(AboutDeal):
    """The deal has another value."""

    value: MoneyIn = Field(description="Its value now.")


class DealWon(AboutDeal):
    """The deal was won."""

    won_on: Day = Field(description="The day that counts.", examples=["2026-11-25"])
    value: MoneyIn | None = Field(default=None, description="Its value, where the CRM states it with the win.")


class DealLost(AboutDeal):
    """The deal was lost."""

    reason: LongText | None = Field(default=None, description="Why.", examples=["Chose another vendor."])


class DealReopened(AboutDeal):
    """What was won or lost is open again."""


class DealRefunded(AboutDeal):
    """A part of the deal's value was given back."""

    refund_id: ShortText = Field(description="Each counts once.", examples=["R-17"])
    amount: PositiveMoneyIn = Field(description="How much.")
    refunded_on: Day = Field(description="The day.", examples=["2027-01-20"])


class DealPaid(AboutDeal):
    """The customer paid."""

    amount: PositiveMoneyIn = Field(description="How much.")
    paid_on: Day = Field(description="The day.", examples=["2027-01-10"])
