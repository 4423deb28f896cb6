"""The parameters that stand in paths."""

from typing import Annotated, Final

from fastapi import Path

from api.problems import mistake
from domain import calendar

Registration = Annotated[str, Path(description="A registration's id.", examples=["reg_7Q"])]
Account = Annotated[str, Path(description="An account's id.", examples=["acc_7Q"])]
Partner = Annotated[str, Path(description="A partner's id.", examples=["northwind"])]
Case = Annotated[str, Path(description="A conflict case's id.", examples=["cft_41"])]
Lead = Annotated[str, Path(description="A lead's id.", examples=["lead_7Q"])]
ShareProposal = Annotated[str, Path(description="A proposal's id.", examples=["shp_7Q"])]
Quarter = Annotated[str, Path(description="A quarter.", examples=["2026-Q4"])]
Year = Annotated[str, Path(description="A fiscal year, by the year that it begins in.", examples=["2026"])]
Spiff = Annotated[str, Path(description="A SPIFF's id.", examples=["edge-launch"])]
Period = Annotated[str, Path(description="A commission period.", examples=["2026-Q4"])]
Dispute = Annotated[str, Path(description="A dispute's id.", examples=["dsp_41"])]
Source = Annotated[str, Path(description="A source's id.", examples=["crm"])]
Delivery = Annotated[str, Path(description="A delivery's id.", examples=["msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"])]
Number = Annotated[str, Path(description="A number, counted from 1.", examples=["1"])]
Key = Annotated[str, Path(description="A key's id.", examples=["key_1f"])]
Level = Annotated[str, Path(description="A training level.", examples=["sales"])]

NUMBER_DIGITS_MOST: Final = 9


def number_of(text: str) -> int | None:
    """The number in a path; None where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_MOST else None


def period_of(text: str) -> calendar.Period:
    """The commission period in a path; 422 for what is none."""
    try:
        return calendar.period_from(text)
    except ValueError as failure:
        raise mistake("period", "value_error", str(failure)) from None
