"""Every table of the project, in a database that has none."""

from sqlalchemy import URL

from service.database import open_database, write
from service.migrations.declared import declared_tables


async def create_tables(url: URL) -> None:
    """Make all tables that modules of service/ and projections/ declare, without going through the migrations."""
    database = open_database(url)
    try:
        async with write(database.engine) as connection:
            await connection.run_sync(declared_tables().create_all)
    finally:
        await database.close()
