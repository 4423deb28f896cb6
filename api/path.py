"""The parameters that stand in paths."""

from typing import Annotated

from fastapi import Path

Registration = Annotated[str, Path(description="A registration's id.", examples=["reg_7Q"])]
Partner = Annotated[str, Path(description="A partner's id.", examples=["northwind"])]
Case = Annotated[str, Path(description="A conflict case's id.", examples=["cft_41"])]
ShareProposal = Annotated[str, Path(description="A proposal's id.", examples=["shp_7Q"])]
Period = Annotated[str, Path(description="A commission period.", examples=["2026-Q4"])]
Dispute = Annotated[str, Path(description="A dispute's id.", examples=["dsp_41"])]
Source = Annotated[str, Path(description="A source's id.", examples=["crm"])]
Delivery = Annotated[str, Path(description="A delivery's id.", examples=["msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"])]
Key = Annotated[str, Path(description="A key's id.", examples=["key_1f"])]
Level = Annotated[str, Path(description="A training level.", examples=["sales"])]
