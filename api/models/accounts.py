"""Accounts: under what a customer is known, and what stands on it. For staff only."""

from typing import Self

from pydantic import Field, model_validator

from api.models.base import Answer, Written
from api.models.registrations import RegistrationStatus
from service.payloads.base import LongText, Request, ShortText, Slug
from service.payloads.countries import Country
from service.payloads.registration import Domain


class CrmAccount(Request):
    """An account in a CRM."""

    source: Slug = Field(description="The source of webhooks that speaks for the CRM.", examples=["crm"])
    id: ShortText = Field(description="The CRM's own id.", examples=["001A"])


class AddAlias(Request):
    """What the customer is called too: after it was renamed, or by a second domain."""

    name: ShortText | None = Field(
        default=None, description="Another name; with its country.", examples=["Acme Holding SE"]
    )
    country: Country | None = Field(default=None, description="An ISO 3166 country.", examples=["DE"])
    domain: Domain | None = Field(default=None, description="Another domain.", examples=["acme-holding.example"])
    crm: CrmAccount | None = Field(default=None, description="Another account of it in a CRM.")
    site: ShortText | None = Field(default=None, description="The site that this is about.", examples=[None])
    reason: LongText = Field(description="How it is known.", examples=["Renamed on 1 October; see the register."])

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.name is None and self.domain is None and self.crm is None:
            raise ValueError("state a name, a domain or an account in a CRM")
        if self.name is not None and self.country is None:
            raise ValueError("a name is known together with its country")
        return self


class MergeAccounts(Request):
    """Say that another account is this one."""

    account: ShortText = Field(description="The account that is merged into this one.", examples=["acc_3f"])
    reason: LongText = Field(description="How it is known.", examples=["One customer; see its annual report."])


class Alias(Answer):
    """What the customer is called too."""

    name: str | None = Field(description="A name.", examples=["Acme Holding SE"])
    country: str | None = Field(description="An ISO 3166 country.", examples=["DE"])
    domain: str | None = Field(description="An internet domain.", examples=["acme-holding.example"])
    crm_id: str | None = Field(description="An account in a CRM, `<source>/<id>`.", examples=["crm/001A"])
    site: str | None = Field(description="The site that this is about.", examples=[None])


class RegistrationOnAccount(Answer):
    """A registration on the account."""

    id: str = Field(description="Its id.", examples=["reg_7Q"])
    partner: str = Field(description="Its partner.", examples=["northwind"])
    status: RegistrationStatus = Field(description="Where it is in its life.", examples=["approved"])


class Account(Answer):
    """A customer: under what it is known, and what stands on it."""

    id: str = Field(description="Its id; of a merged account, that of the one it was merged into.", examples=["acc_7Q"])
    names: list[str] = Field(description="Its names.", examples=[["Acme GmbH"]])
    countries: list[str] = Field(description="The countries that were stated.", examples=[["DE"]])
    domains: list[str] = Field(description="Its internet domains.", examples=[["acme.example"]])
    crm_ids: list[str] = Field(description="Its accounts in CRMs, `<source>/<id>`.", examples=[["crm/001A"]])
    aliases: list[Alias] = Field(description="What staff or a CRM said that it is called too.")
    absorbed: list[str] = Field(description="The accounts that were merged into it.", examples=[["acc_3f"]])
    registrations: list[RegistrationOnAccount] = Field(description="All on it, in the order of their positions.")
    conflicts: list[str] = Field(description="Its conflict cases.", examples=[["cft_41"]])


class AccountWritten(Account, Written):
    """An account after a request that changed it."""
