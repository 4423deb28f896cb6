"""Bank accounts: to which a partner is paid, and from which the vendor pays."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from stdnum import bic, iban
from stdnum.exceptions import ValidationError

from api.models.base import Answer, Written
from service.payloads.base import Request


def _iban(text: str) -> str:
    try:
        return str(iban.validate(text))
    except ValidationError as failure:
        raise ValueError("this is no IBAN: its length, its letters or its check digits are wrong") from failure


def _bic(text: str) -> str:
    try:
        return str(bic.validate(text))
    except ValidationError as failure:
        raise ValueError("this is no BIC of eight or eleven characters") from failure


class StateBankAccount(Request):
    """A bank account."""

    holder: Annotated[str, StringConstraints(min_length=1, max_length=70, pattern=r"\S")] = Field(
        description="Whose it is, by name.", examples=["Northwind Traders Ltd"]
    )
    iban: Annotated[str, StringConstraints(max_length=50), AfterValidator(_iban)] = Field(
        description="Its IBAN; spaces do not count.", examples=["DE89 3704 0044 0532 0130 00"]
    )
    bic: Annotated[str, StringConstraints(max_length=20), AfterValidator(_bic)] | None = Field(
        default=None, description="The bank's BIC.", examples=["COBADEFFXXX"]
    )


class BankAccount(Answer):
    """A bank account."""

    holder: str = Field(description="Whose it is.", examples=["Northwind Traders Ltd"])
    iban: str = Field(description="Its IBAN without spaces.", examples=["DE89370400440532013000"])
    bic: str | None = Field(description="The bank's BIC.", examples=["COBADEFFXXX"])


class BankAccountStated(BankAccount, Written):
    """A bank account that was stated. No event holds it, so that `position` is null."""
