"""Every table of the project, in a database that has none."""

import importlib
from pathlib import Path

from sqlalchemy import URL

from projections.metadata import metadata
from service.database import open_database, write

ROOT = Path(__file__).parents[2]


async def create_tables(url: URL) -> None:
    """Make all tables that modules of service/ and projections/ declare."""
    for folder in ("projections", "service"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "projections.metadata" in file.read_text():
                importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    database = open_database(url)
    try:
        async with write(database.engine) as connection:
            await connection.run_sync(metadata.create_all)
    finally:
        await database.close()
