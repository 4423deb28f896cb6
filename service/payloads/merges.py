"""What a CRM may say about records of its that were one and the same: the data of each `….merged` webhook."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from service.payloads.base import Request, ShortText

MERGED_AT_ONCE_AT_MOST = 50


def _distinct(ids: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(ids)) != len(ids):
        raise ValueError("an id is named once")
    return ids


Merged = Annotated[
    tuple[ShortText, ...], Field(min_length=1, max_length=MERGED_AT_ONCE_AT_MOST), AfterValidator(_distinct)
]


class DealMerged(Request):
    """Deals of the CRM are one deal."""

    deal_ids: Merged = Field(description="The CRM's own ids of the deals that were merged.", examples=[["D-1", "D-2"]])
    into: ShortText = Field(description="The id that it has from now on: one of those, or a new one.", examples=["D-3"])

    @model_validator(mode="after")
    def _merges_something(self) -> Self:
        if self.deal_ids == (self.into,):
            raise ValueError("a deal is not merged into itself")
        return self


class AccountMerged(Request):
    """Accounts of the CRM are one customer."""

    crm_ids: Merged = Field(description="The CRM's own ids of the accounts that were merged.", examples=[["1A", "2B"]])
    into: ShortText = Field(description="The id that it has from now on: one of those, or a new one.", examples=["2B"])

    @model_validator(mode="after")
    def _merges_something(self) -> Self:
        if self.crm_ids == (self.into,):
            raise ValueError("an account is not merged into itself")
        return self
