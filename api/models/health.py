"""Health."""

from typing import Literal

from pydantic import Field

from api.models.base import Answer


class Alive(Answer):
    """The process lives."""

    status: Literal["ok"] = Field(description="Always `ok`.", examples=["ok"])


class Checks(Answer):
    """What readiness depends on: `ok`, or what is wrong."""

    database: str = Field(description="The database is reached.", examples=["ok"])
    migrations: str = Field(description="Its schema is this version's.", examples=["ok"])
    log: str = Field(description="The log can be written.", examples=["ok"])
    followers: str = Field(description="The views are within bounds.", examples=["ok"])


class Ready(Answer):
    """Whether the process can do its work now."""

    ready: bool = Field(description="Whether all checks are `ok`.", examples=[True])
    checks: Checks = Field(description="Check by check.")
