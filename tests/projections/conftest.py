"""A toy programme with its views on each database."""

from dataclasses import dataclass

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from projections.projection import Projection
from projections.rebuild import Rebuild, followers_lock
from projections.runner import Runner
from service.database import Database, write
from service.log_source import LogSource, transactions
from tests.projections.toy import PROGRAMME, TYPES, Reports, Totals, begin_log, toy_metadata


@dataclass(slots=True)
class Toy:
    """The toy programme: its engine, and its two views in their order."""

    engine: AsyncEngine
    totals: Totals
    reports: Reports

    @property
    def projections(self) -> list[Projection]:
        """The views in the runner's order."""
        return [self.totals, self.reports]

    def runner(self, events_per_chunk: int = 500) -> Runner:
        """A runner as one process would have it."""
        source = LogSource(TYPES)
        return Runner(PROGRAMME, self.projections, source, transactions(self.engine), events_per_chunk)

    def rebuild(self, events_per_chunk: int = 500) -> Rebuild:
        """A rebuild of both views."""
        group = self.projections
        return Rebuild(
            PROGRAMME,
            group,
            LogSource(TYPES),
            transactions(self.engine),
            followers_lock(PROGRAMME, group),
            lambda _position, _target: None,
            events_per_chunk,
        )


@pytest_asyncio.fixture
async def toy(database: Database) -> Toy:
    """The toy programme with an empty log."""
    async with write(database.engine) as connection:
        await connection.run_sync(toy_metadata.create_all)
    await begin_log(database.engine)
    return Toy(database.engine, Totals(), Reports())
