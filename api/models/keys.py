"""API keys."""

from typing import Self

from pydantic import Field, model_validator

from api.models.base import Answer, InstantOut, Written
from service.access import Role
from service.payloads.base import Request, ShortText, Slug


class IssueKey(Request):
    """Make an API key."""

    role: Role = Field(description="What it may do.", examples=["partner"])
    partner: Slug | None = Field(
        default=None,
        description="The partner that a key of this role is bound to.",
        examples=["northwind"],
    )
    name: ShortText = Field(description="What it is for; not the name of a person.", examples=["Northwind portal"])

    @model_validator(mode="after")
    def _is_bound_to_a_partner_or_not(self) -> Self:
        if (self.partner is not None) != (self.role == "partner"):
            raise ValueError("a partner is stated for the role partner, and only for it")
        return self


class Key(Answer):
    """An API key, without its secret."""

    id: str = Field(description="Its id; events name it as their actor.", examples=["key_1f"])
    role: Role = Field(description="What it may do.", examples=["partner"])
    partner: str | None = Field(description="The partner that it is bound to.", examples=["northwind"])
    name: str = Field(description="What it is for.", examples=["Northwind portal"])
    created_at: InstantOut = Field(description="When it was made, by the real clock.")
    created_by: str = Field(description="Which key made it.", examples=["key_0a"])
    revoked_at: InstantOut | None = Field(description="When it ended, by the real clock.")


class KeyIssued(Key, Written):
    """A new key with its secret, which is shown this once."""

    key: str = Field(description="The key itself.", examples=["fc_default_5d41…"])


class KeyRevoked(Key, Written):
    """A key that has ended."""


class KeyPage(Answer):
    """A page of keys."""

    items: list[Key] = Field(description="Oldest first.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
