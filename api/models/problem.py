"""The shape of a problem (RFC 9457)."""

from pydantic import ConfigDict, Field

from api.models.base import Answer


class FieldProblem(Answer):
    """One thing that is wrong with a payload."""

    field: str = Field(description="Where, as a path with dots; empty for the whole.", examples=["account.country"])
    code: str = Field(description="Which kind of mistake.", examples=["missing"])
    message: str = Field(description="A sentence for a person.", examples=["Field required"])


class ProblemAnswer(Answer):
    """An RFC 9457 problem. A refusal's facts (such as `registration`) are further members."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        json_schema_extra={"required": ["type", "title", "status", "detail", "code"]},
    )

    type: str = Field(description="A URN for the code.", examples=["urn:firstclaim:problem:NOT_FOUND"])
    title: str = Field(description="The code in words.", examples=["Not found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="A sentence for a person.", examples=["There is no such registration."])
    code: str = Field(description="Stable, for programs.", examples=["NOT_FOUND"])
    errors: list[FieldProblem] | None = Field(
        default=None, description="Only for a malformed payload: what is wrong, field by field.", examples=[None]
    )
