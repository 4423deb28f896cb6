"""A process of its own that raises tallies on a database: `rival_process.py URL COUNT`."""

import asyncio
import sys

from service.database import open_database
from tests.service.tally import PROGRAMME, Raise, appenders


async def main(url: str, count: int) -> None:
    """Raises a shared tally so many times, 25 in flight."""
    database = open_database(url)
    process = appenders(database)
    for _ in range(count // 25):
        await asyncio.gather(*(process.submit(PROGRAMME, Raise(tally="shared")) for _ in range(25)))
    await process.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
