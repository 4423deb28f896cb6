"""Writing a batch: whatever its texts hold is stored as it is."""

import asyncio
from hashlib import sha256

import pytest

from projections.packing import ABSENT, SEPARATOR
from service.appenders import Appenders
from service.database import Database
from service.work import Cause, DeliveryRef, RequestKey
from tests.service.tally import PROGRAMME, Deliver, Raise
from tests.service.whole_log import whole_log

STRANGE = ["", "plain", SEPARATOR, ABSENT, f"a{SEPARATOR}b", f"{ABSENT}x", "é\u2028'\"\\{},NULL", "null", " "]


@pytest.mark.parametrize("together", [True, False])
async def test_every_text_is_stored_as_it_is(log: Database, process: Appenders, together: bool) -> None:
    """Actors, causes, streams and keys, alone and many at once, with and without a cause."""
    await process.submit(PROGRAMME, Raise(tally="a"))
    works = [
        Raise(
            tally=f"{text}/{n}",
            actor=text,
            cause=Cause(text) if n % 2 else None,
            request=RequestKey(text, f"{text}{n}", b"h" * 32),
        )
        for n, text in enumerate(STRANGE)
    ]
    if together:
        await asyncio.gather(*(process.submit(PROGRAMME, work) for work in works))
    else:
        for work in works:
            await process.submit(PROGRAMME, work)
    rows = (await whole_log(log))[1:]
    assert [(row.stream, row.actor, row.cause) for row in rows] == [
        (f"tally/{work.tally}", work.actor, work.cause) for work in works
    ]
    for work in works:
        assert (await process.submit(PROGRAMME, work)).replayed


async def test_a_delivery_with_a_strange_id_is_recognised(log: Database, process: Appenders) -> None:
    """Whatever a CRM calls its deliveries."""
    await process.submit(PROGRAMME, Raise(tally="a"))
    for text in STRANGE:
        work = Deliver(tally="a", delivery=DeliveryRef("crm", text, sha256(b"{}").digest()))
        assert not (await process.submit(PROGRAMME, work)).replayed
        assert (await process.submit(PROGRAMME, work)).replayed
    assert len(await whole_log(log)) == 1 + len(STRANGE)
