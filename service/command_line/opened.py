"""The database that a command works on, opened only when it is fit to work on, and the programme that is meant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, select
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import ProgrammeId
from service.assembly import assembled
from service.command_line.failed import Failed, wrong_use
from service.database import Database, open_database, read
from service.migrate import is_current, upgrade
from service.running import Service
from service.schema import record_heads
from service.settings import Settings


@asynccontextmanager
async def opened_database(settings: Settings, *, makes: bool = False) -> AsyncIterator[Database]:
    """The database with the schema of this release.

    With `makes`, an embedded one is made and brought up to date; PostgreSQL is an operator's, who runs `migrate`.
    """
    url = url_of(settings)
    embedded = url.get_backend_name() == "sqlite"
    database = opened_at(url, makes=makes)
    try:
        if not await is_current(database.engine):
            if not (embedded and makes):
                raise Failed("the database has an older schema than this release: run `firstclaim migrate` first")
            await upgrade(database.engine)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def opened_service(settings: Settings) -> AsyncIterator[Service]:
    """The service on its database, to give it a command; it follows nothing and answers no HTTP."""
    async with opened_database(settings) as database:
        service = assembled(database, follows=False)
        try:
            yield service
        finally:
            await service.close()


def opened_at(url: URL, *, makes: bool = True) -> Database:
    """Engines for a URL of one of the two databases; unless it `makes` one, an embedded database must be there."""
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise wrong_use("FIRSTCLAIM_DATABASE_URL names no file: an SQLite log is a file")
        if not makes and not Path(str(url.database)).exists():
            raise wrong_use(f"there is no database at {url.database}: make one with `firstclaim init`")
    try:
        return open_database(url)
    except (ArgumentError, ImportError) as error:
        raise wrong_use(f"FIRSTCLAIM_DATABASE_URL cannot be used: {error}") from None


def url_of(settings: Settings) -> URL:
    """The database's URL, which is one of SQLite or PostgreSQL."""
    try:
        url = settings.database_url
        backend = url.get_backend_name()
    except ArgumentError:
        raise wrong_use("FIRSTCLAIM_DATABASE_URL is not a database's URL, such as postgresql://…") from None
    if backend not in ("sqlite", "postgresql"):
        raise wrong_use(f"FIRSTCLAIM_DATABASE_URL is of {backend}; it can be of postgresql or sqlite")
    return url


async def programmes_in(engine: AsyncEngine) -> list[ProgrammeId]:
    """Every programme of the database, those included whose beginning was broken off."""
    async with read(engine) as connection:
        found = await connection.scalars(select(record_heads.c.programme).order_by(record_heads.c.programme))
        return [ProgrammeId(programme) for programme in found]


async def programme_meant(engine: AsyncEngine, stated: str | None) -> ProgrammeId:
    """The programme that is stated, or the only one."""
    found = await programmes_in(engine)
    if not found:
        raise wrong_use("there is no programme in the database yet: make one with `firstclaim init`")
    if stated is None:
        if len(found) > 1:
            raise wrong_use(f"there are several programmes ({', '.join(found)}): say which with --programme")
        return found[0]
    if stated not in found:
        raise wrong_use(f"there is no programme {stated!r} in the database, but {', '.join(found)}")
    return ProgrammeId(stated)
