"""What the record already holds of the requests and deliveries of a batch: read for every batch, never remembered."""

from collections.abc import Iterable
from json import dumps
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import Instant, ProgrammeId
from projections.look_up import look_up
from service.schema import record_deliveries, record_requests
from service.work import Answer, DeliveryRow, RequestKey

RequestId = tuple[str, str]
"""An API key's id and an idempotency key."""
DeliveryId = tuple[str, str]
"""A source and the delivery's id there."""

DELIVERY_COLUMNS: Final = (
    "source, delivery_id, received_at, body, body_hash, headers, outcome, reason, errors, position, waits_for,"
    " registration, answer"
)
# `arrival + 0` keeps the planner from walking through all arrivals instead of those that wait.
WAITING: Final = {
    "postgresql": text(
        "SELECT d.* FROM unnest(CAST(:keys AS TEXT[])) AS k(key) CROSS JOIN LATERAL ("
        f"SELECT {DELIVERY_COLUMNS}, arrival FROM record_deliveries"
        " WHERE programme = :programme AND waits_for = k.key AND arrival + 0 > :after"
        " ORDER BY arrival + 0 LIMIT :at_most) AS d"
        " ORDER BY d.arrival LIMIT :at_most"
    ),
    "sqlite": text(
        f"SELECT {DELIVERY_COLUMNS}, arrival FROM json_each(:keys) AS k CROSS JOIN record_deliveries"
        " WHERE programme = :programme AND waits_for = k.value AND arrival > :after ORDER BY arrival LIMIT :at_most"
    ),
}


class StoredRequest(NamedTuple):
    """A request that was answered: its hash and the answer, whose body is None when it held a secret."""

    request_hash: bytes
    body: bytes | None
    created: bool
    position: int | None
    recorded_at: Instant | None

    def replay(self) -> Answer:
        """The answer as a repeat gets it."""
        assert self.body is not None
        return Answer(
            body=self.body,
            position=self.position,
            recorded_at=self.recorded_at,
            created=self.created,
            replayed=True,
        )


async def find_requests(
    connection: AsyncConnection, programme: ProgrammeId, keys: Iterable[RequestKey]
) -> dict[RequestId, StoredRequest]:
    """Those of the requests that were answered before."""
    rows = await look_up(
        connection,
        record_requests,
        where={"programme": programme},
        by=("api_key", "idempotency_key"),
        keys=[(key.api_key_id, key.idempotency_key) for key in keys],
    )
    values: list[tuple[Any, ...]] = [tuple(row) for row in rows]
    return {(row[1], row[2]): StoredRequest._make(row[3:8]) for row in values}


async def find_deliveries(
    connection: AsyncConnection, programme: ProgrammeId, keys: Iterable[DeliveryId]
) -> dict[DeliveryId, DeliveryRow]:
    """Those of the deliveries that are stored, by source and delivery id."""
    rows = await look_up(
        connection,
        record_deliveries,
        where={"programme": programme},
        by=("source", "delivery_id"),
        keys=keys,
    )
    return {(found.source, found.delivery_id): found for found in map(delivery_row, rows)}


async def find_waiting(
    connection: AsyncConnection, programme: ProgrammeId, keys: Iterable[str], *, after: int, at_most: int
) -> list[tuple[int, DeliveryRow]]:
    """The parked deliveries that wait for one of these, each with its arrival, in that order, at most so many."""
    listed = list(keys)
    statement = WAITING[connection.dialect.name]
    parameters = {
        "programme": programme,
        "keys": listed if connection.dialect.name == "postgresql" else dumps(listed),
        "after": after,
        "at_most": at_most,
    }
    return [(row.arrival, delivery_row(row)) for row in await connection.execute(statement, parameters)]


def delivery_row(row: Row[Any]) -> DeliveryRow:
    """A row of `record_deliveries`, read with any of its columns beyond those that the work sees."""
    columns: dict[str, Any] = row._asdict()
    columns.pop("programme", None)
    columns.pop("arrival", None)
    return DeliveryRow(**columns)
