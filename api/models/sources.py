"""Sources of webhooks."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from api.models.base import Answer, InstantOut, Written
from service.payloads.base import Request, Slug
from service.source_commands import secret_is_usable
from service.sources import SourceKind


def _usable(text: str) -> str:
    if not secret_is_usable(text):
        raise ValueError("a secret is whsec_ and 24 to 64 bytes in base64")
    return text


Secret = Annotated[str, Field(min_length=38, max_length=100), AfterValidator(_usable)]


class AddSource(Request):
    """Make a source of webhooks known."""

    id: Slug = Field(description="Its id, new in the whole database: its URL is /webhooks/{id}.", examples=["crm"])
    kind: SourceKind = Field(description="How its webhooks are signed and written.", examples=["standard"])
    secret: Secret | None = Field(
        default=None,
        description="The secret that it signs with; default: one is made.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    mapping: Annotated[dict[str, Any], Field(max_length=200)] = Field(
        default_factory=dict, description="How its fields are read; empty for `standard`.", examples=[{}]
    )


class RotateSecret(Request):
    """Give a source a new secret."""

    secret: Secret | None = Field(
        default=None,
        description="The new one; default: one is made.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    old_valid_for_hours: Annotated[int, Field(ge=0, le=720)] = Field(
        default=24, description="How long the secrets that it has stay good.", examples=[24]
    )


class SourceSecret(Answer):
    """A secret of a source, without the secret itself."""

    id: str = Field(description="Its id.", examples=["sec_77"])
    created_at: InstantOut = Field(description="When it was made.")
    valid_until: InstantOut | None = Field(description="Its end, excluded; null for the newest.")


class Source(Answer):
    """A source of webhooks."""

    id: str = Field(description="Its id.", examples=["crm"])
    kind: SourceKind = Field(description="How its webhooks are signed and written.", examples=["standard"])
    mapping: dict[str, Any] = Field(description="How its fields are read.", examples=[{}])
    created_at: InstantOut = Field(description="When it was made.")
    secrets: list[SourceSecret] = Field(description="The secrets, oldest first.")


class SourceAdded(Source, Written):
    """A new source with its secret, which is shown this once."""

    secret: str = Field(description="The secret.", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class SecretRotated(Written):
    """A new secret, which is shown this once."""

    id: str = Field(description="The source.", examples=["crm"])
    secret: str = Field(description="The new secret.", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    old_valid_until: InstantOut = Field(description="Until when the others stay good, excluded.")


class SourcePage(Answer):
    """A page of sources, by id."""

    items: list[Source] = Field(description="The sources.")
    next: str | None = Field(description="Give it as `after` for the next page.", examples=[None])
