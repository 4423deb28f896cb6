"""What the record may forget, and what it never does."""

from hashlib import sha256

import pytest
from sqlalchemy import func, select

from domain.ids import Instant
from service import record_pruning
from service.appenders import Appenders
from service.database import Database, read
from service.erasure import erase_delivery
from service.host_time import host_now
from service.record_pruning import KEPT_MICROSECONDS, prune_requests
from service.schema import record_deliveries, record_requests
from service.work import RequestKey
from tests.service.tally import PROGRAMME, Raise
from tests.service.test_deliveries import delivery
from tests.service.whole_log import whole_log


async def test_answers_are_forgotten_after_thirty_days(
    log: Database, process: Appenders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then a repeat gets the first answer; after it, the request is a new one."""
    monkeypatch.setattr(record_pruning, "REQUESTS_AT_ONCE", 2)
    requests = [RequestKey("key_1", f"k-{n}", b"h" * 32) for n in range(5)]
    for request in requests:
        await process.submit(PROGRAMME, Raise(tally="a", request=request))
    assert await prune_requests(log.engine, PROGRAMME, host_now()) == 0
    assert (await process.submit(PROGRAMME, Raise(tally="a", request=requests[0]))).replayed
    later = Instant(host_now() + KEPT_MICROSECONDS)
    assert await prune_requests(log.engine, PROGRAMME, later) == 5
    async with read(log.engine) as connection:
        assert await connection.scalar(select(func.count()).select_from(record_requests)) == 0
    assert not (await process.submit(PROGRAMME, Raise(tally="a", request=requests[0]))).replayed


async def test_an_erased_body_leaves_its_digest(log: Database, process: Appenders) -> None:
    """The id, the digest, the outcome and the position stay, and a repeat is still recognised."""
    await process.submit(PROGRAMME, Raise(tally="a"))
    await process.submit(PROGRAMME, delivery("msg_1", body=b"personal"))
    assert await erase_delivery(log.engine, PROGRAMME, "crm", "msg_1")
    assert not await erase_delivery(log.engine, PROGRAMME, "crm", "msg_2")
    async with read(log.engine) as connection:
        row = (await connection.execute(select(record_deliveries))).one()
    assert (row.body, row.headers, row.outcome, row.position) == (None, "{}", "applied", 2)
    assert row.body_hash == sha256(b"personal").digest()
    assert (await process.submit(PROGRAMME, delivery("msg_1", body=b"personal"))).replayed
    assert len(await whole_log(log)) == 2
