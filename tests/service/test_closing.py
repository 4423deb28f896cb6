"""Closing many partners: computed beside the head's lock, recorded under it as one decision (rules §7)."""

import json
from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from domain.calendar import local_date, period_of
from domain.commission_period.events import CommissionPeriodClosed
from domain.refusal import Refusal
from service import closing
from service.audit import verify_log
from service.chain import EventRow
from service.commands.periods import Close
from service.database import Database
from service.event_names import EVENT_TYPES
from service.event_store import read_log
from service.work import Unavailable, WorkFailed
from tests.projections.story import BERLIN, PROGRAMME, Story, begin


@pytest_asyncio.fixture
async def story(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Story]:
    """Every partner has won a deal today; closings are computed two partners at a time and written event by event."""
    monkeypatch.setattr(closing, "PARTNERS_AT_ONCE", 2)
    monkeypatch.setattr(closing, "BYTES_AT_ONCE", 0)
    monkeypatch.setattr(closing, "IN_MEMORY_BYTES", 1_000)
    monkeypatch.setattr(closing, "FEW", 3)
    story = await begin(database, seed=8)
    for partner in story.partners:
        await win(story, partner)
    yield story
    await story.service.close()


def today(story: Story) -> date:
    """The day that it is in the story."""
    return local_date(story.now, BERLIN)


async def win(story: Story, partner: str) -> None:
    """One more deal of a partner is won."""
    await story.register(partner, f"Customer of {partner} {len(story.deals)}", "1000.00", "USD", ["edge"])
    await story.report("deal.won", deal_id=story.deals[-1], won_on=today(story).isoformat())


def close(story: Story) -> Close:
    """Close the running quarter of everybody."""
    period = period_of(today(story), "quarter")
    return Close(actor="finance", period=period, partner=None, force=True, reader=story.service.statements)


async def closings(story: Story) -> dict[str, CommissionPeriodClosed]:
    """What the log says was closed with lines, by partner."""
    rows: list[EventRow] = [row async for chunk in read_log(story.service.engine, PROGRAMME) for row in chunk]
    events = [EVENT_TYPES.decode(row.type_name, row.body) for row in rows]
    found = [event for event in events if isinstance(event, CommissionPeriodClosed)]
    return {event.partner: event for event in found if event.statement.lines}


async def test_a_closing_computed_beside_the_lock_is_recorded_whole_and_holds_before_an_audit(story: Story) -> None:
    """However many parts it is written in; every statement was read to the log's end, and is what the log leads to."""
    work, head = close(story), story.position
    computed: list[tuple[int, int]] = []
    await work.compute(story.service.reading, PROGRAMME, lambda done, of: computed.append((done, of)))
    recorded: list[tuple[int, int]] = []
    work.recording = lambda done, of: recorded.append((done, of))
    answer = await story.service.submit(PROGRAMME, work)
    partners = len(story.partners)
    assert computed[-1] == (partners, partners)
    assert recorded[-1] == (partners, partners)
    found = await closings(story)
    assert set(found) == set(story.partners)
    assert {event.read_to for event in found.values()} == {head}
    assert answer.position is not None and answer.position > head
    verdict = await verify_log(story.service.engine, PROGRAMME)
    assert verdict.agrees, verdict.first_disagreement
    again = close(story)
    await again.compute(story.service.reading, PROGRAMME)
    repeated = await story.service.submit(PROGRAMME, again)
    assert repeated.position is None
    assert json.loads(repeated.body)["closed"] == json.loads(answer.body)["closed"]


async def test_what_is_won_while_the_others_are_computed_is_in_the_statement(story: Story) -> None:
    """Under the lock those are computed again whose inputs changed; all are read to the same position."""
    work = close(story)
    await work.compute(story.service.reading, PROGRAMME)
    await win(story, "fabrikam")
    await story.service.submit(PROGRAMME, work)
    found = await closings(story)
    own = [line.account for line in found["fabrikam"].statement.lines]
    assert "Customer of fabrikam 5" in own
    assert {event.read_to for event in found.values()} == {story.position}
    verdict = await verify_log(story.service.engine, PROGRAMME)
    assert verdict.agrees, verdict.first_disagreement


async def test_a_closing_that_too_much_has_overtaken_is_to_be_asked_for_again(story: Story) -> None:
    """The lock is not held while everybody's statements are computed: nothing is closed, and nothing is lost."""
    work = close(story)
    await work.compute(story.service.reading, PROGRAMME)
    await story.publish(45, "automatic")
    with pytest.raises(Unavailable, match="too much has changed"):
        await story.service.submit(PROGRAMME, work)
    assert await closings(story) == {}
    await work.compute(story.service.reading, PROGRAMME)
    await story.service.submit(PROGRAMME, work)
    assert set(await closings(story)) == set(story.partners)
    verdict = await verify_log(story.service.engine, PROGRAMME)
    assert verdict.agrees, verdict.first_disagreement


async def test_one_refusal_closes_nothing_whenever_it_comes(story: Story) -> None:
    """Beside the lock, or under it: a partner has something to state in an earlier period by then."""
    period = period_of(today(story), "quarter").next()
    later = Close(actor="finance", period=period, partner=None, force=True, reader=story.service.statements)
    with pytest.raises(Refusal, match="which is to be closed first"):
        await later.compute(story.service.reading, PROGRAMME)
    with pytest.raises(Refusal, match="which is to be closed first"):
        await story.service.submit(PROGRAMME, later)
    assert await closings(story) == {}


async def test_a_batch_that_fails_after_writing_ahead_leaves_nothing(story: Story) -> None:
    """What was written before the head moved goes with the transaction."""
    work = close(story)
    await work.compute(story.service.reading, PROGRAMME)

    def stumble(done: int, _of: int) -> None:
        if done == 4:
            raise ZeroDivisionError

    work.recording = stumble
    with pytest.raises(WorkFailed):
        await story.service.submit(PROGRAMME, work)
    assert await closings(story) == {}
    work.recording = lambda _done, _of: None
    await story.service.submit(PROGRAMME, work)
    assert set(await closings(story)) == set(story.partners)
