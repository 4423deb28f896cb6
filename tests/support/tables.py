"""Every table of the project, in a database that has none."""

from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL

from service.database import open_database, write
from service.migrate import steps
from service.migrations.declared import declared_tables


async def create_tables(url: URL) -> None:
    """Make all tables that modules of service/ and projections/ declare, and say that no migration is missing."""
    database = open_database(url)
    try:
        async with write(database.engine) as connection:
            await connection.run_sync(declared_tables().create_all)
            await connection.run_sync(lambda bound: MigrationContext.configure(bound).stamp(steps(), "head"))
    finally:
        await database.close()
