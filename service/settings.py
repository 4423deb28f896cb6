"""What the operator may set: environment variables named FIRSTCLAIM_…, or the same names in `.env`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from service.database import database_url


class Settings(BaseSettings):
    """The settings of one process. A variable that is set but empty counts as unset.

    `FIRSTCLAIM_DATABASE_URL` is read as `configured_database_url`; use `database_url`, which knows the default.
    """

    model_config = SettingsConfigDict(
        env_prefix="FIRSTCLAIM_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    configured_database_url: str | None = Field(default=None, validation_alias="FIRSTCLAIM_DATABASE_URL", repr=False)
    data_dir: Path = Path(".data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None

    @property
    def database_url(self) -> URL:
        """Where the log is: as configured, else a file in the data folder."""
        if self.configured_database_url is not None:
            return database_url(self.configured_database_url)
        return URL.create("sqlite+aiosqlite", database=str(self.data_dir / "firstclaim.db"))
