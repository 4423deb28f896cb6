"""The customer's own choice between partners."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.models.base import Written
from api.models.registrations import Registration
from service.payloads.base import Day, LongText, Request


class CustomerPreference(Request):
    """The customer chose the partner of this registration, in a letter that is kept elsewhere."""

    letter_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="The SHA-256 of the letter's file, in lower-case hexadecimal digits.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    dated_on: Day = Field(description="The day that the letter bears.", examples=["2026-11-20"])
    reason: LongText = Field(description="Why it is followed.", examples=["Signed by the head of procurement."])


class CustomerPreferenceRecorded(Written):
    """The chosen registration is first now, by decision."""

    registration: Registration = Field(description="As it stands.")
    conflicts: list[str] = Field(
        description="The cases of kind `customer_preference`, one for each product, decided as `reassign`.",
        examples=[["cft_41"]],
    )
